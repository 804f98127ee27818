package translate

import (
	"go.opentelemetry.io/collector/pdata/ptrace"

	"github.com/cmscdr/cmscdrreceiver/internal/cdr"
	"github.com/cmscdr/cmscdrreceiver/internal/correlate"
)

// spanKinds maps the direction of a leg, as Meeting Server sees it, to the kind of span.
var spanKinds = map[string]ptrace.SpanKind{
	"incoming": ptrace.SpanKindServer,
	"outgoing": ptrace.SpanKindClient,
}

func (t *Traces) leg(span ptrace.Span, leg *correlate.Leg, inCall *correlate.Call, endRecord cdr.Body) {
	role := correlate.RoleOf(leg)
	span.SetName(legSpanName(role, leg.Direction))
	if kind, ok := spanKinds[leg.Direction]; ok {
		span.SetKind(kind)
	}
	a := t.attributes
	a.text("cisco.cms.call.id", leg.Call)
	if inCall != nil { // for queries that sum legs by tenant or coSpace
		a.text("cisco.cms.call.cdr_tag", inCall.CDRTag)
		a.text("cisco.cms.cospace.id", inCall.CoSpace)
		a.text("cisco.cms.tenant.id", inCall.Tenant)
	}
	a.text("cisco.cms.call_leg.id", leg.ID)
	for _, field := range correlate.LegTextFields {
		a.text(field.Attribute, *field.Pointer(&leg.CallLeg))
	}
	for _, field := range correlate.LegBoolFields {
		a.optionalBool(field.Attribute, *field.Pointer(&leg.CallLeg))
	}
	a.text("cisco.cms.call_leg.role", role)
	if end, ok := endRecord.(*cdr.CallLegEnd); ok {
		t.legEnd(span, end)
	}
	t.extra(leg.Extra)
	writeEvents(span, leg.Events)
	span.SetDroppedEventsCount(leg.DroppedEvents)
}

// legSpanName returns the name of a leg's span: its role and direction. A leg without a
// start record has no role.
func legSpanName(role, direction string) string {
	if role == "" {
		return "call_leg"
	}
	return qualifiedName(role, direction)
}

func (t *Traces) legEnd(span ptrace.Span, end *cdr.CallLegEnd) {
	a := t.attributes
	outcome := outcomeOf(end)
	a.text("cisco.cms.call_leg.reason", end.Reason)
	a.text("cisco.cms.call_leg.reason_details", end.ReasonDetails)
	a.optionalBool("cisco.cms.call_leg.remote_teardown", end.RemoteTeardown)
	a.text("cisco.cms.call_leg.outcome", outcome)
	if outcome == correlate.OutcomeFailed {
		span.Status().SetCode(ptrace.StatusCodeError)
		a.text("error.type", end.Reason)
	}
	a.optionalBool("cisco.cms.call_leg.encrypted_media", end.EncryptedMedia)
	a.optionalBool("cisco.cms.call_leg.unencrypted_media", end.UnencryptedMedia)
	a.optionalInt("cisco.cms.call_leg.duration", end.DurationSeconds)
	a.optionalInt("cisco.cms.call_leg.activated_duration", end.ActivatedDuration)
	a.optionalInt("cisco.cms.call_leg.max_screens", end.MaxScreens)

	a.optionalRatio("cisco.cms.media.utilization.main_video_viewer", end.MediaUsage.MainVideoViewer)
	a.optionalRatio("cisco.cms.media.utilization.main_video_contributor", end.MediaUsage.MainVideoContributor)
	a.optionalRatio("cisco.cms.media.utilization.presentation_viewer", end.MediaUsage.PresentationViewer)
	a.optionalRatio("cisco.cms.media.utilization.presentation_contributor", end.MediaUsage.PresentationContributor)
	a.optionalRatio("cisco.cms.media.utilization.multistream_video", end.MediaUsage.MultistreamVideo)
	alarmRatios(a, end.Alarms)
	media(a, rxAudio, &end.RxAudio)
	media(a, txAudio, &end.TxAudio)
	media(a, rxVideo, &end.RxVideo)
	media(a, txVideo, &end.TxVideo)
}

