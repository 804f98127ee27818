package main

import (
	"fmt"
	"time"

	"github.com/cmscdr/cmscdrreceiver/internal/cmd/cmssim/meeting"
	"github.com/cmscdr/cmscdrreceiver/internal/cmd/cmssim/wire"
)

// simulate returns the first recordsEach records of each Call Bridge of a cluster.
func simulate(callBridges, recordsEach int) [][]wire.Record {
	generator := meeting.NewGenerator(meeting.Settings{Seed: 1, Bridges: callBridges, Rate: 60, Scanners: 1})
	start := time.Date(2026, 3, 2, 8, 0, 0, 0, time.UTC)
	records := make([][]wire.Record, callBridges)
	complete := 0
	for elapsed, events := range meeting.NewTimeline(generator, 0, 0).Seconds() {
		for _, event := range events {
			index := len(records[event.Bridge])
			if index == recordsEach {
				continue
			}
			records[event.Bridge] = append(records[event.Bridge], wire.Record{
				Type: event.Body.Type(), Time: start.Add(elapsed), RecordIndex: index + 1, CorrelatorIndex: index,
				Element: wire.Element(event.Body),
			})
			if index+1 == recordsEach {
				complete++
			}
		}
		if complete == callBridges {
			break
		}
	}
	return records
}

// documentsOf divides the records of a Call Bridge into documents of size records, without
// a smaller rest. Each run has its own session, because in the same session the receiver
// ignores records as duplicates that it accepted in an earlier run.
func documentsOf(records []wire.Record, size, callBridge, run int) (documents []request) {
	for len(records) >= size {
		documents = append(documents, request{path: "/cdr", body: wire.Document{
			Session:    fmt.Sprintf("5e550000-0000-4000-8000-%06d%06d", callBridge, run),
			CallBridge: meeting.CallBridge(callBridge), Records: records[:size],
		}.Append(nil)})
		records = records[size:]
	}
	return documents
}
