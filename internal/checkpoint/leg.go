package checkpoint

import (
	"fmt"
	"time"

	"go.opentelemetry.io/collector/pdata/pcommon"

	"github.com/cmscdr/cmscdrreceiver/internal/correlate"
)

// savedLeg is the format of a leg. The order of texts and bools is that of
// correlate.LegTextFields and LegBoolFields. That order is part of the format, and so are
// the numbers of correlate.EventKind.
type savedLeg struct {
	_             struct{} `cbor:",toarray"`
	Call          string
	Texts         []string
	Bools         []byte
	ConnectedAt   uint64
	Deactivated   byte
	IVR, Lobby    savedStay
	Events        []savedEvent
	DroppedEvents uint32
	Links         []savedLink
}

type savedStay struct {
	_       struct{} `cbor:",toarray"`
	Total   int64
	Since   uint64
	Visited bool
}

type savedEvent struct {
	_       struct{} `cbor:",toarray"`
	Kind    uint8
	Time    uint64
	Call    string
	Changes []savedChange
}

type savedChange struct {
	_               struct{} `cbor:",toarray"`
	Attribute, Text string
	Bool            byte
}

type savedLink struct {
	_             struct{} `cbor:",toarray"`
	Reason, LegID string
	Trace, Span   []byte
}

func saveLeg(leg *correlate.Leg) *savedLeg {
	saved := &savedLeg{
		Call: leg.Call, ConnectedAt: uint64(leg.ConnectedAt), Deactivated: saveBool(leg.Deactivated),
		IVR: saveStay(leg.IVR), Lobby: saveStay(leg.Lobby), DroppedEvents: leg.DroppedEvents,
	}
	for _, field := range correlate.LegTextFields {
		saved.Texts = append(saved.Texts, *field.Pointer(&leg.CallLeg))
	}
	for _, field := range correlate.LegBoolFields {
		saved.Bools = append(saved.Bools, saveBool(*field.Pointer(&leg.CallLeg)))
	}
	for _, e := range leg.Events {
		event := savedEvent{Kind: uint8(e.Kind), Time: uint64(e.Time), Call: e.Call}
		for _, c := range e.Changes {
			event.Changes = append(event.Changes, savedChange{Attribute: c.Attribute, Text: c.Text, Bool: saveBool(c.Bool)})
		}
		saved.Events = append(saved.Events, event)
	}
	for _, l := range leg.Links {
		saved.Links = append(saved.Links, savedLink{Reason: string(l.Reason), LegID: l.LegID, Trace: l.Trace[:], Span: l.Span[:]})
	}
	return saved
}

func (l *savedLeg) load(fields correlate.EntityFields, trace pcommon.TraceID) (correlate.Entity, error) {
	leg := &correlate.Leg{
		EntityFields: fields, Trace: trace, ConnectedAt: pcommon.Timestamp(l.ConnectedAt), IVR: l.IVR.load(), Lobby: l.Lobby.load(), DroppedEvents: l.DroppedEvents,
	}
	leg.Call = l.Call
	if len(l.Texts) != len(correlate.LegTextFields) || len(l.Bools) != len(correlate.LegBoolFields) {
		return nil, fmt.Errorf("checkpoint: leg %q has %d texts and %d bools, not %d and %d",
			fields.ID, len(l.Texts), len(l.Bools), len(correlate.LegTextFields), len(correlate.LegBoolFields))
	}
	var err error
	if leg.Deactivated, err = loadBool(l.Deactivated); err != nil {
		return nil, err
	}
	for i, field := range correlate.LegTextFields {
		*field.Pointer(&leg.CallLeg) = l.Texts[i]
	}
	for i, field := range correlate.LegBoolFields {
		if *field.Pointer(&leg.CallLeg), err = loadBool(l.Bools[i]); err != nil {
			return nil, err
		}
	}
	if leg.Events, err = loadEvents(l.Events); err != nil {
		return nil, err
	}
	leg.Links, err = loadLinks(l.Links)
	return leg, err
}

func loadEvents(saved []savedEvent) (events []correlate.Event, err error) {
	for _, e := range saved {
		if last := uint8(correlate.EventUpdated); uint8(e.Kind) > last {
			return nil, fmt.Errorf("checkpoint: %d is no kind of event; 0 to %d are", e.Kind, last)
		}
		event := correlate.Event{Kind: correlate.EventKind(e.Kind), Time: pcommon.Timestamp(e.Time), Call: e.Call}
		for _, c := range e.Changes {
			change := correlate.Change{Attribute: c.Attribute, Text: c.Text}
			if change.Bool, err = loadBool(c.Bool); err != nil {
				return nil, err
			}
			event.Changes = append(event.Changes, change)
		}
		events = append(events, event)
	}
	return events, nil
}

func loadLinks(saved []savedLink) (links []correlate.Link, err error) {
	for _, l := range saved {
		link := correlate.Link{Reason: correlate.LinkReason(l.Reason), LegID: l.LegID}
		if link.Trace, err = traceID(l.Trace); err != nil {
			return nil, err
		}
		if link.Span, err = spanID(l.Span); err != nil {
			return nil, err
		}
		links = append(links, link)
	}
	return links, nil
}

func saveStay(s correlate.Stay) savedStay {
	return savedStay{Total: int64(s.Total), Since: uint64(s.Since), Visited: s.Visited}
}

func (s savedStay) load() correlate.Stay {
	return correlate.Stay{Total: time.Duration(s.Total), Since: pcommon.Timestamp(s.Since), Visited: s.Visited}
}
