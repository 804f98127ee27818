package correlate

import (
	"strings"

	"github.com/cmscdr/cmscdrreceiver/internal/cdr"
)

// TextField describes a text field of a call leg.
type TextField struct {
	// Attribute is the name of the field's attribute on the leg's span.
	Attribute string
	// Pointer returns the field.
	Pointer func(*cdr.CallLeg) *string
}

// BoolField describes a boolean field of a call leg. See TextField.
type BoolField struct {
	Attribute string
	Pointer   func(*cdr.CallLeg) *cdr.Optional[bool]
}

// LegTextFields are the text fields that are merged and become attributes unchanged.
// They do not include the call, because joining a call has its own rules. The order is
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

// maxSharedText limits the texts that share an allocation, in bytes. An allocation is in
// memory as long as one of its texts, but bytes does not count the texts that later records
// replaced. Names, addresses and ids are seldom longer.
const maxSharedText = 64

// merge sets the fields that the record contains and appends each change to changes,
// unless changes is nil. A late record only sets absent fields. The texts are cloned: those
// of up to maxSharedText into one allocation, longer ones into one each.
func (l *Leg) merge(from *cdr.CallLeg, late bool, changes *[]Change) {
	var changed [len(LegTextFields)]bool
	var size int
	for i := range LegTextFields {
		field := &LegTextFields[i]
		text := bounded(*field.Pointer(from))
		if changed[i] = changesText(*field.Pointer(&l.CallLeg), text, late); changed[i] && len(text) <= maxSharedText {
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
		text := bounded(*field.Pointer(from))
		if len(text) > maxSharedText {
			text = strings.Clone(text)
		} else {
			start := texts.Len()
			texts.WriteString(text)
			text = texts.String()[start:]
		}
		into := field.Pointer(&l.CallLeg)
		if *into = text; changes != nil {
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
