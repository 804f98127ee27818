package checkpoint

import (
	"fmt"
	"time"

	"go.opentelemetry.io/collector/pdata/pcommon"

	"github.com/cmscdr/cmscdrreceiver/internal/correlate"
	"github.com/cmscdr/cmscdrreceiver/internal/meeting"
	"github.com/cmscdr/cmscdrreceiver/internal/sequence"
)

// Session is what is kept of a session beside what is open in it.
type Session struct {
	ID string
	// Bridge, SystemID and Address say who posts.
	Bridge, SystemID, Address string
	// Began is the time of the record that came first.
	Began time.Time
	// Heard is when its last document was received.
	Heard time.Time
	// Several: its source turned out to be several servers.
	Several bool
	Records sequence.State
	State   correlate.Kept
	// Slots is how many there are for what is open.
	Slots int
}

// session is its form: fields are told apart by their places.
type session struct {
	_             struct{} `cbor:",toarray"`
	ID            string
	Bridge        string
	SystemID      string
	Address       string
	Began, Heard  int64
	Several       bool
	Seen, Missing []uint64
	High          uint64
	Started       bool
	Latest        uint64
	Left          []departure
	Slots         int
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
		ID: s.ID, Bridge: s.Bridge, SystemID: s.SystemID, Address: s.Address, Began: s.Began.UnixNano(), Heard: s.Heard.UnixNano(), Several: s.Several,
		Seen: flat(s.Records.Seen), Missing: flat(s.Records.Missing), High: s.Records.High, Started: s.Records.Started,
		Latest: uint64(s.State.Latest), Slots: s.Slots,
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
	var first session1
	switch saved, err := decode(data, &first, &form); {
	case err != nil:
		return nil, err
	case saved == 1:
		form = first.session()
	}
	if form.Slots < 0 || form.Slots > maxSlots {
		return nil, fmt.Errorf("checkpoint: session %q has %d slots", form.ID, form.Slots)
	}
	s := &Session{
		ID: form.ID, Bridge: form.Bridge, SystemID: form.SystemID, Address: form.Address,
		Began: time.Unix(0, form.Began).UTC(), Heard: time.Unix(0, form.Heard).UTC(), Several: form.Several, Slots: form.Slots,
		Records: sequence.State{High: form.High, Started: form.Started},
		State:   correlate.Kept{Latest: pcommon.Timestamp(form.Latest)},
	}
	var err error
	if s.Records.Seen, err = ranges(form.Seen); err != nil {
		return nil, err
	}
	if s.Records.Missing, err = ranges(form.Missing); err != nil {
		return nil, err
	}
	for _, d := range form.Left {
		trace, err := traceID(d.Trace)
		if err != nil {
			return nil, err
		}
		s.State.Left = append(s.State.Left, meeting.Departure{
			Shared: true, Last: d.Last, Key: d.Meeting, Trace: trace, Start: pcommon.Timestamp(d.Start), End: pcommon.Timestamp(d.End),
		})
	}
	return s, nil
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
