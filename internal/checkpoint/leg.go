package checkpoint

import (
	"fmt"
	"time"

	"go.opentelemetry.io/collector/pdata/pcommon"

	"github.com/cmscdr/cmscdrreceiver/internal/cdr"
	"github.com/cmscdr/cmscdrreceiver/internal/correlate"
)

// leg is the form of a leg. Texts and truths are in the order of correlate's
// tables of fields, which is a part of the form.
type leg struct {
	_           struct{} `cbor:",toarray"`
	Call        string
	Texts       []string
	Bools       []byte
	ConnectedAt uint64
	Deactivated byte
	IVR, Lobby  stay
	Events      []event
	Dropped     uint32
	Links       []link
}

type stay struct {
	_     struct{} `cbor:",toarray"`
	Total int64
	Since uint64
	Been  bool
}

type event struct {
	_       struct{} `cbor:",toarray"`
	Kind    uint8
	Time    uint64
	Call    string
	Changes []change
}

type change struct {
	_               struct{} `cbor:",toarray"`
	Attribute, Text string
	Bool            byte
}

type link struct {
	_           struct{} `cbor:",toarray"`
	Why, To     string
	Trace, Span []byte
}

func legForm(of *correlate.Leg) *leg {
	form := &leg{
		Call: of.Call, ConnectedAt: uint64(of.ConnectedAt), Deactivated: boolForm(of.Deactivated),
		IVR: stayForm(of.IVR), Lobby: stayForm(of.Lobby), Dropped: of.Dropped,
	}
	for _, field := range correlate.LegTexts {
		form.Texts = append(form.Texts, *field.Of(&of.CallLeg))
	}
	for _, field := range correlate.LegBools {
		form.Bools = append(form.Bools, boolForm(*field.Of(&of.CallLeg)))
	}
	for _, e := range of.Events {
		out := event{Kind: uint8(e.Kind), Time: uint64(e.Time), Call: e.Call}
		for _, c := range e.Changes {
			out.Changes = append(out.Changes, change{Attribute: c.Attribute, Text: c.Text, Bool: boolForm(c.Bool)})
		}
		form.Events = append(form.Events, out)
	}
	for _, l := range of.Links {
		form.Links = append(form.Links, link{Why: string(l.Why), To: l.To, Trace: l.Trace[:], Span: l.Span[:]})
	}
	return form
}

func (l *leg) leg(common correlate.Common, trace pcommon.TraceID) (correlate.Entity, error) {
	of := &correlate.Leg{
		Common: common, Trace: trace, ConnectedAt: pcommon.Timestamp(l.ConnectedAt), IVR: l.IVR.stay(), Lobby: l.Lobby.stay(), Dropped: l.Dropped,
	}
	of.Call = l.Call
	if len(l.Texts) != len(correlate.LegTexts) || len(l.Bools) != len(correlate.LegBools) {
		return nil, fmt.Errorf("checkpoint: leg %q has %d texts and %d truths", common.ID, len(l.Texts), len(l.Bools))
	}
	var err error
	if of.Deactivated, err = boolOf(l.Deactivated); err != nil {
		return nil, err
	}
	for i, field := range correlate.LegTexts {
		*field.Of(&of.CallLeg) = l.Texts[i]
	}
	for i, field := range correlate.LegBools {
		if *field.Of(&of.CallLeg), err = boolOf(l.Bools[i]); err != nil {
			return nil, err
		}
	}
	if of.Events, err = eventsOf(l.Events); err != nil {
		return nil, err
	}
	of.Links, err = linksOf(l.Links)
	return of, err
}

func eventsOf(forms []event) (all []correlate.Event, err error) {
	for _, form := range forms {
		e := correlate.Event{Kind: correlate.EventKind(form.Kind), Time: pcommon.Timestamp(form.Time), Call: form.Call}
		for _, c := range form.Changes {
			var truth cdr.Optional[bool]
			if truth, err = boolOf(c.Bool); err != nil {
				return nil, err
			}
			e.Changes = append(e.Changes, correlate.Change{Attribute: c.Attribute, Text: c.Text, Bool: truth})
		}
		all = append(all, e)
	}
	return all, nil
}

func linksOf(forms []link) (all []correlate.Link, err error) {
	for _, form := range forms {
		l := correlate.Link{Why: correlate.LinkReason(form.Why), To: form.To}
		if l.Trace, err = traceID(form.Trace); err != nil {
			return nil, err
		}
		if l.Span, err = spanID(form.Span); err != nil {
			return nil, err
		}
		all = append(all, l)
	}
	return all, nil
}

func stayForm(s correlate.Stay) stay {
	return stay{Total: int64(s.Total), Since: uint64(s.Since), Been: s.Been}
}

func (s stay) stay() correlate.Stay {
	return correlate.Stay{Total: time.Duration(s.Total), Since: pcommon.Timestamp(s.Since), Been: s.Been}
}
