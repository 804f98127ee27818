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

// record is a log record with the service.instance.id of its resource.
type record struct {
	plog.LogRecord
	source string
}

// records returns the log records in the order of arrival.
func records(all ...plog.Logs) (out []record) {
	for _, logs := range all {
		for _, resource := range logs.ResourceLogs().All() {
			source := text(resource.Resource().Attributes(), "service.instance.id")
			for _, scope := range resource.ScopeLogs().All() {
				for _, logRecord := range scope.LogRecords().All() {
					out = append(out, record{logRecord, source})
				}
			}
		}
	}
	return out
}

// event returns the event name without the common prefix.
func (r record) event() string { return strings.TrimPrefix(r.EventName(), "cisco.cms.") }

// attribute returns the attribute cisco.cms.<key> as text.
func (r record) attribute(key string) string { return text(r.Attributes(), "cisco.cms."+key) }

// element returns an element of the body, and whether it exists.
func (r record) element(name string) (pcommon.Value, bool) {
	if r.Body().Type() != pcommon.ValueTypeMap {
		return pcommon.Value{}, false
	}
	return r.Body().Map().Get(name)
}

// elementText returns an element of the body as text, and whether it exists.
func (r record) elementText(name string) (string, bool) {
	v, ok := r.element(name)
	if !ok {
		return "", false
	}
	return v.AsString(), true
}

// subject returns the name of the person, call or server that the record is about, or its
// id. For a recording it returns "recording", and for a streaming "streaming".
func (r record) subject() string {
	switch kind, _, _ := strings.Cut(r.event(), "."); kind {
	case "call_leg":
		return cmp.Or(r.attribute("call_leg.display_name"), r.attribute("call_leg.remote_party"), r.attribute("call_leg.id"))
	case "call":
		return cmp.Or(r.attribute("call.name"), r.attribute("call.id"))
	case "recording", "streaming":
		return kind
	default:
		return "Call Bridge " + shortID(r.source)
	}
}

// clauses returns a description of the event in clauses.
func (r record) clauses() []string {
	switch r.event() {
	case "call.start":
		kind, _ := r.elementText("callType")
		return nonEmpty("begins", kind)
	case "call.end":
		legsAtMost := ""
		if legs, ok := r.elementText("callLegsMaxActive"); ok {
			legsAtMost = legs + " legs at most"
		}
		return nonEmpty("ends"+r.afterDuration(), legsAtMost)
	case "call_leg.start":
		return r.legStart()
	case "call_leg.update":
		return []string{r.legUpdate()}
	case "call_leg.end":
		return r.legEnd()
	case "recording.start", "streaming.start":
		return []string{"begins"}
	case "recording.end", "streaming.end":
		return []string{"ends"}
	case "session.start":
		return []string{"sends the first record of a session"}
	case "record.gap":
		indices := "from index " + r.attribute("record.first_missing") + " to " + r.attribute("record.last_missing")
		return []string{"number of missing records: " + r.attribute("record.missing_count"), indices}
	case "document.malformed":
		return []string{"sent malformed data: " + r.attribute("document.error.message")}
	default:
		return []string{cmp.Or(r.attribute("record.type"), r.event())}
	}
}

// legStart describes how a leg began.
func (r record) legStart() []string {
	verb := "connects"
	switch r.attribute("call_leg.direction") {
	case "incoming":
		verb = "dials in"
	case "outgoing":
		verb = "is called"
	}
	if role := r.attribute("call_leg.role"); role != "" && role != "participant" {
		verb += " as " + role
	}
	party := r.attribute("call_leg.remote_party")
	if party == r.subject() {
		party = ""
	}
	return nonEmpty(verb, party)
}

const inLobby = "waits in the lobby"

// legUpdate returns the state that an update of a leg reports.
func (r record) legUpdate() string {
	_, inMenu := r.elementText("ivr")
	state, hasState := r.elementText("state")
	deactivated, reported := r.elementText("deactivated")
	switch {
	case inMenu:
		return "is in the voice menu"
	case reported && deactivated == "true":
		return inLobby
	case reported:
		return "takes part"
	case hasState:
		return "is " + state
	default:
		return "is updated"
	}
}

// legEnd describes how a leg ended.
func (r record) legEnd() []string {
	verb := map[string]string{"failed": "✗ fails", "not_joined": "does not join"}[r.attribute("call_leg.outcome")]
	reason, _ := r.elementText("reason")
	return append(nonEmpty(cmp.Or(verb, "leaves")+r.afterDuration(), reason), r.alarms()...)
}

// alarms returns the alarms that lasted more than 0 % of the time.
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

// afterDuration returns the duration in the record as a phrase after a verb, or an empty
// text.
func (r record) afterDuration() string {
	seconds, _ := r.elementText("durationSeconds")
	d, err := time.ParseDuration(seconds + "s")
	if err != nil {
		return ""
	}
	return " after " + formatDuration(d)
}

// nonEmpty returns the clauses that are not empty.
func nonEmpty(clauses ...string) []string {
	return slices.DeleteFunc(clauses, func(clause string) bool { return clause == "" })
}

// style returns the colour for the record's outcome and severity.
func (r record) style() textStyle {
	if r.attribute("call_leg.outcome") == "failed" {
		return red
	}
	if r.SeverityNumber() >= plog.SeverityNumberWarn {
		return yellow
	}
	return plain
}
