package main

import (
	"fmt"
	"regexp"
	"time"

	"github.com/cmscdr/cmscdrreceiver/internal/cmd/cmssim/meeting"
	"github.com/cmscdr/cmscdrreceiver/internal/cmd/cmssim/wire"
)

// simulate returns the records of each Call Bridge of a cluster, at least the given number
// in total. All meetings end, so that no leg stays open.
func simulate(callBridges, atLeast int) [][]wire.Record {
	settings := meeting.Settings{Seed: 1, Bridges: callBridges, Rate: 60, Scanners: 1}
	meetings := 0
	// The timeline ends with the last meeting and omits later bursts of scanner calls, so the
	// loop ends after a meeting too.
	for generator, total, scanner := meeting.NewGenerator(settings), 0, true; total < atLeast || scanner; {
		m := generator.Next()
		total += len(m.Events)
		if scanner = m.Scanner; !scanner {
			meetings++
		}
	}
	start := time.Date(2026, 3, 2, 8, 0, 0, 0, time.UTC)
	records := make([][]wire.Record, callBridges)
	for elapsed, events := range meeting.NewTimeline(meeting.NewGenerator(settings), meetings, 0).Seconds() {
		for _, event := range events {
			index := len(records[event.Bridge])
			records[event.Bridge] = append(records[event.Bridge], wire.Record{
				Type: event.Body.Type(), Time: start.Add(elapsed), RecordIndex: index + 1, CorrelatorIndex: index,
				Element: wire.Element(event.Body),
			})
		}
	}
	return records
}

// guids matches the GUIDs that the simulator generates.
var guids = regexp.MustCompile(`[0-9a-f]{8}(-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12})`)

// repetition returns the records of a Call Bridge for a repetition of the same meetings.
// Number 0 is the records themselves. Each repetition is later than the one before by
// delay, and has higher indices and other GUIDs.
func repetition(records []wire.Record, number int, delay time.Duration) []wire.Record {
	if number == 0 {
		return records
	}
	later := make([]wire.Record, len(records))
	guid := fmt.Appendf(nil, "%08x$1", number)
	for i, record := range records {
		record.Time = record.Time.Add(time.Duration(number) * delay)
		record.RecordIndex += number * len(records)
		record.CorrelatorIndex += number * len(records)
		record.Element = guids.ReplaceAll(record.Element, guid)
		later[i] = record
	}
	return later
}

// documentsOf divides the records of a Call Bridge into documents of one session. Each has
// perDocument records, and the last one the rest.
func documentsOf(records []wire.Record, perDocument, callBridge int) (documents []request) {
	for len(records) > 0 {
		n := min(perDocument, len(records))
		documents = append(documents, request{path: "/cdr", body: wire.Document{
			Session:    fmt.Sprintf("5e550000-0000-4000-8000-%012d", callBridge),
			CallBridge: meeting.CallBridge(callBridge), Records: records[:n],
		}.Append(nil)})
		records = records[n:]
	}
	return documents
}
