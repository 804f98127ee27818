package translate

import (
	"go.opentelemetry.io/collector/pdata/ptrace"

	"github.com/cmscdr/cmscdrreceiver/internal/cdr"
	"github.com/cmscdr/cmscdrreceiver/internal/correlate"
)

func (t *Traces) meeting(span ptrace.Span, meeting *correlate.Meeting) {
	span.SetName("meeting")
	a := t.attributes
	a.text("cisco.cms.call.name", meeting.Name)
	a.text("cisco.cms.call.correlator", meeting.Correlator)
	a.text("cisco.cms.cospace.id", meeting.CoSpace)
}

func (t *Traces) call(span ptrace.Span, call *correlate.Call, endRecord cdr.Body) {
	span.SetName(qualifiedName("call", call.CallType))
	a := t.attributes
	writeCallAttributes(a, call)
	if end, ok := endRecord.(*cdr.CallEnd); ok {
		a.optionalInt("cisco.cms.call.legs.completed", end.LegsCompleted)
		a.optionalInt("cisco.cms.call.legs.max_active", end.LegsMaxActive)
		a.optionalInt("cisco.cms.call.duration", end.DurationSeconds)
		a.optionalBool("cisco.cms.call.endpoint_recorded", end.EndpointRecorded)
	}
	t.extra(call.Extra)
}

// writeCallAttributes writes what is known about a call before it ends.
func writeCallAttributes(a *attributes, call *correlate.Call) {
	a.text("cisco.cms.call.id", call.ID)
	a.text("cisco.cms.call.name", call.Name)
	a.text("cisco.cms.call.type", call.CallType)
	a.text("cisco.cms.call.correlator", call.Correlator)
	a.text("cisco.cms.call.owner.name", call.OwnerName)
	a.text("cisco.cms.call.cdr_tag", call.CDRTag)
	a.text("cisco.cms.cospace.id", call.CoSpace)
	a.optionalBool("cisco.cms.cospace.metadata_configured", call.CoSpaceMetaDataConfigured)
	a.text("cisco.cms.tenant.id", call.Tenant)
}

func (t *Traces) recording(span ptrace.Span, recording *correlate.Recording) {
	span.SetName("recording")
	a := t.attributes
	a.text("cisco.cms.recording.id", recording.ID)
	a.text("cisco.cms.recording.path", recording.Path)
	a.text("cisco.cms.recording.recorder.uri", recording.RecorderURI)
	a.text("cisco.cms.call.id", recording.Call)
	a.text("cisco.cms.call_leg.id", recording.CallLeg)
	t.extra(recording.Extra)
}

func (t *Traces) streaming(span ptrace.Span, streaming *correlate.Streaming) {
	span.SetName("streaming")
	a := t.attributes
	a.text("cisco.cms.streaming.id", streaming.ID)
	a.text("cisco.cms.streaming.streamer.uri", streaming.StreamerURI)
	a.text("cisco.cms.streaming.stream.uri", streaming.StreamURI)
	a.text("cisco.cms.streaming.stream.name", streaming.StreamName)
	a.text("cisco.cms.call.id", streaming.Call)
	a.text("cisco.cms.call_leg.id", streaming.CallLeg)
	t.extra(streaming.Extra)
}
