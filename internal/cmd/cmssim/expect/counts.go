// Package expect computes the counts that a receiver must have after a run of the simulator, from the records that
// it acknowledged. It shares no code with the receiver, so that tests can compare the two.
package expect

// Counts is the expectation of a run. The class of a leg is its direction, type, subType and role, as in
// "incoming/sip/lync/sharing". A dash stands for a value that the acknowledged records lack.
type Counts struct {
	Records    map[string]int // by type
	Calls      Calls
	CallLegs   CallLegs
	Recordings Captures
	Streamings Captures
	Alarms     map[string]int // by type; only alarms with a percentage above 0
	EndedCalls []string       // ids of the calls with an end record

	Open        Open // started and not ended, in each Call Bridge's newest session that has an acknowledged record
	Interrupted Open // started and not ended, in sessions that a newer session replaced

	Sessions          int // sessions with an acknowledged record
	Restarts          int // those of them that were replaced by a newer session with an acknowledged record
	Acknowledged      int
	Unacknowledged    int // records that were still queued at the end of the run
	Missing           int // lost records before an acknowledged one of their session
	MissingUndetected int // lost records that no acknowledged one of their session follows
}

// Calls counts calls by callType.
type Calls struct {
	Started map[string]int
	Ended   map[string]int
}

// CallLegs counts legs.
type CallLegs struct {
	Started          map[string]int // by class
	Ended            map[string]int // by class
	Reasons          map[string]int // of callLegEnd records
	Outcomes         map[string]int
	Seconds          int // total duration of the ended legs
	ActivatedSeconds int
}

// Captures counts recordings or streamings.
type Captures struct {
	Started int
	Ended   int
}

// Open counts the entities that started and did not end.
type Open struct {
	Calls      map[string]int // by callType
	CallLegs   map[string]int // by class
	Recordings int
	Streamings int
}

func newCounts() Counts {
	return Counts{
		Records: map[string]int{},
		Calls:   Calls{Started: map[string]int{}, Ended: map[string]int{}},
		CallLegs: CallLegs{
			Started: map[string]int{}, Ended: map[string]int{}, Reasons: map[string]int{}, Outcomes: map[string]int{},
		},
		Alarms:      map[string]int{},
		Open:        newOpen(),
		Interrupted: newOpen(),
	}
}

func newOpen() Open { return Open{Calls: map[string]int{}, CallLegs: map[string]int{}} }
