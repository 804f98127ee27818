package main

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"go.opentelemetry.io/collector/pdata/pcommon"
	"go.opentelemetry.io/collector/pdata/ptrace"
)

// Places where a leg waits.
const menu, lobby = "menu", "lobby"

// wait is a visit of a leg to the voice menu or the lobby.
type wait struct {
	where    string
	from, to time.Time
}

// waits returns the visits in the events of a leg's span. A visit without an event for its
// end lasts until the end of the leg.
func waits(span ptrace.Span) (all []wait) {
	const prefix = "cisco.cms.call_leg."
	open := map[string]time.Time{}
	end := func(event, where string, at time.Time) {
		if from, ok := open[event]; ok {
			all = append(all, wait{where, from, at})
			delete(open, event)
		}
	}
	for _, event := range span.Events().All() {
		at := event.Timestamp().AsTime()
		switch event.Name() {
		case prefix + "ivr", prefix + "lobby":
			open[event.Name()] = at
		case prefix + "joined":
			end(prefix+"ivr", menu, at)
		case prefix + "activated":
			end(prefix+"lobby", lobby, at)
		}
	}
	end(prefix+"ivr", menu, span.EndTimestamp().AsTime())
	end(prefix+"lobby", lobby, span.EndTimestamp().AsTime())
	return all
}

// clauses returns a description of the span in clauses.
func (r row) clauses() (clauses []string) {
	if r.span.Events().Len() == 0 {
		clauses = r.startClauses()
	}
	for _, event := range r.span.Events().All() {
		if event.Name() == "cisco.cms.call_leg.joined" {
			clauses = append(clauses, "joined "+clock(event.Timestamp()))
			break
		}
	}
	menuVisits := 0
	for _, w := range waits(r.span) {
		clause := w.where + " " + formatDuration(w.to.Sub(w.from))
		if w.where == menu {
			clauses = slices.Insert(clauses, menuVisits, clause)
			menuVisits++
		} else {
			clauses = append(clauses, clause)
		}
	}
	for _, alarm := range []struct{ key, name string }{
		{"packet_loss", "packet loss"}, {"excessive_jitter", "jitter"}, {"high_round_trip_time", "round trip time"},
	} {
		share, ok := r.span.Attributes().Get("cisco.cms.alarm." + alarm.key + ".duration_ratio")
		if ok && share.Double() > 0 {
			clauses = append(clauses, fmt.Sprintf("%s %.3g %%", alarm.name, 100*share.Double()))
		}
	}
	if r.failed() {
		clauses = append(clauses, "✗ "+text(r.span.Attributes(), "error.type"))
	}
	return clauses
}

// startClauses returns when a span without events began, and for a call also the Call
// Bridge.
func (r row) startClauses() []string {
	began := "began " + clock(r.span.StartTimestamp())
	if strings.HasPrefix(r.span.Name(), "call") {
		return []string{began, "bridge " + shortID(r.source)}
	}
	return []string{began}
}

func spanDuration(span ptrace.Span) time.Duration {
	return span.EndTimestamp().AsTime().Sub(span.StartTimestamp().AsTime())
}

// shortID returns the first part of a GUID, which distinguishes sources on a screen. It
// returns other ids unchanged.
func shortID(source string) string {
	if len(source) != len("00000000-0000-0000-0000-000000000000") {
		return source
	}
	first, _, _ := strings.Cut(source, "-")
	return first
}

func clock(at pcommon.Timestamp) string { return at.AsTime().Format(time.TimeOnly) }

func formatDuration(d time.Duration) string {
	seconds := int(d.Round(time.Second).Seconds())
	switch {
	case seconds < 60:
		return fmt.Sprintf("%d s", seconds)
	case seconds < 3600:
		return fmt.Sprintf("%d min %d s", seconds/60, seconds%60)
	default:
		return fmt.Sprintf("%d h %d min", seconds/3600, seconds/60%60)
	}
}

// text returns an attribute as text, or an empty text if it is absent.
func text(m pcommon.Map, key string) string {
	if v, ok := m.Get(key); ok {
		return v.AsString()
	}
	return ""
}
