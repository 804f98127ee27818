package metrics

import (
	"errors"

	"go.opentelemetry.io/otel/metric"
)

// instruments holds the instruments of one source. docs/telemetry.md lists them.
type instruments struct {
	callActive                      metric.Int64UpDownCounter
	callStarts                      metric.Int64Counter
	callDuration, callLegsMaxActive metric.Float64Histogram

	meetingActive metric.Int64UpDownCounter
	meetingStarts metric.Int64Counter

	legActive                                          metric.Int64UpDownCounter
	legStarts, legEnds                                 metric.Int64Counter
	legDuration, legActivatedDuration                  metric.Float64Histogram
	legSetupDuration, legIVRDuration, legLobbyDuration metric.Float64Histogram

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
	b := instrumentBuilder{meter: meter}
	all := instruments{
		callActive:        b.upDown("cisco.cms.call.active", "{call}", "Number of open calls."),
		callStarts:        b.counter("cisco.cms.call.starts", "{call}", "Number of calls that started."),
		callDuration:      b.histogram("cisco.cms.call.duration", "s", "Duration of calls.", durationBuckets),
		callLegsMaxActive: b.histogram("cisco.cms.call.legs.max_active", "{call_leg}", "Highest number of legs that a call had at the same time.", legCountBuckets),

		meetingActive: b.upDown("cisco.cms.meeting.active", "{meeting}", "Number of open meetings, each counted at only one of its sources."),
		meetingStarts: b.counter("cisco.cms.meeting.starts", "{meeting}", "Number of meetings that started, each counted at only one of its sources."),

		legActive:            b.upDown("cisco.cms.call_leg.active", "{call_leg}", "Number of open call legs."),
		legStarts:            b.counter("cisco.cms.call_leg.starts", "{call_leg}", "Number of call legs that started."),
		legEnds:              b.counter("cisco.cms.call_leg.ends", "{call_leg}", "Number of call legs that ended, by reason."),
		legDuration:          b.histogram("cisco.cms.call_leg.duration", "s", "Duration of call legs, including the voice menu and the lobby.", durationBuckets),
		legActivatedDuration: b.histogram("cisco.cms.call_leg.activated_duration", "s", "Time for which call legs took part in a call, without the voice menu and the lobby.", durationBuckets),
		legSetupDuration:     b.histogram("cisco.cms.call_leg.setup.duration", "s", "Time from the start of a call leg until it was connected.", setupBuckets),
		legIVRDuration:       b.histogram("cisco.cms.call_leg.ivr.duration", "s", "Time that a call leg spent in the voice menu; legs that were never in it are not counted.", visitBuckets),
		legLobbyDuration:     b.histogram("cisco.cms.call_leg.lobby.duration", "s", "Time that a call leg waited in the lobby; legs that were never in it are not counted.", visitBuckets),

		mediaEncryption:  b.counter("cisco.cms.media.encryption", "{call_leg}", "Number of call legs that ended, by the encryption of their media."),
		mediaUtilization: b.histogram("cisco.cms.media.utilization", "1", "Share of the duration of a call leg in which it sent or received video, by kind of video.", ratioBuckets),
		mediaStreams:     b.counter("cisco.cms.media.streams", "{stream}", "Number of audio and video streams of call legs that ended, by codec."),
		mediaHeight:      b.histogram("cisco.cms.media.video.height", "{pixel}", "Maximum height of the video of a call leg.", heightBuckets),
		burstDuration:    b.histogram("cisco.cms.media.packet_loss.burst.duration", "s", "Duration of bursts of packet loss, as reported for a call leg.", burstBuckets),
		burstDensity:     b.histogram("cisco.cms.media.packet_loss.burst.density", "1", "Density of packet loss within bursts, as reported for a call leg; the unit is not documented.", densityBuckets),
		gapDuration:      b.histogram("cisco.cms.media.packet_gap.duration", "s", "Duration of the gaps between bursts of packet loss, as reported for a call leg.", gapBuckets),
		gapDensity:       b.histogram("cisco.cms.media.packet_gap.density", "1", "Density of packet loss within gaps, as reported for a call leg; the unit is not documented.", densityBuckets),
		alarmOccurrences: b.counter("cisco.cms.alarm.occurrences", "{alarm}", "Number of media alarms of call legs that ended, without those whose durationPercentage is 0."),
		alarmRatio:       b.histogram("cisco.cms.alarm.duration_ratio", "1", "Share of the duration of a call leg during which it had a media alarm, including 0.", ratioBuckets),

		recordingActive:   b.upDown("cisco.cms.recording.active", "{recording}", "Number of open recordings."),
		recordingStarts:   b.counter("cisco.cms.recording.starts", "{recording}", "Number of recordings that started."),
		recordingDuration: b.histogram("cisco.cms.recording.duration", "s", "Duration of recordings.", durationBuckets),
		streamingActive:   b.upDown("cisco.cms.streaming.active", "{stream}", "Number of open streamings."),
		streamingStarts:   b.counter("cisco.cms.streaming.starts", "{stream}", "Number of streamings that started."),
		streamingDuration: b.histogram("cisco.cms.streaming.duration", "s", "Duration of streamings.", durationBuckets),

		recordReceived:     b.counter("cisco.cms.record.received", "{record}", "Number of records received, without duplicates."),
		recordMissing:      b.counter("cisco.cms.record.missing", "{record}", "Number of records that the indices of a session skipped."),
		recordRecovered:    b.counter("cisco.cms.record.recovered", "{record}", "Number of records that arrived after they were counted as missing."),
		recordDuplicate:    b.counter("cisco.cms.record.duplicate", "{record}", "Number of records that were received again."),
		incompleteSpans:    b.counter("cisco.cms.incomplete.spans", "{span}", "Number of spans of entities and meetings that no end record closed, by reason."),
		callBridgeRestarts: b.counter("cisco.cms.call_bridge.restarts", "{restart}", "Number of sessions that replaced an earlier session of the source, because its Call Bridge restarted."),
	}
	return all, errors.Join(b.errs...)
}

// instrumentBuilder creates instruments and collects their errors.
type instrumentBuilder struct {
	meter metric.Meter
	errs  []error
}

func (b *instrumentBuilder) counter(name, unit, description string) metric.Int64Counter {
	instrument, err := b.meter.Int64Counter(name, metric.WithUnit(unit), metric.WithDescription(description))
	b.addError(err)
	return instrument
}

func (b *instrumentBuilder) upDown(name, unit, description string) metric.Int64UpDownCounter {
	instrument, err := b.meter.Int64UpDownCounter(name, metric.WithUnit(unit), metric.WithDescription(description))
	b.addError(err)
	return instrument
}

func (b *instrumentBuilder) histogram(name, unit, description string, buckets []float64) metric.Float64Histogram {
	instrument, err := b.meter.Float64Histogram(name, metric.WithUnit(unit), metric.WithDescription(description),
		metric.WithExplicitBucketBoundaries(buckets...))
	b.addError(err)
	return instrument
}

func (b *instrumentBuilder) addError(err error) {
	if err != nil {
		b.errs = append(b.errs, err)
	}
}
