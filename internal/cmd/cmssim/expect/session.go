package expect

import "github.com/cmscdr/cmscdrreceiver/internal/cmd/cmssim/wire"

// Session counts the records of one session of a Call Bridge. The lock of the ledger guards it.
type Session struct {
	ledger *Ledger

	reported     int // records that were queued for the receiver, acknowledged or not
	lost         int // records that were never queued
	acknowledged int // records that the receiver acknowledged
	next         int // index after that of the newest acknowledged record

	calls      map[string]string // callType by id of the open calls
	legs       map[string]string // class by id of the open legs
	recordings map[string]bool   // ids of the open recordings
	streamings map[string]bool
}

// Reported counts the session's next record, which is queued for the receiver.
func (s *Session) Reported() {
	s.ledger.mu.Lock()
	defer s.ledger.mu.Unlock()
	s.reported++
}

// Lost counts the session's next record, which the receiver never gets.
func (s *Session) Lost() {
	s.ledger.mu.Lock()
	defer s.ledger.mu.Unlock()
	s.lost++
}

// Acknowledged counts the content of a record that the receiver acknowledged. The records of a session are
// acknowledged in the order of their indices.
func (s *Session) Acknowledged(index int, body wire.Body) {
	s.ledger.mu.Lock()
	defer s.ledger.mu.Unlock()
	c := &s.ledger.counts
	c.Missing += index - s.next
	c.Acknowledged++
	c.Records[body.Type()]++
	s.acknowledged++
	s.next = index + 1
	s.count(body)
}

// missing returns the number of lost records before the newest acknowledged one.
func (s *Session) missing() int { return s.next - s.acknowledged }

// addOpen adds the entities of the session that started and did not end.
func (s *Session) addOpen(open *Open) {
	for _, callType := range s.calls {
		open.Calls[callType]++
	}
	for _, class := range s.legs {
		open.CallLegs[class]++
	}
	open.Recordings += len(s.recordings)
	open.Streamings += len(s.streamings)
}
