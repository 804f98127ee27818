package main

import (
	"cmp"
	"slices"

	"go.opentelemetry.io/collector/pdata/plog"
)

// selectRecords selects log records that show what there is: the first of some events, the
// last end of a call, and every warning, in the order of time.
func selectRecords(all []record) (picked []record) {
	slices.SortStableFunc(all, func(a, b record) int { return cmp.Compare(a.Timestamp(), b.Timestamp()) })
	first := map[string]bool{"call.start": true, "call_leg.start": true, "recording.start": true}
	lastCall := -1
	for i := range all {
		if all[i].event() == "call.end" {
			lastCall = i
		}
	}
	lobbies := 0
	for i, r := range all {
		waits := r.event() == "call_leg.update" && r.change() == inLobby
		if first[r.event()] || waits && lobbies == 0 || r.SeverityNumber() >= plog.SeverityNumberWarn || i == lastCall {
			picked = append(picked, r)
		}
		first[r.event()] = false
		if waits {
			lobbies++
		}
	}
	return picked
}

// showRecords prints time, severity, event, subject and description of each record.
func showRecords(p *page, all []record) {
	event, who := 0, 0
	for _, r := range all {
		event, who = max(event, width(r.event())), max(who, width(r.who()))
	}
	for _, r := range all {
		head := clock(r.Timestamp()) + "  " + padded(r.SeverityText(), len("ERROR")) + "  " +
			padded(r.event(), event) + "  " + padded(r.who(), who) + "  "
		p.folded(r.ink(), head, padded("", width(head)), r.what())
	}
}
