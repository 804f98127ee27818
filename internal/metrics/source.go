package metrics

import (
	"context"
	"sync"
	"time"

	"go.opentelemetry.io/collector/pdata/pcommon"
	"go.opentelemetry.io/collector/pdata/pmetric"
	"go.opentelemetry.io/otel/metric"
	"go.opentelemetry.io/otel/sdk/instrumentation"
	sdkmetric "go.opentelemetry.io/otel/sdk/metric"
	"go.opentelemetry.io/otel/sdk/metric/exemplar"
	"go.opentelemetry.io/otel/sdk/metric/metricdata"
	"go.opentelemetry.io/otel/sdk/resource"

	"github.com/cmscdr/cmscdrreceiver/internal/cdr"
	"github.com/cmscdr/cmscdrreceiver/internal/correlate"
)

// Source holds the series of one source. It is safe for concurrent use.
type Source struct {
	instruments
	allSeries
	resource pcommon.Resource
	reader   *sdkmetric.ManualReader

	mu sync.Mutex
	// countsDirectly is set when the initial zeros were collected, or earlier if too much was
	// pending or the receiver shuts down. Until then committed stages are pending, so
	// that the first event is visible as an increase from 0.
	countsDirectly bool
	pending        []*Stage
	// pendingCount is the number of pending counts and values. It has no meaning once
	// countsDirectly is set.
	pendingCount int
	// released is set if the next collection removes the source, or the one after it if
	// stages are pending. The aggregator's lock guards it.
	released bool
}

// maxSeries limits the series of one metric and source. The SDK counts further ones in an
// overflow series. The values that the attributes can have allow more combinations, but
// real servers do not produce them.
const maxSeries = 1000

func newSource(scope instrumentation.Scope, sourceResource pcommon.Resource, disabled []string) (*Source, error) {
	reader := sdkmetric.NewManualReader()
	options := []sdkmetric.Option{
		sdkmetric.WithReader(reader),
		// The resource comes from pdata; the SDK's own would describe this process.
		sdkmetric.WithResource(resource.Empty()),
		// Values have the span of their entity as exemplar; counts have none.
		sdkmetric.WithExemplarFilter(exemplar.TraceBasedFilter),
		sdkmetric.WithCardinalityLimit(maxSeries),
	}
	for _, name := range disabled {
		options = append(options, sdkmetric.WithView(sdkmetric.NewView(
			sdkmetric.Instrument{Name: name}, sdkmetric.Stream{Aggregation: sdkmetric.AggregationDrop{}},
		)))
	}
	all, err := newInstruments(sdkmetric.NewMeterProvider(options...).Meter(
		scope.Name, metric.WithInstrumentationVersion(scope.Version), metric.WithSchemaURL(scope.SchemaURL),
	))
	s := &Source{instruments: all, resource: sourceResource, reader: reader}
	s.addZeros()
	return s, err
}

// addZeros adds 0 to the counters without attributes, to those with one attribute for each
// listed value, and to the open legs of each role, so that these series exist before the
// first event. Otherwise the sum of open calls would be empty instead of 0, and the first
// missing record would not be visible as an increase.
func (s *Source) addZeros() {
	stage := s.Begin()
	for _, name := range callTypes {
		stage.count(s.callStarts, 0, s.byCallType.get(callType(name)))
		stage.count(s.callActive, 0, s.byCallType.get(callType(name)))
	}
	for _, role := range correlate.Roles {
		stage.count(s.legActive, 0, s.byLegClass.get(legClass{role: role}))
	}
	for _, state := range encryptionStates {
		stage.count(s.mediaEncryption, 0, s.byEncryption.get(state))
	}
	for _, name := range cdr.AlarmTypes {
		stage.count(s.alarmOccurrences, 0, s.byAlarmType.get(alarmType(name)))
	}
	for _, name := range cdr.RecordTypes {
		stage.count(s.recordReceived, 0, s.byRecordType.get(recordType(name)))
	}
	for _, reason := range correlate.Reasons {
		stage.count(s.incompleteSpans, 0, s.byIncompleteReason.get(incompleteReason(reason)))
	}
	for _, counter := range []adder{
		s.meetingActive, s.meetingStarts, s.recordingActive, s.recordingStarts, s.streamingActive, s.streamingStarts,
		s.recordMissing, s.recordRecovered, s.recordDuplicate, s.callBridgeRestarts,
	} {
		stage.count(counter, 0, s.withoutAttributes.get(noAttributes{}))
	}
	stage.apply()
}

// maxPending limits the counts and values that are pending until the first collection.
// When a source exceeds it, they are counted at once.
const maxPending = 1 << 13

// commit counts a stage, or keeps it pending until the initial zeros are collected.
func (s *Source) commit(stage *Stage) {
	if len(stage.counts)+len(stage.values) == 0 {
		stage.recycle()
		return
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.pendingCount += len(stage.counts) + len(stage.values); !s.countsDirectly && s.pendingCount <= maxPending {
		s.pending = append(s.pending, stage)
		return
	}
	s.applyPending()
	stage.apply()
}

// applyPending counts the pending stages.
func (s *Source) applyPending() {
	s.countsDirectly = true
	for _, stage := range s.pending {
		stage.apply()
	}
	s.pending = nil
}

// hasPending reports whether stages are pending, which the next collection does not contain.
func (s *Source) hasPending() bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	return len(s.pending) > 0
}

// flush counts the pending stages at shutdown, before the last collection.
func (s *Source) flush() {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.applyPending()
}

// collect appends the series to out, and then counts the pending stages.
func (s *Source) collect(ctx context.Context, clock func() time.Time, out pmetric.Metrics) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	var data metricdata.ResourceMetrics
	if err := s.reader.Collect(ctx, &data); err != nil {
		return err
	}
	now := pcommon.NewTimestampFromTime(clock())
	s.applyPending()
	if len(data.ScopeMetrics) == 0 {
		return nil
	}
	resourceMetrics := out.ResourceMetrics().AppendEmpty()
	resourceMetrics.SetSchemaUrl(data.ScopeMetrics[0].Scope.SchemaURL)
	s.resource.CopyTo(resourceMetrics.Resource())
	for _, scope := range data.ScopeMetrics {
		convertScope(scope, now, resourceMetrics.ScopeMetrics().AppendEmpty())
	}
	return nil
}
