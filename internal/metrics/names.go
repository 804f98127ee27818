package metrics

// Names returns the names of all metrics, in the order of docs/telemetry.md. The
// configuration checks the names of disabled metrics against them.
func Names() []string {
	return []string{
		"cisco.cms.call.active",
		"cisco.cms.call.starts",
		"cisco.cms.call.duration",
		"cisco.cms.call.legs.max_active",
		"cisco.cms.meeting.active",
		"cisco.cms.meeting.starts",
		"cisco.cms.call_leg.active",
		"cisco.cms.call_leg.starts",
		"cisco.cms.call_leg.ends",
		"cisco.cms.call_leg.duration",
		"cisco.cms.call_leg.activated_duration",
		"cisco.cms.call_leg.setup.duration",
		"cisco.cms.call_leg.ivr.duration",
		"cisco.cms.call_leg.lobby.duration",
		"cisco.cms.media.encryption",
		"cisco.cms.media.utilization",
		"cisco.cms.media.streams",
		"cisco.cms.media.video.height",
		"cisco.cms.media.packet_loss.burst.duration",
		"cisco.cms.media.packet_loss.burst.density",
		"cisco.cms.media.packet_gap.duration",
		"cisco.cms.media.packet_gap.density",
		"cisco.cms.alarm.occurrences",
		"cisco.cms.alarm.duration_ratio",
		"cisco.cms.recording.active",
		"cisco.cms.recording.starts",
		"cisco.cms.recording.duration",
		"cisco.cms.streaming.active",
		"cisco.cms.streaming.starts",
		"cisco.cms.streaming.duration",
		"cisco.cms.record.received",
		"cisco.cms.record.missing",
		"cisco.cms.record.recovered",
		"cisco.cms.record.duplicate",
		"cisco.cms.incomplete.spans",
		"cisco.cms.call_bridge.restarts",
	}
}
