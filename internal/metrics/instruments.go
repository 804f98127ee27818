package metrics

import (
	"errors"

	"go.opentelemetry.io/otel/metric"
)

// instruments of one source, as docs/telemetry.md lists them.
type instruments struct {
	callActive                      metric.Int64UpDownCounter
	callStarts                      metric.Int64Counter
	callDuration, callLegsMaxActive metric.Float64Histogram

	meetingActive metric.Int64UpDownCounter
	meetingStarts metric.Int64Counter

	legActive                                  metric.Int64UpDownCounter
	legStarts, legEnds                         metric.Int64Counter
	legDuration, legActivatedDuration          metric.Float64Histogram
	legSetupDuration, legIVRStay, legLobbyStay metric.Float64Histogram

	mediaEncryption, mediaStreams metric.Int64Counter
	mediaUtilization, mediaHeight metric.Float64Histogram
	burstDuration, burstDensity   metric.Float64Histogram
	gapDuration, gapDensity       metric.Float64Histogram
	alarmOccurrences              metric.Int64Counter
	alarmRatio                    metric.Float64Histogram

	recordingActive, streamingActive     metric.Int64UpDownCounter
	recordingStarts, streamingStarts     metric.Int64Counter
	recordingDuration, streamingDuration metric.Float64Histogram

	recordReceived, recordMissing       metric.Int64Counter
	recordRecovered, recordDuplicate    metric.Int64Counter
	incompleteSpans, callBridgeRestarts metric.Int64Counter
}

func newInstruments(meter metric.Meter) (instruments, error) {
	m := maker{meter: meter}
	all := instruments{
		callActive:        m.upDown("cisco.cms.call.active", "{call}", "Calls that are open."),
		callStarts:        m.counter("cisco.cms.call.starts", "{call}", "Calls that started."),
		callDuration:      m.histogram("cisco.cms.call.duration", "s", "How long calls lasted.", durations),
		callLegsMaxActive: m.histogram("cisco.cms.call.legs.max_active", "{call_leg}", "The most legs that a call had at one time.", legs),

		meetingActive: m.upDown("cisco.cms.meeting.active", "{meeting}", "Meetings that are open, each counted at one source."),
		meetingStarts: m.counter("cisco.cms.meeting.starts", "{meeting}", "Meetings that started, each counted at one source."),

		legActive:            m.upDown("cisco.cms.call_leg.active", "{call_leg}", "Call legs that are open."),
		legStarts:            m.counter("cisco.cms.call_leg.starts", "{call_leg}", "Call legs that started."),
		legEnds:              m.counter("cisco.cms.call_leg.ends", "{call_leg}", "Call legs that ended, by reason."),
		legDuration:          m.histogram("cisco.cms.call_leg.duration", "s", "How long legs lasted, voice menu and lobby included.", durations),
		legActivatedDuration: m.histogram("cisco.cms.call_leg.activated_duration", "s", "How long legs took part in a call.", durations),
		legSetupDuration:     m.histogram("cisco.cms.call_leg.setup.duration", "s", "From a leg's start until it was connected.", setups),
		legIVRStay:           m.histogram("cisco.cms.call_leg.ivr.duration", "s", "How long legs were in the voice menu, of those that were.", stays),
		legLobbyStay:         m.histogram("cisco.cms.call_leg.lobby.duration", "s", "How long legs waited in the lobby, of those that did.", stays),

		mediaEncryption:  m.counter("cisco.cms.media.encryption", "{call_leg}", "Call legs that ended, by whether their media was encrypted."),
		mediaUtilization: m.histogram("cisco.cms.media.utilization", "1", "Share of a leg's time with a kind of video.", ratios),
		mediaStreams:     m.counter("cisco.cms.media.streams", "{stream}", "Audio and video of legs that ended, by codec."),
		mediaHeight:      m.histogram("cisco.cms.media.video.height", "{pixel}", "The highest picture of a leg.", heights),
		burstDuration:    m.histogram("cisco.cms.media.packet_loss.burst.duration", "s", "Duration of bursts of packet loss, as legs report it.", bursts),
		burstDensity:     m.histogram("cisco.cms.media.packet_loss.burst.density", "1", "Loss within bursts, as legs report it; the unit is not documented.", densities),
		gapDuration:      m.histogram("cisco.cms.media.packet_gap.duration", "s", "Duration of the gaps between bursts, as legs report it.", gaps),
		gapDensity:       m.histogram("cisco.cms.media.packet_gap.density", "1", "Loss within gaps, as legs report it; the unit is not documented.", densities),
		alarmOccurrences: m.counter("cisco.cms.alarm.occurrences", "{alarm}", "Media alarms of legs that ended, those that say 0 left out."),
		alarmRatio:       m.histogram("cisco.cms.alarm.duration_ratio", "1", "Share of a leg's time with a media alarm.", ratios),

		recordingActive:   m.upDown("cisco.cms.recording.active", "{recording}", "Recordings that are open."),
		recordingStarts:   m.counter("cisco.cms.recording.starts", "{recording}", "Recordings that started."),
		recordingDuration: m.histogram("cisco.cms.recording.duration", "s", "How long recordings lasted.", durations),
		streamingActive:   m.upDown("cisco.cms.streaming.active", "{stream}", "Streamings that are open."),
		streamingStarts:   m.counter("cisco.cms.streaming.starts", "{stream}", "Streamings that started."),
		streamingDuration: m.histogram("cisco.cms.streaming.duration", "s", "How long streamings lasted.", durations),

		recordReceived:     m.counter("cisco.cms.record.received", "{record}", "Records received, repeated ones left out."),
		recordMissing:      m.counter("cisco.cms.record.missing", "{record}", "Records that the source could not keep until they were received."),
		recordRecovered:    m.counter("cisco.cms.record.recovered", "{record}", "Records counted as missing that came after all."),
		recordDuplicate:    m.counter("cisco.cms.record.duplicate", "{record}", "Records received again."),
		incompleteSpans:    m.counter("cisco.cms.incomplete.spans", "{span}", "Spans that no end record closed, by the reason."),
		callBridgeRestarts: m.counter("cisco.cms.call_bridge.restarts", "{restart}", "Sessions that began where the source had another: its Call Bridge restarted."),
	}
	return all, errors.Join(m.errs...)
}

// maker creates instruments and collects the errors.
type maker struct {
	meter metric.Meter
	errs  []error
}

func (m *maker) counter(name, unit, description string) metric.Int64Counter {
	instrument, err := m.meter.Int64Counter(name, metric.WithUnit(unit), metric.WithDescription(description))
	m.keep(err)
	return instrument
}

func (m *maker) upDown(name, unit, description string) metric.Int64UpDownCounter {
	instrument, err := m.meter.Int64UpDownCounter(name, metric.WithUnit(unit), metric.WithDescription(description))
	m.keep(err)
	return instrument
}

func (m *maker) histogram(name, unit, description string, buckets []float64) metric.Float64Histogram {
	instrument, err := m.meter.Float64Histogram(name, metric.WithUnit(unit), metric.WithDescription(description),
		metric.WithExplicitBucketBoundaries(buckets...))
	m.keep(err)
	return instrument
}

func (m *maker) keep(err error) {
	if err != nil {
		m.errs = append(m.errs, err)
	}
}
