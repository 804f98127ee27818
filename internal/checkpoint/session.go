package checkpoint

import (
	"fmt"
	"time"

	"go.opentelemetry.io/collector/pdata/pcommon"

	"github.com/cmscdr/cmscdrreceiver/internal/callbridge"
	"github.com/cmscdr/cmscdrreceiver/internal/correlate"
	"github.com/cmscdr/cmscdrreceiver/internal/sequence"
)

// Session is what is saved of a session, except for its open entities.
type Session struct {
	ID string
	// CallBridge, SystemID and Address identify the source.
	CallBridge, SystemID, Address string
	// Parameters are those of the receiver URI, alternating names and values.
	Parameters []string
	// Start describes the session when its first readable record was received, but with
	// the seniority that the session has now. AddressOnly is not saved.
	Start callbridge.SessionStart
	// LastReceived is when the session's last document was received.
	LastReceived time.Time
	// History is a copy of the history of its source. Format version 1 has none.
	History callbridge.State
	// SharedSource is set if format version 1 saved that several servers share the
	// source. Encode does not save it.
	SharedSource bool
	Sequence     sequence.State
	Correlation  correlate.SessionState
	// Slots is the number of slots for open entities.
	Slots int
}

// savedSession is the format of a session. The order of its fields is part of the
// format.
type savedSession struct {
	_          struct{} `cbor:",toarray"`
	ID         string
	CallBridge string
	SystemID   string
	Address    string
	Seniority  uint64
	// Index, Time and Received are those of the first readable record that was received.
	Index                          uint64
	Time, Received                 int64
	LastReceived                   int64
	History                        savedHistory
	Accepted, Unreadable           []uint64
	Missing                        []uint64
	HighestIndex                   uint64
	Started                        bool
	TruncatedBelow, HighestRemoved uint64
	LatestTime                     uint64
	Departures                     []savedDeparture
	Slots                          int
	Parameters                     []string
}

// Encode encodes the session. The result shares no memory with it.
func (s *Session) Encode() ([]byte, error) {
	saved := savedSession{
		ID: s.ID, CallBridge: s.CallBridge, SystemID: s.SystemID, Address: s.Address,
		Seniority: s.Start.Seniority, Index: s.Start.Index, Time: saveTime(s.Start.Time), Received: saveTime(s.Start.Received),
		LastReceived: saveTime(s.LastReceived), History: saveHistory(s.History),
		Accepted: saveRanges(s.Sequence.Accepted), Unreadable: saveRanges(s.Sequence.Unreadable), Missing: saveRanges(s.Sequence.Missing),
		HighestIndex: s.Sequence.HighestIndex, Started: s.Sequence.Started, TruncatedBelow: s.Sequence.TruncatedBelow, HighestRemoved: s.Sequence.HighestRemoved,
		LatestTime: uint64(s.Correlation.LatestTime), Slots: s.Slots, Parameters: s.Parameters,
		Departures: saveDepartures(s.Correlation.Departures),
	}
	return encode(saved)
}

// maxSlots is above any real number of slots. A higher number shows that the value is
// damaged.
const maxSlots = 1 << 24

// DecodeSession decodes a session. It returns a *VersionError if the format version is
// unknown, and another error if the value is damaged.
func DecodeSession(data []byte) (*Session, error) {
	var saved savedSession
	var savedInVersion1 savedSession1
	version, err := decode(data, &savedInVersion1, &saved)
	if err != nil {
		return nil, err
	}
	s := &Session{}
	if version == 1 {
		saved, s.SharedSource = savedInVersion1.upgrade(), savedInVersion1.SharedSource
	} else {
		s.History = saved.History.load()
	}
	if saved.Slots < 0 || saved.Slots > maxSlots {
		return nil, fmt.Errorf("checkpoint: session %q has %d slots, not 0 to %d", saved.ID, saved.Slots, maxSlots)
	}
	return s, saved.loadInto(s)
}

// loadInto sets the session's fields except for History and SharedSource.
func (f *savedSession) loadInto(s *Session) error {
	s.ID, s.CallBridge, s.SystemID, s.Address, s.Slots = f.ID, f.CallBridge, f.SystemID, f.Address, f.Slots
	s.Parameters = f.Parameters
	s.Start = callbridge.SessionStart{Session: f.ID, Index: f.Index, Time: loadTime(f.Time), Received: loadTime(f.Received), Seniority: f.Seniority}
	s.LastReceived = loadTime(f.LastReceived)
	s.Sequence = sequence.State{HighestIndex: f.HighestIndex, Started: f.Started, TruncatedBelow: f.TruncatedBelow, HighestRemoved: f.HighestRemoved}
	s.Correlation = correlate.SessionState{LatestTime: pcommon.Timestamp(f.LatestTime)}
	var err error
	if s.Sequence.Accepted, err = loadRanges(f.Accepted); err != nil {
		return err
	}
	if s.Sequence.Unreadable, err = loadRanges(f.Unreadable); err != nil {
		return err
	}
	if s.Sequence.Missing, err = loadRanges(f.Missing); err != nil {
		return err
	}
	s.Correlation.Departures, err = loadDepartures(f.Departures)
	return err
}

// saveRanges returns the first and the last index of each range, alternating.
func saveRanges(ranges []sequence.Range) (indices []uint64) {
	for _, r := range ranges {
		indices = append(indices, r.First, r.Last)
	}
	return indices
}

// loadRanges decodes the result of saveRanges. It returns an error if the last index
// is missing, or if the ranges overlap or do not ascend.
func loadRanges(indices []uint64) (ranges []sequence.Range, _ error) {
	if len(indices)%2 != 0 {
		return nil, errRanges
	}
	for i := 0; i < len(indices); i += 2 {
		r := sequence.Range{First: indices[i], Last: indices[i+1]}
		if r.Last < r.First || i > 0 && r.First <= indices[i-1] {
			return nil, errRanges
		}
		ranges = append(ranges, r)
	}
	return ranges, nil
}
