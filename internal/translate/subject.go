package translate

import (
	"cmp"

	"github.com/cmscdr/cmscdrreceiver/internal/cdr"
	"github.com/cmscdr/cmscdrreceiver/internal/correlate"
)

// writeSubject writes the ids that a record names and what is known about its leg and
// call.
func writeSubject(a *attributes, record *cdr.Record, effect *correlate.Effect) {
	switch body := record.Body.(type) {
	case *cdr.CallStart, *cdr.CallEnd:
		writeSubjectCall(a, record.ID, effect.Call)
	case *cdr.CallLegStart:
		writeSubjectLeg(a, record.ID, body.Call, effect)
	case *cdr.CallLegUpdate:
		writeSubjectLeg(a, record.ID, body.Call, effect)
	case *cdr.CallLegEnd:
		writeSubjectLeg(a, record.ID, body.Call, effect)
		a.text("cisco.cms.call_leg.reason", body.Reason)
		a.text("cisco.cms.call_leg.outcome", outcomeOf(body))
		a.optionalInt("cisco.cms.call_leg.duration", body.DurationSeconds)
	case *cdr.RecordingStart:
		writeSubjectCapture(a, "cisco.cms.recording.id", record.ID, body.Call, body.CallLeg, effect)
	case *cdr.RecordingEnd:
		writeSubjectCapture(a, "cisco.cms.recording.id", record.ID, body.Call, body.CallLeg, effect)
	case *cdr.StreamingStart:
		writeSubjectCapture(a, "cisco.cms.streaming.id", record.ID, body.Call, body.CallLeg, effect)
	case *cdr.StreamingEnd:
		writeSubjectCapture(a, "cisco.cms.streaming.id", record.ID, body.Call, body.CallLeg, effect)
	}
}

// writeSubjectLeg writes a leg and its call: the call that the record names, else the one
// that the leg was in last. namedCall is empty if the record names none.
func writeSubjectLeg(a *attributes, id, namedCall string, effect *correlate.Effect) {
	leg := effect.Leg
	writeSubjectCall(a, cmp.Or(namedCall, effect.CallID), effect.InCall)
	a.text("cisco.cms.call_leg.id", id)
	a.text("cisco.cms.call_leg.display_name", leg.DisplayName)
	a.text("cisco.cms.call_leg.remote_party", leg.RemoteParty)
	a.text("cisco.cms.call_leg.role", correlate.RoleOf(leg))
	a.text("cisco.cms.call_leg.direction", leg.Direction)
}

// writeSubjectCapture writes the ids of a recording or streaming and of the leg that the
// record names, and a call: the one that the record names, else the one that the recording or
// streaming was in last. End records do not name the call, and can arrive after the call's
// end.
func writeSubjectCapture(a *attributes, key, id, namedCall, legID string, effect *correlate.Effect) {
	a.text(key, id)
	a.text("cisco.cms.call_leg.id", legID)
	writeSubjectCall(a, cmp.Or(namedCall, effect.CallID), effect.InCall)
}

// writeSubjectCall writes the id of a call, and the attributes of the known call if there is
// one and it has this id. A late record can name a call other than the current one of its
// leg.
func writeSubjectCall(a *attributes, id string, known *correlate.Call) {
	a.text("cisco.cms.call.id", id)
	if known == nil || known.ID != id {
		return
	}
	a.text("cisco.cms.call.name", known.Name)
	a.text("cisco.cms.call.cdr_tag", known.CDRTag)
	a.text("cisco.cms.cospace.id", known.CoSpace)
	a.text("cisco.cms.tenant.id", known.Tenant)
}

// outcomeOf returns the outcome of a leg, or an empty text if its end record has no reason.
func outcomeOf(end *cdr.CallLegEnd) string {
	if end.Reason == "" {
		return ""
	}
	return correlate.EndingOf(end.Reason).Outcome
}
