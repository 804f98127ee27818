package main

import (
	"cmp"
	"fmt"
	"slices"
	"strings"
	"time"

	"go.opentelemetry.io/collector/pdata/pcommon"
	"go.opentelemetry.io/collector/pdata/plog"
)

// record is a log record with the source that its resource names.
type record struct {
	plog.LogRecord
	source string
}

// records are the log records in the order they came.
func records(all ...plog.Logs) (out []record) {
	for _, logs := range all {
		for _, resource := range logs.ResourceLogs().All() {
			source := text(resource.Resource().Attributes(), "service.instance.id")
			for _, scope := range resource.ScopeLogs().All() {
				for _, of := range scope.LogRecords().All() {
					out = append(out, record{of, source})
				}
			}
		}
	}
	return out
}

// event is the event's name without what all have in common.
func (r record) event() string { return strings.TrimPrefix(r.EventName(), "cisco.cms.") }

// of is an attribute below cisco.cms.
func (r record) of(key string) string { return text(r.Attributes(), "cisco.cms."+key) }

// element is one of the body's, if it has it.
func (r record) element(name string) (pcommon.Value, bool) {
	if r.Body().Type() != pcommon.ValueTypeMap {
		return pcommon.Value{}, false
	}
	return r.Body().Map().Get(name)
}

// in is such an element as text.
func (r record) in(name string) (string, bool) {
	v, ok := r.element(name)
	if !ok {
		return "", false
	}
	return v.AsString(), true
}

// who is whom or what the record is about, by the best name that it has.
func (r record) who() string {
	switch kind, _, _ := strings.Cut(r.event(), "."); kind {
	case "call_leg":
		return cmp.Or(r.of("call_leg.display_name"), r.of("call_leg.remote_party"), r.of("call_leg.id"))
	case "call":
		return cmp.Or(r.of("call.name"), r.of("call.id"))
	case "recording", "streaming":
		return kind
	default:
		return "Call Bridge " + brief(r.source)
	}
}

// what is what the record says happened, in clauses.
func (r record) what() []string {
	switch r.event() {
	case "call.start":
		kind, _ := r.in("callType")
		return present("begins", kind)
	case "call.end":
		most := ""
		if legs, ok := r.in("callLegsMaxActive"); ok {
			most = legs + " legs at most"
		}
		return present("ends"+r.lasting(), most)
	case "call_leg.start":
		return r.dialled()
	case "call_leg.update":
		return []string{r.change()}
	case "call_leg.end":
		return r.ending()
	case "recording.start", "streaming.start":
		return []string{"begins"}
	case "recording.end", "streaming.end":
		return []string{"ends"}
	case "session.start":
		return []string{"sends the first record of a session"}
	case "record.gap":
		missing := r.of("record.first_missing") + " to " + r.of("record.last_missing")
		return []string{"lost " + r.of("record.missing_count") + " records", missing}
	case "document.malformed":
		return []string{"sent what cannot be read: " + r.of("document.error.message")}
	default:
		return []string{cmp.Or(r.of("record.type"), r.event())}
	}
}

func (r record) dialled() []string {
	did := "connects"
	switch r.of("call_leg.direction") {
	case "incoming":
		did = "dials in"
	case "outgoing":
		did = "is called"
	}
	if role := r.of("call_leg.role"); role != "" && role != "participant" {
		did += " as " + role
	}
	party := r.of("call_leg.remote_party")
	if party == r.who() {
		party = ""
	}
	return present(did, party)
}

const inLobby = "waits in the lobby"

// change is the state that an update of a leg tells.
func (r record) change() string {
	_, menu := r.in("ivr")
	state, connected := r.in("state")
	deactivated, placed := r.in("deactivated")
	switch {
	case menu:
		return "is in the voice menu"
	case placed && deactivated == "true":
		return inLobby
	case placed:
		return "takes part"
	case connected:
		return "is " + state
	default:
		return "is updated"
	}
}

func (r record) ending() []string {
	did := map[string]string{"failed": "✗ fails", "not_joined": "does not join"}[r.of("call_leg.outcome")]
	reason, _ := r.in("reason")
	return append(present(cmp.Or(did, "leaves")+r.lasting(), reason), r.alarms()...)
}

// alarms are those that lasted some of the leg's time.
func (r record) alarms() (out []string) {
	alarms, ok := r.element("alarm")
	if !ok || alarms.Type() != pcommon.ValueTypeSlice {
		return nil
	}
	for _, alarm := range alarms.Slice().All() {
		if alarm.Type() != pcommon.ValueTypeMap {
			continue
		}
		share, ok := alarm.Map().Get("durationPercentage")
		if ok && share.Type() == pcommon.ValueTypeDouble && share.Double() > 0 {
			out = append(out, fmt.Sprintf("%s %.3g %%", text(alarm.Map(), "type"), share.Double()))
		}
	}
	return out
}

// lasting is how long the record says it was, in words that follow a verb.
func (r record) lasting() string {
	seconds, _ := r.in("durationSeconds")
	d, err := time.ParseDuration(seconds + "s")
	if err != nil {
		return ""
	}
	return " after " + length(d)
}

// present are the clauses that say something.
func present(clauses ...string) []string {
	return slices.DeleteFunc(clauses, func(clause string) bool { return clause == "" })
}

// ink is the colour of the record's severity.
func (r record) ink() ink {
	if r.of("call_leg.outcome") == "failed" {
		return red
	}
	if r.SeverityNumber() >= plog.SeverityNumberWarn {
		return yellow
	}
	return plain
}
