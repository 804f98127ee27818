package simulate_test

import (
	"cmp"
	"slices"
	"strings"

	"github.com/cmscdr/cmscdrreceiver/internal/cmd/cmssim/expect"
	"github.com/cmscdr/cmscdrreceiver/internal/cmd/cmssim/listener"
)

// recount counts from the documents alone, without the simulator's own counts. Counts that
// documents do not show stay 0.
func recount(documents []listener.Document) expect.Counts {
	sessions := map[string]map[int]listener.Record{}
	senders := map[string][]string{} // sessions by URI, in the order of their arrival
	for _, d := range documents {
		if sessions[d.Session] == nil {
			sessions[d.Session] = map[int]listener.Record{}
			senders[d.URI] = append(senders[d.URI], d.Session)
		}
		for _, r := range d.Records {
			sessions[d.Session][r.CorrelatorIndex] = r
		}
	}
	c := recounted{}
	c.Records, c.Alarms = map[string]int{}, map[string]int{}
	c.Calls = expect.Calls{Started: map[string]int{}, Ended: map[string]int{}}
	c.CallLegs = expect.CallLegs{
		Started: map[string]int{}, Ended: map[string]int{}, Reasons: map[string]int{}, Outcomes: map[string]int{},
	}
	c.Open = expect.Open{Calls: map[string]int{}, CallLegs: map[string]int{}}
	c.Interrupted = expect.Open{Calls: map[string]int{}, CallLegs: map[string]int{}}
	for _, ids := range senders {
		for i, id := range ids {
			open := &c.Interrupted
			if i == len(ids)-1 {
				open = &c.Open
			}
			c.session(sessions[id], open)
		}
		c.Sessions += len(ids)
		c.Restarts += len(ids) - 1
	}
	return expect.Counts(c)
}

type recounted expect.Counts

// session counts one session's records in the order of their indices.
func (c *recounted) session(records map[int]listener.Record, open *expect.Open) {
	sorted := make([]listener.Record, 0, len(records))
	for _, r := range records {
		sorted = append(sorted, r)
	}
	slices.SortFunc(sorted, func(a, b listener.Record) int { return cmp.Compare(a.CorrelatorIndex, b.CorrelatorIndex) })
	calls, legs := map[string]string{}, map[string]string{}
	recordings, streamings := map[string]bool{}, map[string]bool{}
	next := -1
	for _, r := range sorted {
		if next < 0 { // only numPreceedingRecordsMissing shows what is missing before the first record of a session
			c.Missing += r.Missing
		} else {
			c.Missing += r.CorrelatorIndex - next
		}
		next = r.CorrelatorIndex + 1
		c.Acknowledged++
		c.Records[r.Type]++
		switch r.Type {
		case "callStart":
			calls[r.Call.ID] = r.Call.CallType
			c.Calls.Started[r.Call.CallType]++
		case "callEnd":
			c.Calls.Ended[cmp.Or(calls[r.Call.ID], "-")]++
			c.EndedCalls = append(c.EndedCalls, r.Call.ID)
			delete(calls, r.Call.ID)
		case "callLegStart":
			legs[r.CallLeg.ID] = classOf(r.CallLeg)
			c.CallLegs.Started[legs[r.CallLeg.ID]]++
		case "callLegEnd":
			c.legEnd(r.CallLeg, cmp.Or(legs[r.CallLeg.ID], "-/-/-/-"))
			delete(legs, r.CallLeg.ID)
		case "recordingStart":
			recordings[r.Recording.ID] = true
			c.Recordings.Started++
		case "recordingEnd":
			delete(recordings, r.Recording.ID)
			c.Recordings.Ended++
		case "streamingStart":
			streamings[r.Streaming.ID] = true
			c.Streamings.Started++
		case "streamingEnd":
			delete(streamings, r.Streaming.ID)
			c.Streamings.Ended++
		}
	}
	for _, callType := range calls {
		open.Calls[callType]++
	}
	for _, class := range legs {
		open.CallLegs[class]++
	}
	open.Recordings += len(recordings)
	open.Streamings += len(streamings)
}

func (c *recounted) legEnd(e *listener.Element, class string) {
	c.CallLegs.Ended[class]++
	c.CallLegs.Reasons[e.Reason]++
	outcome := "completed"
	switch e.Reason {
	case "dnsFailure", "encryptionRequired", "error", "timeout":
		outcome = "failed"
	default:
		if !slices.Contains([]string{
			"apiInitiatedTeardown", "callDeactivated", "callEnded", "callMoved", "clientInitiatedTeardown", "localTeardown", "remoteTeardown",
		}, e.Reason) {
			outcome = "not_joined"
		}
	}
	c.CallLegs.Outcomes[outcome]++
	c.CallLegs.Seconds += e.DurationSeconds
	c.CallLegs.ActivatedSeconds += e.ActivatedDuration
	for _, a := range e.Alarms {
		if a.DurationPercentage > 0 {
			c.Alarms[a.Type]++
		}
	}
}

func classOf(e *listener.Element) string {
	role := "participant"
	switch {
	case e.Recording:
		role = "recorder"
	case e.Streaming:
		role = "streamer"
	case e.SubType == "distributionLink", e.SubType == "lyncdistribution":
		role = "distribution"
	case e.LyncSubType == "applicationSharing":
		role = "sharing"
	case e.LyncSubType == "instantMessaging":
		role = "messaging"
	}
	return strings.Join([]string{cmp.Or(e.Direction, "-"), cmp.Or(e.LegType, "-"), cmp.Or(e.SubType, "-"), role}, "/")
}
