package checkpoint

// The types in this file are those of format version 1 that differ from the current
// version. They are only decoded; the next save encodes the current version. savedLeg and
// savedDeparture belong to both versions.

// savedEntity1 is an open entity in version 1. It has neither the time of its earliest
// record nor the key of its meeting.
type savedEntity1 struct {
	_         struct{} `cbor:",toarray"`
	Fields    savedFields1
	Trace     []byte
	Call      *savedCall1
	Leg       *savedLeg
	Recording []string
	Streaming []string
}

type savedFields1 struct {
	_                               struct{} `cbor:",toarray"`
	ID                              string
	Start, LastReceived, GraceBegan uint64
	LastIndex                       uint64
	Extra                           []string
}

type savedCall1 struct {
	_                         struct{} `cbor:",toarray"`
	Texts                     []string
	CoSpaceMetaDataConfigured byte
	Discoverable              bool
	PreviousParent            []byte
}

// upgrade converts the entity to the current version. In version 1 the key of a
// meeting was the correlator of its calls, which is the last text of a call. A call that
// is not Discoverable has no key.
func (e *savedEntity1) upgrade() savedEntity {
	fields := e.Fields
	saved := savedEntity{
		Fields: savedFields{ID: fields.ID, Start: fields.Start, LastReceived: fields.LastReceived, GraceBegan: fields.GraceBegan, LastIndex: fields.LastIndex, Extra: fields.Extra},
		Trace:  e.Trace, Leg: e.Leg, Recording: e.Recording, Streaming: e.Streaming,
	}
	if c := e.Call; c != nil {
		saved.Call = &savedCall{Texts: c.Texts, CoSpaceMetaDataConfigured: c.CoSpaceMetaDataConfigured, Discoverable: c.Discoverable, PreviousParent: c.PreviousParent}
		if n := len(c.Texts); c.Discoverable && n > 0 {
			saved.Call.MeetingKey = c.Texts[n-1]
		}
	}
	return saved
}

// savedSession1 is a session in version 1. Instead of the history of its source, it has
// whether several servers share the source. Began is the time of the first record that
// was received, and the only value about that record. Seniority, unreadable and removed
// indices, and the parameters of the receiver URI are not saved.
type savedSession1 struct {
	_                   struct{} `cbor:",toarray"`
	ID                  string
	CallBridge          string
	SystemID            string
	Address             string
	Began, LastReceived int64
	SharedSource        bool
	Accepted, Missing   []uint64
	HighestIndex        uint64
	Started             bool
	LatestTime          uint64
	Departures          []savedDeparture
	Slots               int
}

// upgrade converts the session to the current version. Began also stands for the time of
// receipt, which version 1 does not have. SharedSource is not part of the current version,
// so the caller copies it.
func (s *savedSession1) upgrade() savedSession {
	return savedSession{
		ID: s.ID, CallBridge: s.CallBridge, SystemID: s.SystemID, Address: s.Address,
		Time: s.Began, Received: s.Began, LastReceived: s.LastReceived,
		Accepted: s.Accepted, Missing: s.Missing, HighestIndex: s.HighestIndex, Started: s.Started,
		LatestTime: s.LatestTime, Departures: s.Departures, Slots: s.Slots,
	}
}
