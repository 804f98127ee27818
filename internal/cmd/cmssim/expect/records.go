package expect

import (
	"cmp"

	"github.com/cmscdr/cmscdrreceiver/internal/cmd/cmssim/wire"
)

// count counts the content of an acknowledged record.
func (s *Session) count(body wire.Body) {
	c := &s.ledger.counts
	switch b := body.(type) {
	case wire.CallStart:
		callType := cmp.Or(b.CallType, absent)
		s.calls[b.ID] = callType
		c.Calls.Started[callType]++
	case wire.CallEnd:
		c.Calls.Ended[cmp.Or(s.calls[b.ID], absent)]++
		c.EndedCalls = append(c.EndedCalls, b.ID)
		delete(s.calls, b.ID)
	case wire.CallLegStart:
		s.legs[b.ID] = class(b)
		c.CallLegs.Started[class(b)]++
	case wire.CallLegEnd:
		s.countLegEnd(b)
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

func (s *Session) countLegEnd(b wire.CallLegEnd) {
	c := &s.ledger.counts
	c.CallLegs.Ended[cmp.Or(s.legs[b.ID], unknownClass)]++
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
	delete(s.legs, b.ID)
}
