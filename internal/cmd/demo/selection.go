package main

import (
	"cmp"
	"slices"

	"go.opentelemetry.io/collector/pdata/plog"
)

// selectRecords selects the first start of a call, of a leg and of a recording, the first
// wait in the lobby, the last end of a call, and every warning or error. It sorts the slice
// in place by time.
func selectRecords(all []record) (selected []record) {
	slices.SortStableFunc(all, func(a, b record) int { return cmp.Compare(a.Timestamp(), b.Timestamp()) })
	first := map[string]bool{"call.start": true, "call_leg.start": true, "recording.start": true}
	lastCallEnd := -1
	for i := range all {
		if all[i].event() == "call.end" {
			lastCallEnd = i
		}
	}
	lobbyShown := false
	for i, r := range all {
		inLobbyNow := r.event() == "call_leg.update" && r.legUpdate() == inLobby
		if first[r.event()] || inLobbyNow && !lobbyShown || r.SeverityNumber() >= plog.SeverityNumberWarn || i == lastCallEnd {
			selected = append(selected, r)
		}
		first[r.event()] = false
		if inLobbyNow {
			lobbyShown = true
		}
	}
	return selected
}

// showRecords prints time, severity, event, subject and description of each record.
func showRecords(p *page, all []record) {
	eventWidth, subjectWidth := 0, 0
	for _, r := range all {
		eventWidth, subjectWidth = max(eventWidth, width(r.event())), max(subjectWidth, width(r.subject()))
	}
	for _, r := range all {
		head := clock(r.Timestamp()) + "  " + padded(r.SeverityText(), len("ERROR")) + "  " +
			padded(r.event(), eventWidth) + "  " + padded(r.subject(), subjectWidth) + "  "
		p.wrapped(r.style(), head, padded("", width(head)), r.clauses())
	}
}