// alarmAttributes lists the types of alarms and their attributes in the order in which
// they are written. An alarm that is not in the guide, or has no percentage, is among the
// unknown elements.
var alarmAttributes = [...]struct{ alarmType, attribute string }{
	{"packetLoss", "cisco.cms.alarm.packet_loss.duration_ratio"},
	{"excessiveJitter", "cisco.cms.alarm.excessive_jitter.duration_ratio"},
	{"highRoundTripTime", "cisco.cms.alarm.high_round_trip_time.duration_ratio"},
}

// alarmRatios writes each type of alarm once, with its highest percentage as a ratio.
func alarmRatios(a *attributes, alarms []cdr.Alarm) {
	for _, listed := range alarmAttributes {
		var longest cdr.Optional[float64]
		for i := range alarms {
			share := alarms[i].DurationPercentage
			if alarms[i].Type == listed.alarmType && share.Present && (!longest.Present || share.Value > longest.Value) {
				longest = share
			}
		}
		a.optionalRatio(listed.attribute, longest)
	}
}

// mediaKeys are the attributes of one of the four media of a leg.
type mediaKeys struct {
	codec, maxWidth, maxHeight, burstDuration, burstDensity, gapDuration, gapDensity string
}

var (
	rxAudio = newMediaKeys("rx_audio")
	txAudio = newMediaKeys("tx_audio")
	rxVideo = newMediaKeys("rx_video")
	txVideo = newMediaKeys("tx_video")
)

func newMediaKeys(name string) *mediaKeys {
	prefix := "cisco.cms.media." + name + "."
	return &mediaKeys{
		codec:         prefix + "codec",
		maxWidth:      prefix + "max_width",
		maxHeight:     prefix + "max_height",
		burstDuration: prefix + "packet_loss.burst.duration",
		burstDensity:  prefix + "packet_loss.burst.density",
		gapDuration:   prefix + "packet_gap.duration",
		gapDensity:    prefix + "packet_gap.density",
	}
}

func media(a *attributes, keys *mediaKeys, m *cdr.Media) {
	a.text(keys.codec, m.Codec)
	a.optionalInt(keys.maxWidth, m.MaxWidth)
	a.optionalInt(keys.maxHeight, m.MaxHeight)
	a.optionalDouble(keys.burstDuration, m.LossBursts.Duration)
	a.optionalDouble(keys.burstDensity, m.LossBursts.Density)
	a.optionalDouble(keys.gapDuration, m.Gaps.Duration)
	a.optionalDouble(keys.gapDensity, m.Gaps.Density)
}

// legEventNames maps kinds of events to their names.
var legEventNames = map[correlate.EventKind]string{
	correlate.EventConnected: "cisco.cms.call_leg.connected",
	correlate.EventIVR:       "cisco.cms.call_leg.ivr",
	correlate.EventJoined:    "cisco.cms.call_leg.joined",
	correlate.EventLobby:     "cisco.cms.call_leg.lobby",
	correlate.EventActivated: "cisco.cms.call_leg.activated",
	correlate.EventUpdated:   "cisco.cms.call_leg.updated",
}

func writeEvents(span ptrace.Span, events []correlate.Event) {
	span.Events().EnsureCapacity(len(events))
	for i := range events {
		out := span.Events().AppendEmpty()
		out.SetName(legEventNames[events[i].Kind])
		out.SetTimestamp(events[i].Time)
		if events[i].Call != "" {
			out.Attributes().PutStr("cisco.cms.call.id", events[i].Call)
		}
		for _, change := range events[i].Changes {
			if change.Bool.Present {
				out.Attributes().PutBool(change.Attribute, change.Bool.Value)
			} else {
				out.Attributes().PutStr(change.Attribute, change.Text)
			}
		}
	}
}
