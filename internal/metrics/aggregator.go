package metrics

import (
	"context"
	"errors"
	"maps"
	"slices"
	"sync"
	"time"

	"go.opentelemetry.io/collector/pdata/pcommon"
	"go.opentelemetry.io/collector/pdata/pmetric"
	"go.opentelemetry.io/otel/sdk/instrumentation"
)

// Aggregator holds the series of all sources. It is safe for concurrent use.
type Aggregator struct {
	scope    instrumentation.Scope
	disabled []string

	mu sync.Mutex
	// sources are by instance. A silent source keeps its series until it is released.
	sources map[string]*Source
}

// NewAggregator returns an aggregator without sources. The metrics in disabled, which are
// among Names, are not counted.
func NewAggregator(scope instrumentation.Scope, disabled []string) *Aggregator {
	return &Aggregator{scope: scope, disabled: disabled, sources: map[string]*Source{}}
}

// maxSources limits the sources, because clients choose them. The largest clusters
// have 24 Call Bridges. Sources above the limit are counted together as _OTHER.
const maxSources = 256

// Source returns the series of the source with that instance, and creates them with the
// resource if there are none. The resource must not change afterwards. If the source is
// released but not removed yet, Source cancels the release. For a new source above
// maxSources, it returns the series of _OTHER, and also for an instance of that name, which a
// client can choose.
func (a *Aggregator) Source(instance string, resource pcommon.Resource) (*Source, error) {
	a.mu.Lock()
	defer a.mu.Unlock()
	if source := a.sources[instance]; source != nil {
		source.released = false
		return source, nil
	}
	if len(a.sources) >= maxSources || instance == otherValue {
		if others := a.sources[otherValue]; others != nil {
			return others, nil
		}
		shared := pcommon.NewResource()
		resource.CopyTo(shared)
		shared.Attributes().RemoveIf(func(key string, _ pcommon.Value) bool { return key != "service.name" })
		shared.Attributes().PutStr("service.instance.id", otherValue)
		instance, resource = otherValue, shared
	}
	source, err := newSource(a.scope, resource, a.disabled)
	if err != nil {
		return nil, err
	}
	a.sources[instance] = source
	return source, nil
}

// Lookup returns the series of an instance. If it has none, Lookup returns those of
// _OTHER, or nil if there are none either.
func (a *Aggregator) Lookup(instance string) *Source {
	a.mu.Lock()
	defer a.mu.Unlock()
	if source := a.sources[instance]; source != nil {
		return source
	}
	return a.sources[otherValue]
}

// Release removes the source of an instance after its series are collected once more, or
// twice if stages are pending, so that what is committed now is collected. The series of
// _OTHER stay, because other sources share them.
func (a *Aggregator) Release(instance string) {
	a.mu.Lock()
	defer a.mu.Unlock()
	if source := a.sources[instance]; source != nil && instance != otherValue {
		source.released = true
	}
}

// Flush counts the pending stages of new sources, which otherwise wait until the initial
// zeros of their source are collected.
func (a *Aggregator) Flush() {
	a.mu.Lock()
	defer a.mu.Unlock()
	for _, source := range a.sources {
		source.flush()
	}
}

// Collect returns all series of all sources, and removes the released sources, except
// those with pending stages, which only the next collection contains. The clock is read
// after each source is collected, so that no point is older than the start of its series.
func (a *Aggregator) Collect(ctx context.Context, clock func() time.Time) (pmetric.Metrics, error) {
	a.mu.Lock()
	sources := slices.Collect(maps.Values(a.sources))
	maps.DeleteFunc(a.sources, func(_ string, source *Source) bool { return source.released && !source.hasPending() })
	a.mu.Unlock()

	out := pmetric.NewMetrics()
	var errs []error
	for _, source := range sources {
		errs = append(errs, source.collect(ctx, clock, out))
	}
	return out, errors.Join(errs...)
}
