package expect

import "github.com/cmscdr/cmscdrreceiver/internal/cmd/cmssim/wire"

// apply counts what an acknowledged record tells.
func (s *Session) apply(body wire.Body) {
	c := &s.ledger.counts
	switch b := body.(type) {
	case wire.CallStart:
		s.calls[b.ID] = told(b.CallType)
		c.Calls.Started[told(b.CallType)]++
	case wire.CallEnd:
		s.callEnd(b)
	case wire.CallLegStart:
		class := Class(b)
		s.legs[b.ID] = class
		c.CallLegs.Started[class]++
	case wire.CallLegEnd:
		s.callLegEnd(b)
	case wire.RecordingStart:
		s.recordings[b.ID] = true
		c.Recordings.Started++
	case wire.RecordingEnd:
		delete(s.recordings, b.ID)
		c.Recordings.Ended++
	case wire.StreamingStart:
		s.streamings[b.ID] = true
		c.Streamings.Started++
	case wire.StreamingEnd:
		delete(s.streamings, b.ID)
		c.Streamings.Ended++
	}
}

func (s *Session) callEnd(b wire.CallEnd) {
	c := &s.ledger.counts
	callType := told(s.calls[b.ID])
	delete(s.calls, b.ID)
	c.Calls.Ended[callType]++
	c.Calls.Seconds[callType] += b.DurationSeconds
	if c.Ended != nil {
		c.Ended.Calls = append(c.Ended.Calls, b.ID)
	}
}

func (s *Session) callLegEnd(b wire.CallLegEnd) {
	c := &s.ledger.counts
	class, known := s.legs[b.ID]
	if !known {
		class = unknownClass
	}
	delete(s.legs, b.ID)
	c.CallLegs.Ended[class]++
	c.CallLegs.Reasons[b.Reason]++
	c.CallLegs.Outcomes[Outcome(b.Reason)]++
	c.CallLegs.Seconds += b.DurationSeconds
	if b.ActivatedDuration != nil {
		c.CallLegs.ActivatedSeconds += *b.ActivatedDuration
	}
	for _, a := range b.Alarms {
		if a.DurationPercentage > 0 {
			c.Alarms[a.Type]++
		}
	}
	if c.Ended != nil {
		c.Ended.CallLegs = append(c.Ended.CallLegs, b.ID)
	}
}
