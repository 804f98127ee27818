package main

import (
	"fmt"
	"time"

	"github.com/cmscdr/cmscdrreceiver/internal/cmd/cmssim/meeting"
	"github.com/cmscdr/cmscdrreceiver/internal/cmd/cmssim/wire"
)

// callBridges post at the same time, each over a connection of its own.
const callBridges = 4

// recordsOf returns the first records that each Call Bridge reports while meetings
// happen on all of them.
func recordsOf(each int) [callBridges][]wire.Record {
	generator := meeting.NewGenerator(meeting.Settings{Seed: 1, Bridges: callBridges, Rate: 60, Scanners: 1})
	start := time.Date(2026, 3, 2, 8, 0, 0, 0, time.UTC)
	var all [callBridges][]wire.Record
	full := 0
	for at, events := range meeting.NewTimeline(generator, 0, 0).Seconds() {
		for _, event := range events {
			records := &all[event.Bridge]
			index := len(*records)
			if index == each {
				continue
			}
			*records = append(*records, wire.Record{
				Type: event.Body.Type(), Time: start.Add(at), RecordIndex: index + 1, CorrelatorIndex: index,
				Element: wire.Element(event.Body),
			})
			if index+1 == each {
				full++
			}
		}
		if full == callBridges {
			break
		}
	}
	return all
}

// documentsOf divides what a Call Bridge reports into documents of so many records.
// Each run is a session of its own: a receiver that knows the records from the last
// run would take them for repeats.
func documentsOf(records []wire.Record, size, callBridge, run int) (documents [][]byte) {
	for len(records) >= size {
		documents = append(documents, wire.Document{
			Session:    fmt.Sprintf("5e550000-0000-4000-8000-%06d%06d", callBridge, run),
			CallBridge: meeting.CallBridge(callBridge), Records: records[:size],
		}.Append(nil))
		records = records[size:]
	}
	return documents
}
