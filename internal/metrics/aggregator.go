package metrics

import (
	"context"
	"errors"
	"maps"
	"sync"
	"time"

	"go.opentelemetry.io/collector/pdata/pcommon"
	"go.opentelemetry.io/collector/pdata/pmetric"
	sdkmetric "go.opentelemetry.io/otel/sdk/metric"
	"go.opentelemetry.io/otel/sdk/metric/exemplar"
	"go.opentelemetry.io/otel/sdk/metric/metricdata"
	"go.opentelemetry.io/otel/sdk/resource"
)

// Aggregator holds the series of all sources. Safe for concurrent use.
type Aggregator struct {
	scope string
	mu    sync.Mutex
	// sources by instance; one that fell silent keeps its series until its sessions
	// are forgotten.
	sources map[string]*Source
}

// NewAggregator returns an aggregator without sources.
func NewAggregator(scope string) *Aggregator {
	return &Aggregator{scope: scope, sources: map[string]*Source{}}
}

// Source returns the series of the source of that resource, which must not
// change afterwards.
func (a *Aggregator) Source(instance string, of pcommon.Resource) (*Source, error) {
	a.mu.Lock()
	defer a.mu.Unlock()
	if source := a.sources[instance]; source != nil {
		return source, nil
	}
	source, err := newSource(a.scope, of)
	if err != nil {
		return nil, err
	}
	a.sources[instance] = source
	return source, nil
}

// Keep forgets the sources that are not among these: nobody posts as them any
// more.
func (a *Aggregator) Keep(instances map[string]bool) {
	a.mu.Lock()
	defer a.mu.Unlock()
	maps.DeleteFunc(a.sources, func(instance string, _ *Source) bool { return !instances[instance] })
}

// Collect returns every series of every source as of now.
func (a *Aggregator) Collect(ctx context.Context, now time.Time) (pmetric.Metrics, error) {
	a.mu.Lock()
	sources := make([]*Source, 0, len(a.sources))
	for _, source := range a.sources {
		sources = append(sources, source)
	}
	a.mu.Unlock()

	out := pmetric.NewMetrics()
	var errs []error
	for _, source := range sources {
		errs = append(errs, source.collect(ctx, pcommon.NewTimestampFromTime(now), out))
	}
	return out, errors.Join(errs...)
}

// Source is what is counted of one source. Safe for concurrent use.
type Source struct {
	instruments
	resource pcommon.Resource
	reader   *sdkmetric.ManualReader
	options  options
}

func newSource(scope string, of pcommon.Resource) (*Source, error) {
	reader := sdkmetric.NewManualReader()
	provider := sdkmetric.NewMeterProvider(
		sdkmetric.WithReader(reader),
		// The resource is written from pdata; the SDK's own would say what this process is.
		sdkmetric.WithResource(resource.Empty()),
		sdkmetric.WithExemplarFilter(exemplar.AlwaysOnFilter),
	)
	all, err := newInstruments(provider.Meter(scope))
	return &Source{instruments: all, resource: of, reader: reader}, err
}

func (s *Source) collect(ctx context.Context, now pcommon.Timestamp, out pmetric.Metrics) error {
	var data metricdata.ResourceMetrics
	if err := s.reader.Collect(ctx, &data); err != nil {
		return err
	}
	if len(data.ScopeMetrics) == 0 {
		return nil
	}
	of := out.ResourceMetrics().AppendEmpty()
	s.resource.CopyTo(of.Resource())
	for _, scope := range data.ScopeMetrics {
		convertScope(scope, now, of.ScopeMetrics().AppendEmpty())
	}
	return nil
}
