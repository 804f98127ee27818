package correlate

import (
	"strings"

	"github.com/cmscdr/cmscdrreceiver/internal/cdr"
)

// TextField describes a text field of a call leg.
type TextField struct {
	// Attribute is the field's name on the leg's span.
	Attribute string
	Pointer   func(*cdr.CallLeg) *string
}

// BoolField describes a boolean field of a call leg, which can be absent.
type BoolField struct {
	Attribute string
	Pointer   func(*cdr.CallLeg) *cdr.Optional[bool]
}

// LegTextFields are the text fields that are merged and become attributes unchanged.
// The call is not among them, because joining a call has its own rules. The order is
// part of the stored format.
var LegTextFields = [...]TextField{
	{"cisco.cms.call_leg.display_name", func(l *cdr.CallLeg) *string { return &l.DisplayName }},
	{"cisco.cms.call_leg.local_address", func(l *cdr.CallLeg) *string { return &l.LocalAddress }},
	{"cisco.cms.call_leg.remote_address", func(l *cdr.CallLeg) *string { return &l.RemoteAddress }},
	{"cisco.cms.call_leg.remote_party", func(l *cdr.CallLeg) *string { return &l.RemoteParty }},
	{"cisco.cms.call_leg.cdr_tag", func(l *cdr.CallLeg) *string { return &l.CDRTag }},
	{"cisco.cms.call_leg.type", func(l *cdr.CallLeg) *string { return &l.Type }},
	{"cisco.cms.call_leg.subtype", func(l *cdr.CallLeg) *string { return &l.SubType }},
	{"cisco.cms.call_leg.lync_subtype", func(l *cdr.CallLeg) *string { return &l.LyncSubType }},
	{"cisco.cms.call_leg.direction", func(l *cdr.CallLeg) *string { return &l.Direction }},
	{"cisco.cms.call_leg.owner.id", func(l *cdr.CallLeg) *string { return &l.OwnerID }},
	{"cisco.cms.call_leg.group.id", func(l *cdr.CallLeg) *string { return &l.GroupID }},
	{"cisco.cms.call_leg.confirmation_status", func(l *cdr.CallLeg) *string { return &l.ConfirmationStatus }},
	{"cisco.cms.call_leg.moved_from.id", func(l *cdr.CallLeg) *string { return &l.MovedCallLeg }},
	{"cisco.cms.call_leg.moved_from.call_bridge.id", func(l *cdr.CallLeg) *string { return &l.MovedCallLegCallBridge }},
	{"cisco.cms.call_leg.sip.call_id", func(l *cdr.CallLeg) *string { return &l.SIPCallID }},
	{"cisco.cms.call_leg.sip.replaces_call_id", func(l *cdr.CallLeg) *string { return &l.ReplacesSIPCallID }},
}

// LegBoolFields are the boolean fields that are merged and become attributes
// unchanged. The order is part of the stored format.
var LegBoolFields = [...]BoolField{
	{"cisco.cms.call_leg.guest", func(l *cdr.CallLeg) *cdr.Optional[bool] { return &l.GuestConnection }},
	{"cisco.cms.call_leg.recording", func(l *cdr.CallLeg) *cdr.Optional[bool] { return &l.Recording }},
	{"cisco.cms.call_leg.streaming", func(l *cdr.CallLeg) *cdr.Optional[bool] { return &l.Streaming }},
	{"cisco.cms.call_leg.can_move", func(l *cdr.CallLeg) *cdr.Optional[bool] { return &l.CanMove }},
}

// merge adds what the record contains and appends each change to changes, unless
// changes is nil. Absent fields keep their values, and a late record only sets fields
// that were absent.
//
// The texts are cloned into one allocation.
func (l *Leg) merge(from *cdr.CallLeg, late bool, changes *[]Change) {
	var changed [len(LegTextFields)]bool
	var size int
	for i := range LegTextFields {
		field := &LegTextFields[i]
		text := bounded(*field.Pointer(from))
		if changed[i] = changesText(*field.Pointer(&l.CallLeg), text, late); changed[i] {
			size += len(text)
		}
	}
	var texts strings.Builder
	texts.Grow(size)
	for i := range changed {
		if !changed[i] {
			continue
		}
		field := &LegTextFields[i]
		begin := texts.Len()
		texts.WriteString(bounded(*field.Pointer(from)))
		into := field.Pointer(&l.CallLeg)
		if *into = texts.String()[begin:]; changes != nil {
			*changes = append(*changes, Change{Attribute: field.Attribute, Text: *into})
		}
	}
	for i := range LegBoolFields {
		field := &LegBoolFields[i]
		if into := field.Pointer(&l.CallLeg); mergeOptional(into, *field.Pointer(from), late) && changes != nil {
			*changes = append(*changes, Change{Attribute: field.Attribute, Bool: *into})
		}
	}
}
