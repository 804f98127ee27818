package metrics

import (
	"testing"

	"github.com/stretchr/testify/require"
	"go.opentelemetry.io/otel/metric"
	"go.opentelemetry.io/otel/metric/noop"
)

// nameCollector is a meter that records the names of instruments.
type nameCollector struct {
	noop.Meter
	names []string
}

func (r *nameCollector) Int64Counter(name string, _ ...metric.Int64CounterOption) (metric.Int64Counter, error) {
	r.names = append(r.names, name)
	return noop.Int64Counter{}, nil
}

func (r *nameCollector) Int64UpDownCounter(name string, _ ...metric.Int64UpDownCounterOption) (metric.Int64UpDownCounter, error) {
	r.names = append(r.names, name)
	return noop.Int64UpDownCounter{}, nil
}

func (r *nameCollector) Float64Histogram(name string, _ ...metric.Float64HistogramOption) (metric.Float64Histogram, error) {
	r.names = append(r.names, name)
	return noop.Float64Histogram{}, nil
}

// TestNames checks that the list has the names of all instruments, in their order.
func TestNames(t *testing.T) {
	r := &nameCollector{}
	_, err := newInstruments(r)
	require.NoError(t, err)
	require.Equal(t, r.names, Names())
}
