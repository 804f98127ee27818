package correlate

import (
	"iter"
	"time"
)

// Session is what is open on one run of a Call Bridge. Only
// Transaction.Commit changes it; its owner guards it.
type Session struct {
	calls      map[string]*Call
	legs       map[string]*Leg
	recordings map[string]*Recording
	streamings map[string]*Streaming
	// latest is the highest time of any record.
	latest time.Time
}

// NewSession returns a session in which nothing is open.
func NewSession() *Session {
	return &Session{
		calls:      map[string]*Call{},
		legs:       map[string]*Leg{},
		recordings: map[string]*Recording{},
		streamings: map[string]*Streaming{},
	}
}

// Calls is the number of open calls, Legs that of open legs.
func (s *Session) Calls() int { return len(s.calls) }

// Legs is the number of open legs.
func (s *Session) Legs() int { return len(s.legs) }

// Transaction is what the records of a document would change in a session.
// Dropped, nothing has happened.
type Transaction struct {
	base       *Session
	calls      overlay[Call]
	legs       overlay[Leg]
	recordings overlay[Recording]
	streamings overlay[Streaming]
	latest     time.Time
}

// Begin starts a transaction over the session, which must not change until the
// transaction is committed or dropped.
func (s *Session) Begin() *Transaction {
	return &Transaction{
		base:       s,
		calls:      over(s.calls),
		legs:       over(s.legs),
		recordings: over(s.recordings),
		streamings: over(s.streamings),
		latest:     s.latest,
	}
}

// Calls yields each call that the transaction opens (before is nil), changes or
// closes (after is nil). Legs, Recordings and Streamings do the same.
func (t *Transaction) Calls() iter.Seq2[*Call, *Call] { return t.calls.changes() }

// Legs yields the legs that the transaction opens, changes or closes.
func (t *Transaction) Legs() iter.Seq2[*Leg, *Leg] { return t.legs.changes() }

// Recordings yields the recordings that the transaction opens, changes or closes.
func (t *Transaction) Recordings() iter.Seq2[*Recording, *Recording] { return t.recordings.changes() }

// Streamings yields the streamings that the transaction opens, changes or closes.
func (t *Transaction) Streamings() iter.Seq2[*Streaming, *Streaming] { return t.streamings.changes() }

// Commit makes the transaction's changes the session's own.
func (t *Transaction) Commit() {
	t.calls.commit()
	t.legs.commit()
	t.recordings.commit()
	t.streamings.commit()
	t.base.latest = t.latest
}
