package correlate

import (
	"fmt"
	"math/rand/v2"
	"time"

	"github.com/cmscdr/cmscdrreceiver/internal/cdr"
	"github.com/cmscdr/cmscdrreceiver/internal/meeting"
)

var epoch = time.Date(2026, 3, 2, 8, 0, 0, 0, time.UTC)

// second returns the time n seconds after the epoch of the tests.
func second(n int) time.Time { return epoch.Add(time.Duration(n) * time.Second) }

// highLimits are limits that most tests do not reach.
var highLimits = Limits{MaxOpen: 1000, Expire: 24 * time.Hour}

func newSession(limits Limits) *Session {
	return NewSession("5e550000-0000-4000-8000-000000000001", meeting.New(), limits)
}

// recordOf returns a record whose time is as many seconds after the epoch as its index.
func recordOf(index int, id string, body cdr.Body) *cdr.Record {
	return &cdr.Record{Time: second(index), ID: id, CorrelatorIndex: uint64(index), Body: body}
}

func callStart(index int, id string, call cdr.Call) *cdr.Record {
	return recordOf(index, id, &cdr.CallStart{Call: call})
}

func callEnd(index int, id string) *cdr.Record { return recordOf(index, id, &cdr.CallEnd{}) }

// commitRecords commits the records in one transaction. It returns the effect of the
// last record, and the changes in the number of meetings.
func commitRecords(session *Session, source string, now time.Time, records ...*cdr.Record) (effect Effect, counts []meeting.CountChange) {
	tx := session.Begin(source, now)
	for _, record := range records {
		effect = tx.Apply(record)
	}
	return effect, tx.Commit()
}

// noGap reports that no record is missing.
func noGap(uint64) bool { return false }

// randomRecord returns a record about one of few entities, so that records refer to the
// same ones. The ids of the entities change after every 50 indices, because closed entities
// are seldom opened again, and otherwise few entities would be open. The correlator index of
// the record is up to 19 lower than index, so some records are late.
func randomRecord(random *rand.Rand, index int) *cdr.Record {
	group := index / 50
	callID := fmt.Sprintf("ca110000-0000-4000-%04d-%012d", group, random.IntN(3))
	id := fmt.Sprintf("1e900000-0000-4000-%04d-%012d", group, random.IntN(5))
	leg := cdr.CallLeg{DisplayName: fmt.Sprint("name ", random.IntN(3)), SubType: "lync", GroupID: fmt.Sprint(random.IntN(2))}
	if random.IntN(2) == 0 {
		leg.Call = callID
	}
	correlator := fmt.Sprintf("c0221a70-0000-4000-8000-%012d", random.IntN(2))
	bodies := []cdr.Body{
		&cdr.CallStart{Call: cdr.Call{Name: "Ward 7", CoSpace: fmt.Sprint("space ", random.IntN(2)), Correlator: correlator}},
		&cdr.CallEnd{},
		&cdr.CallLegStart{CallLeg: leg}, &cdr.CallLegEnd{CallLeg: leg},
		&cdr.CallLegUpdate{CallLeg: leg, State: "connected"},
		&cdr.CallLegUpdate{IVR: true},
		&cdr.CallLegUpdate{Deactivated: cdr.Optional[bool]{Value: random.IntN(2) == 0, Present: true}},
		&cdr.RecordingStart{Recording: cdr.Recording{Call: callID}}, &cdr.RecordingEnd{},
		&cdr.StreamingStart{Streaming: cdr.Streaming{CallLeg: id}}, &cdr.StreamingEnd{},
	}
	record := &cdr.Record{
		Time: second(index), ID: id, CorrelatorIndex: uint64(max(0, index-random.IntN(20))),
		Body: bodies[random.IntN(len(bodies))],
	}
	switch record.Body.(type) {
	case *cdr.CallStart, *cdr.CallEnd:
		record.ID = callID
	}
	if random.IntN(4) == 0 {
		record.Nodes = []cdr.Node{{Name: fmt.Sprint("unknown", random.IntN(3)), Text: fmt.Sprint(random.IntN(3))}}
	}
	return record
}
