// Package expect says what a receiver should have counted, from what the Call Bridges reported and the
// receiver acknowledged.
package expect

// Counts is the expectation of a run. Legs are counted by class: direction, type, subType and role with
// slashes between them, as in "incoming/sip/lync/sharing"; what no record told is a dash.
type Counts struct {
	Records    map[string]int `json:"records"` // acknowledged, by type
	Calls      Calls          `json:"calls"`
	CallLegs   CallLegs       `json:"call_legs"`
	Recordings Captures       `json:"recordings"`
	Streamings Captures       `json:"streamings"`
	Alarms     map[string]int `json:"alarms_above_zero"` // by type

	Open        Open `json:"open"`        // begun in a session that goes on, and not ended
	Interrupted Open `json:"interrupted"` // begun in a session that a restart cut off

	Sessions       int `json:"sessions"` // of which a record was acknowledged
	Restarts       int `json:"restarts"` // sessions that followed another of the same Call Bridge
	Acknowledged   int `json:"acknowledged"`
	Unacknowledged int `json:"unacknowledged"`  // still with the Call Bridges when the run stopped
	Missing        int `json:"missing"`         // gone, and a later record shows it
	MissingUntold  int `json:"missing_untold"`  // gone, and nothing shows it
	SessionsMissed int `json:"sessions_missed"` // without one acknowledged record

	Ended *Ended `json:"ended,omitempty"`
}

// Calls counts calls by callType, a dash where the callStart is missing.
type Calls struct {
	Started map[string]int `json:"started"`
	Ended   map[string]int `json:"ended"`
	Seconds map[string]int `json:"seconds"` // durations of those that ended
}

// CallLegs counts legs by class, reason and outcome.
type CallLegs struct {
	Started          map[string]int `json:"started"`
	Ended            map[string]int `json:"ended"`
	Reasons          map[string]int `json:"reasons"`
	Outcomes         map[string]int `json:"outcomes"`
	Seconds          int            `json:"seconds"`           // durations of those that ended
	ActivatedSeconds int            `json:"activated_seconds"` // of those that told it
}

// Captures counts recordings or streamings.
type Captures struct {
	Started int `json:"started"`
	Ended   int `json:"ended"`
}

// Open counts what had a start and no end.
type Open struct {
	Calls      map[string]int `json:"calls"`
	CallLegs   map[string]int `json:"call_legs"`
	Recordings int            `json:"recordings"`
	Streamings int            `json:"streamings"`
}

// Ended names what ended; within a session, in the order of the records.
type Ended struct {
	Calls    []string `json:"calls"`
	CallLegs []string `json:"call_legs"`
}

func newCounts() Counts {
	return Counts{
		Records: map[string]int{},
		Calls:   Calls{Started: map[string]int{}, Ended: map[string]int{}, Seconds: map[string]int{}},
		CallLegs: CallLegs{
			Started: map[string]int{}, Ended: map[string]int{}, Reasons: map[string]int{}, Outcomes: map[string]int{},
		},
		Alarms:      map[string]int{},
		Open:        newOpen(),
		Interrupted: newOpen(),
	}
}

func newOpen() Open { return Open{Calls: map[string]int{}, CallLegs: map[string]int{}} }
