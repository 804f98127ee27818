package correlate

import (
	"iter"
	"maps"
)

// Session is what is open on one run of a Call Bridge. Only
// Transaction.Commit changes it; its owner guards it.
type Session struct {
	calls      map[string]*Call
	legs       map[string]*Leg
	recordings map[string]*Recording
	streamings map[string]*Streaming
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

// CallCount is the number of open calls.
func (s *Session) CallCount() int { return len(s.calls) }

// LegCount is the number of open legs.
func (s *Session) LegCount() int { return len(s.legs) }

// OpenCalls yields the open calls, which must not be changed.
func (s *Session) OpenCalls() iter.Seq[*Call] { return maps.Values(s.calls) }

// OpenLegs yields the open legs, which must not be changed.
func (s *Session) OpenLegs() iter.Seq[*Leg] { return maps.Values(s.legs) }

// Transaction is what the records of a document would change in a session.
// Dropped, nothing has happened.
type Transaction struct {
	base       *Session
	calls      overlay[Call]
	legs       overlay[Leg]
	recordings overlay[Recording]
	streamings overlay[Streaming]
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
	}
}

// Calls yields each call that the transaction opens (before is nil), changes or
// closes (after is nil).
func (t *Transaction) Calls() iter.Seq2[*Call, *Call] { return t.calls.changes() }

// Legs does the same for legs.
func (t *Transaction) Legs() iter.Seq2[*Leg, *Leg] { return t.legs.changes() }

// Commit makes the transaction's changes the session's own.
func (t *Transaction) Commit() {
	t.calls.commit()
	t.legs.commit()
	t.recordings.commit()
	t.streamings.commit()
}
