package metrics

import (
	"errors"

	"go.opentelemetry.io/otel/metric"
)

// instruments of one source, by the names that documentation lists.
type instruments struct {
	callActive, legActive             metric.Int64UpDownCounter
	callStarts, legStarts, legEnds    metric.Int64Counter
	callDuration, callLegsMaxActive   metric.Float64Histogram
	legDuration, legActivatedDuration metric.Float64Histogram
	recordReceived, recordMissing     metric.Int64Counter
	recordRecovered, recordDuplicate  metric.Int64Counter
	incompleteSpans                   metric.Int64Counter
	callBridgeRestarts                metric.Int64Counter
}

// Calls last from seconds to days, legs likewise.
var durationBuckets = []float64{
	5, 15, 30, 60, 120, 300, 600, 900, 1800, 2700, 3600, 5400, 7200, 14400, 28800, 86400, 259200,
}

var legBuckets = []float64{1, 2, 3, 4, 5, 6, 8, 10, 15, 20, 30, 50, 75, 100, 200, 500}

func newInstruments(meter metric.Meter) (instruments, error) {
	m := maker{meter: meter}
	all := instruments{
		callActive:        m.upDown("cisco.cms.call.active", "{call}", "Calls that are open."),
		callStarts:        m.counter("cisco.cms.call.starts", "{call}", "Calls that started."),
		callDuration:      m.histogram("cisco.cms.call.duration", "s", "How long calls lasted.", durationBuckets),
		callLegsMaxActive: m.histogram("cisco.cms.call.legs_max_active", "{call_leg}", "The most legs that a call had at one time.", legBuckets),

		legActive:   m.upDown("cisco.cms.call_leg.active", "{call_leg}", "Call legs that are open."),
		legStarts:   m.counter("cisco.cms.call_leg.starts", "{call_leg}", "Call legs that started."),
		legEnds:     m.counter("cisco.cms.call_leg.ends", "{call_leg}", "Call legs that ended, by reason."),
		legDuration: m.histogram("cisco.cms.call_leg.duration", "s", "How long legs lasted, voice menu and lobby included.", durationBuckets),
		legActivatedDuration: m.histogram("cisco.cms.call_leg.activated_duration", "s",
			"How long legs took part in a call.", durationBuckets),

		recordReceived:  m.counter("cisco.cms.record.received", "{record}", "Records received, repeated ones left out."),
		recordMissing:   m.counter("cisco.cms.record.missing", "{record}", "Records that the source could not keep until they were received."),
		recordRecovered: m.counter("cisco.cms.record.recovered", "{record}", "Records counted as missing that came after all."),
		recordDuplicate: m.counter("cisco.cms.record.duplicate", "{record}", "Records received again."),

		incompleteSpans: m.counter("cisco.cms.incomplete.spans", "{span}", "Spans that no end record closed, by the reason."),
		callBridgeRestarts: m.counter("cisco.cms.call_bridge.restarts", "{restart}",
			"Sessions that began where the source had another: its Call Bridge restarted."),
	}
	return all, errors.Join(m.errs...)
}

// maker makes instruments and keeps the errors, so that the list above reads as one.
type maker struct {
	meter metric.Meter
	errs  []error
}

func (m *maker) counter(name, unit, description string) metric.Int64Counter {
	made, err := m.meter.Int64Counter(name, metric.WithUnit(unit), metric.WithDescription(description))
	m.keep(err)
	return made
}

func (m *maker) upDown(name, unit, description string) metric.Int64UpDownCounter {
	made, err := m.meter.Int64UpDownCounter(name, metric.WithUnit(unit), metric.WithDescription(description))
	m.keep(err)
	return made
}

func (m *maker) histogram(name, unit, description string, buckets []float64) metric.Float64Histogram {
	made, err := m.meter.Float64Histogram(name, metric.WithUnit(unit), metric.WithDescription(description),
		metric.WithExplicitBucketBoundaries(buckets...))
	m.keep(err)
	return made
}

func (m *maker) keep(err error) {
	if err != nil {
		m.errs = append(m.errs, err)
	}
}
