package expect

import "github.com/cmscdr/cmscdrreceiver/internal/cmd/cmssim/wire"

// Session follows the records of one session of a Call Bridge from their report to their acknowledgement.
// It counts them in the order of their indices, each once all receivers have settled it, so that a receiver
// that lags behind another changes nothing.
type Session struct {
	ledger *Ledger

	reported []reported // not yet counted, in the order of their indices
	base     int        // the index of the first of them

	acknowledged int
	gone         int // records that vanished since the last acknowledged one

	calls      map[string]string // callType of those open
	legs       map[string]string // class of those open
	recordings map[string]bool
	streamings map[string]bool
}

// reported is a record on its way.
type reported struct {
	body         wire.Body
	waiting      int // receivers that have not settled it
	acknowledged bool
}

// Reported notes the session's next record, on its way to so many receivers. With none of them it is lost.
func (s *Session) Reported(body wire.Body, receivers int) {
	s.ledger.mu.Lock()
	defer s.ledger.mu.Unlock()
	s.reported = append(s.reported, reported{body: body, waiting: receivers})
	s.advance()
}

// Settled notes that one receiver acknowledged a record, or will never be sent it again.
func (s *Session) Settled(index int, acknowledged bool) {
	s.ledger.mu.Lock()
	defer s.ledger.mu.Unlock()
	r := &s.reported[index-s.base]
	r.waiting--
	r.acknowledged = r.acknowledged || acknowledged
	s.advance()
}

// advance counts what is settled.
func (s *Session) advance() {
	done := 0
	for ; done < len(s.reported) && s.reported[done].waiting == 0; done++ {
		s.count(s.reported[done])
	}
	s.reported = s.reported[done:]
	s.base += done
}

func (s *Session) count(r reported) {
	if !r.acknowledged {
		s.gone++
		return
	}
	if s.acknowledged > 0 || !s.ledger.silent {
		s.ledger.counts.Missing += s.gone
	} else {
		s.ledger.counts.MissingUntold += s.gone // before the first index seen, and that one told nothing
	}
	s.gone = 0
	s.acknowledged++
	s.ledger.counts.Acknowledged++
	s.ledger.counts.Records[r.body.Type()]++
	s.apply(r.body)
}

// open adds up what the session has begun and not ended.
func (s *Session) open(o *Open) {
	for _, callType := range s.calls {
		o.Calls[callType]++
	}
	for _, class := range s.legs {
		o.CallLegs[class]++
	}
	o.Recordings += len(s.recordings)
	o.Streamings += len(s.streamings)
}
