package checkpoint

import (
	"fmt"
	"time"

	"go.opentelemetry.io/collector/pdata/pcommon"

	"github.com/cmscdr/cmscdrreceiver/internal/callbridge"
	"github.com/cmscdr/cmscdrreceiver/internal/correlate"
	"github.com/cmscdr/cmscdrreceiver/internal/meeting"
	"github.com/cmscdr/cmscdrreceiver/internal/sequence"
)

// Session is what is kept of a session beside what is open in it.
type Session struct {
	ID string
	// Bridge, SystemID and Address say who posts.
	Bridge, SystemID, Address string
	// Parameters are those of the receiver URI, names and values in turn.
	Parameters []string
	// Beginning is what its first record showed, with its place.
	Beginning callbridge.Beginning
	// Heard is when its last document was received.
	Heard time.Time
	// History is a copy of the history of its source, empty if form 1 was saved.
	History callbridge.Kept
	// Several: form 1 was saved, and its source turned out to be several servers.
	Several bool
	Records sequence.State
	State   correlate.Kept
	// Slots is how many there are for what is open.
	Slots int
}

// session is its form: fields are told apart by their places.
type session struct {
	_               struct{} `cbor:",toarray"`
	ID              string
	Bridge          string
	SystemID        string
	Address         string
	Place           uint64
	Index           uint64 // of the first record
	Time, Received  int64
	Heard           int64
	History         history
	Seen, Heards    []uint64
	Missing         []uint64
	High            uint64
	Started         bool
	Forgotten, Lost uint64
	Latest          uint64
	Left            []departure
	Slots           int
	Parameters      []string
}

type departure struct {
	_          struct{} `cbor:",toarray"`
	Meeting    string   // its key
	Trace      []byte
	Start, End uint64
	Last       bool
}

// Encode writes the session.
func (s *Session) Encode() ([]byte, error) {
	form := session{
		ID: s.ID, Bridge: s.Bridge, SystemID: s.SystemID, Address: s.Address,
		Place: s.Beginning.Place, Index: s.Beginning.Index, Time: timeForm(s.Beginning.Time), Received: timeForm(s.Beginning.Received),
		Heard: timeForm(s.Heard), History: historyForm(s.History),
		Seen: flat(s.Records.Seen), Heards: flat(s.Records.Heard), Missing: flat(s.Records.Missing),
		High: s.Records.High, Started: s.Records.Started, Forgotten: s.Records.Forgotten, Lost: s.Records.Lost,
		Latest: uint64(s.State.Latest), Slots: s.Slots, Parameters: s.Parameters,
	}
	for _, d := range s.State.Left {
		form.Left = append(form.Left, departure{
			Meeting: d.Key, Trace: d.Trace[:], Start: uint64(d.Start), End: uint64(d.End), Last: d.Last,
		})
	}
	return encode(form)
}

// maxSlots is more than there can be: a number beyond it is damage.
const maxSlots = 1 << 24

// DecodeSession reads a session.
func DecodeSession(data []byte) (*Session, error) {
	var form session
	var old session1
	saved, err := decode(data, &old, &form)
	if err != nil {
		return nil, err
	}
	s := &Session{}
	if saved == 1 {
		old.renew(&form, s)
	} else {
		s.History = form.History.history()
	}
	if form.Slots < 0 || form.Slots > maxSlots {
		return nil, fmt.Errorf("checkpoint: session %q has %d slots", form.ID, form.Slots)
	}
	return s, form.fill(s)
}

// fill gives the session what the form says.
func (f *session) fill(s *Session) error {
	s.ID, s.Bridge, s.SystemID, s.Address, s.Slots = f.ID, f.Bridge, f.SystemID, f.Address, f.Slots
	s.Parameters = f.Parameters
	s.Beginning = callbridge.Beginning{Session: f.ID, Index: f.Index, Time: timeOf(f.Time), Received: timeOf(f.Received), Place: f.Place}
	s.Heard = timeOf(f.Heard)
	s.Records = sequence.State{High: f.High, Started: f.Started, Forgotten: f.Forgotten, Lost: f.Lost}
	s.State = correlate.Kept{Latest: pcommon.Timestamp(f.Latest)}
	var err error
	if s.Records.Seen, err = ranges(f.Seen); err != nil {
		return err
	}
	if s.Records.Heard, err = ranges(f.Heards); err != nil {
		return err
	}
	if s.Records.Missing, err = ranges(f.Missing); err != nil {
		return err
	}
	for _, d := range f.Left {
		trace, err := traceID(d.Trace)
		if err != nil {
			return err
		}
		s.State.Left = append(s.State.Left, meeting.Departure{
			Shared: true, Last: d.Last, Key: d.Meeting, Trace: trace, Start: pcommon.Timestamp(d.Start), End: pcommon.Timestamp(d.End),
		})
	}
	return nil
}

// flat writes ranges as their ends in turn.
func flat(all []sequence.Range) (ends []uint64) {
	for _, r := range all {
		ends = append(ends, r.First, r.Last)
	}
	return ends
}

// ranges reads what flat wrote; they must ascend.
func ranges(ends []uint64) (all []sequence.Range, _ error) {
	if len(ends)%2 != 0 {
		return nil, errRanges
	}
	for i := 0; i < len(ends); i += 2 {
		r := sequence.Range{First: ends[i], Last: ends[i+1]}
		if r.Last < r.First || i > 0 && r.First <= ends[i-1] {
			return nil, errRanges
		}
		all = append(all, r)
	}
	return all, nil
}
