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

// Aggregator holds the series of all sources. Safe for concurrent use.
type Aggregator struct {
	scope    instrumentation.Scope
	disabled []string

	mu sync.Mutex
	// sources by instance; a source that fell silent keeps its series until it is
	// released.
	sources map[string]*Source
}

// NewAggregator returns an aggregator without sources. The metrics of the names
// disabled, which are among Names, are not counted.
func NewAggregator(scope instrumentation.Scope, disabled []string) *Aggregator {
	return &Aggregator{scope: scope, disabled: disabled, sources: map[string]*Source{}}
}

// maxSources bounds the sources, which senders choose; the largest clusters have 24
// Call Bridges. What comes from more is counted together, as of the source _OTHER.
const maxSources = 256

// Source returns the series of the source of that resource, which must not
// change afterwards.
func (a *Aggregator) Source(instance string, of pcommon.Resource) (*Source, error) {
	a.mu.Lock()
	defer a.mu.Unlock()
	if source := a.sources[instance]; source != nil {
		source.released = false
		return source, nil
	}
	if len(a.sources) >= maxSources {
		if others := a.sources[otherValue]; others != nil {
			return others, nil
		}
		shared := pcommon.NewResource()
		of.CopyTo(shared)
		shared.Attributes().RemoveIf(func(key string, _ pcommon.Value) bool { return key != "service.name" })
		shared.Attributes().PutStr("service.instance.id", otherValue)
		instance, of = otherValue, shared
	}
	source, err := newSource(a.scope, of, a.disabled)
	if err != nil {
		return nil, err
	}
	a.sources[instance] = source
	return source, nil
}

// Known returns the source of that instance, or the one that it is counted with; nil
// if there is none.
func (a *Aggregator) Lookup(instance string) *Source {
	a.mu.Lock()
	defer a.mu.Unlock()
	if source := a.sources[instance]; source != nil {
		return source
	}
	return a.sources[otherValue]
}

// Release lets the source of that instance go once its series were collected: nothing
// is known of it any more.
func (a *Aggregator) Release(instance string) {
	a.mu.Lock()
	defer a.mu.Unlock()
	if source := a.sources[instance]; source != nil {
		source.released = true
	}
}

// Settle counts at once what waits for the zeros of a new source to be collected.
func (a *Aggregator) Flush() {
	a.mu.Lock()
	defer a.mu.Unlock()
	for _, source := range a.sources {
		source.flush()
	}
}

// Collect returns every series of every source. The clock is asked behind each source,
// so that no point is older than its series.
func (a *Aggregator) Collect(ctx context.Context, clock func() time.Time) (pmetric.Metrics, error) {
	a.mu.Lock()
	sources := slices.Collect(maps.Values(a.sources))
	maps.DeleteFunc(a.sources, func(_ string, source *Source) bool { return source.released })
	a.mu.Unlock()

	out := pmetric.NewMetrics()
	var errs []error
	for _, source := range sources {
		errs = append(errs, source.collect(ctx, clock, out))
	}
	return out, errors.Join(errs...)
}
