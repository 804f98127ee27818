package translate

import (
	"go.opentelemetry.io/collector/pdata/ptrace"

	"github.com/cmscdr/cmscdrreceiver/internal/cdr"
	"github.com/cmscdr/cmscdrreceiver/internal/correlate"
)

func (t *Traces) call(span ptrace.Span, ended *correlate.Ended) {
	call := ended.Call
	span.SetName(nameWith("call", call.CallType))
	a := &t.scratch
	a.text("cisco.cms.call.id", call.ID)
	a.text("cisco.cms.call.name", call.Name)
	a.text("cisco.cms.call.type", call.CallType)
	a.text("cisco.cms.call.correlator", call.Correlator)
	a.text("cisco.cms.call.owner_name", call.OwnerName)
	a.text("cisco.cms.call.cdr_tag", call.CDRTag)
	a.text("cisco.cms.cospace.id", call.CoSpace)
	a.optionalBool("cisco.cms.cospace.metadata_configured", call.CoSpaceMetaDataConfigured)
	a.text("cisco.cms.tenant.id", call.Tenant)
	if end, ok := ended.By.(*cdr.CallEnd); ok {
		a.optionalInt("cisco.cms.call.legs_completed", end.LegsCompleted)
		a.optionalInt("cisco.cms.call.legs_max_active", end.LegsMaxActive)
		a.optionalInt("cisco.cms.call.duration", end.DurationSeconds)
		a.optionalBool("cisco.cms.call.endpoint_recorded", end.EndpointRecorded)
	}
	t.extra(call.Extra)
}

func (t *Traces) recording(span ptrace.Span, ended *correlate.Ended) {
	recording := ended.Recording
	span.SetName("recording")
	a := &t.scratch
	a.text("cisco.cms.recording.id", recording.ID)
	a.text("cisco.cms.recording.path", recording.Path)
	a.text("cisco.cms.recording.recorder_uri", recording.RecorderURI)
	a.text("cisco.cms.call.id", recording.Call)
	a.text("cisco.cms.call_leg.id", recording.CallLeg)
	t.extra(recording.Extra)
	link(span, ended.Trace, recording.CallLeg)
}

func (t *Traces) streaming(span ptrace.Span, ended *correlate.Ended) {
	streaming := ended.Streaming
	span.SetName("streaming")
	a := &t.scratch
	a.text("cisco.cms.streaming.id", streaming.ID)
	a.text("cisco.cms.streaming.streamer_uri", streaming.StreamerURI)
	a.text("cisco.cms.streaming.stream_uri", streaming.StreamURI)
	a.text("cisco.cms.streaming.stream_name", streaming.StreamName)
	a.text("cisco.cms.call.id", streaming.Call)
	a.text("cisco.cms.call_leg.id", streaming.CallLeg)
	t.extra(streaming.Extra)
	link(span, ended.Trace, streaming.CallLeg)
}
