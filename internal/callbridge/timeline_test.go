package callbridge

import (
	"fmt"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

// timelinePlayer passes the documents of a timeline to a history.
type timelinePlayer struct {
	history  History
	accepted map[string]bool // by session
}

// receive passes a document to the history and returns the verdict as text.
func (p *timelinePlayer) receive(t *testing.T, doc document) (verdict string) {
	t.Helper()
	received := epoch.Add(doc.received)
	recordTime := received.Add(doc.recordOffset)
	if !p.accepted[doc.session] {
		start := SessionStart{Session: doc.session, Index: doc.index, Time: recordTime, Received: received, Seniority: uint64(len(p.accepted) + 1)}
		before := p.history.State()
		judged := p.history.Judge(start)
		require.Equal(t, before, p.history.State(), "Judge changed the history")
		require.Equal(t, judged, p.history.Accept(start))
		p.accepted[doc.session] = true
		verdict = describe(judged)
	}
	if p.history.Observe(doc.session, doc.index, recordTime, received) {
		verdict += "two servers"
	}
	return verdict
}

func describe(v Verdict) string {
	switch {
	case v.Late:
		return "late"
	case v.Predecessor == "":
		return ""
	case v.CloseNow:
		return "replaces " + v.Predecessor + ", close now"
	default:
		return "replaces " + v.Predecessor + ", close when silent"
	}
}

// replaced returns the sessions that are replaced or late.
func (p *timelinePlayer) replaced() (sessions []string) {
	for _, s := range p.history.sessions {
		if p.history.Replaced(s.ID) {
			sessions = append(sessions, s.ID)
		}
	}
	return sessions
}

// TestRules plays each timeline, also with a restart of the receiver after each
// document.
func TestRules(t *testing.T) {
	require.Len(t, rules, 32)
	for name, timeline := range rules {
		for _, restarts := range []bool{false, true} {
			t.Run(fmt.Sprintf("%s, receiver restarts %t", name, restarts), func(t *testing.T) {
				p := timelinePlayer{accepted: map[string]bool{}}
				for i, doc := range timeline {
					require.Equal(t, doc.verdict, p.receive(t, doc), "document %d: %+v", i, doc)
					require.ElementsMatch(t, strings.Fields(doc.replaced), p.replaced(), "document %d: %+v", i, doc)
					if restarts {
						p.history = *Restore(State{}, p.history.State())
					}
				}
			})
		}
	}
}
