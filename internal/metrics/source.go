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

// Source is what is counted of one source. Safe for concurrent use.
type Source struct {
	instruments
	allSeries
	resource pcommon.Resource
	reader   *sdkmetric.ManualReader

	mu sync.Mutex
	// emitted: the zeros that series begin with were collected. Until then what is
	// committed waits, so that the first event shows as an increase.
	emitted bool
	pending []*Stage
	// held is how many counts and values wait.
	pendingCount int
	// released: it is forgotten once it was collected.
	released bool
}

// maxSeries of one metric of a source; what is beyond it is counted in a series
// of its own, as the SDK does. The lists of values allow some more, never seen.
const maxSeries = 1000

func newSource(scope instrumentation.Scope, of pcommon.Resource, disabled []string) (*Source, error) {
	reader := sdkmetric.NewManualReader()
	options := []sdkmetric.Option{
		sdkmetric.WithReader(reader),
		// The resource is written from pdata; the SDK's own would say what this process is.
		sdkmetric.WithResource(resource.Empty()),
		// Values have the span of their leg or call, and counts have none.
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
	s := &Source{instruments: all, resource: of, reader: reader}
	s.addZeros()
	return s, err
}

// begin lets the counters that are told apart by one list at most start at 0:
// that nothing was lost, or nothing alarmed, is worth a series. So is that nobody
// is there: calls that begin and end between two emissions leave no other.
func (s *Source) addZeros() {
	stage := s.Begin()
	for _, of := range callTypes {
		stage.count(s.callStarts, 0, s.byCallType.get(callType(of)))
		stage.count(s.callActive, 0, s.byCallType.get(callType(of)))
	}
	for _, role := range correlate.Roles {
		stage.count(s.legActive, 0, s.byLegClass.get(legClass{role: role}))
	}
	for _, state := range encryptionStates {
		stage.count(s.mediaEncryption, 0, s.byEncryption.get(state))
	}
	for _, of := range cdr.AlarmTypes {
		stage.count(s.alarmOccurrences, 0, s.byAlarmType.get(alarmType(of)))
	}
	for _, of := range recordTypes {
		stage.count(s.recordReceived, 0, s.byRecordType.get(recordType(of)))
	}
	for _, why := range correlate.Reasons {
		stage.count(s.incompleteSpans, 0, s.byIncompleteReason.get(incompleteReason(why)))
	}
	for _, of := range []adder{
		s.meetingActive, s.meetingStarts, s.recordingStarts, s.streamingStarts, s.recordMissing, s.recordRecovered, s.recordDuplicate, s.callBridgeRestarts,
	} {
		stage.count(of, 0, s.single.get(noAttributes{}))
	}
	stage.apply()
}

// maxWaiting bounds the counts and values that wait for the first emission. A
// source that brings more before shows its first events at once.
const maxPending = 1 << 13

func (s *Source) commit(stage *Stage) {
	if len(stage.counts)+len(stage.values) == 0 {
		stage.reset()
		return
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.pendingCount += len(stage.counts) + len(stage.values); !s.emitted && s.pendingCount <= maxPending {
		s.pending = append(s.pending, stage)
		return
	}
	s.applyPending()
	stage.apply()
}

// begun counts what waited.
func (s *Source) applyPending() {
	s.emitted = true
	for _, stage := range s.pending {
		stage.apply()
	}
	s.pending = nil
}

// settle counts what waits at once: there is no later emission.
func (s *Source) flush() {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.applyPending()
}

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
	of := out.ResourceMetrics().AppendEmpty()
	of.SetSchemaUrl(data.ScopeMetrics[0].Scope.SchemaURL)
	s.resource.CopyTo(of.Resource())
	for _, scope := range data.ScopeMetrics {
		convertScope(scope, now, of.ScopeMetrics().AppendEmpty())
	}
	return nil
}
