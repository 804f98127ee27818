package callbridge

import (
	"fmt"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

// play feeds a timeline to a history.
type play struct {
	history History
	known   map[string]SessionStart
}

func (p *play) hear(t *testing.T, one document) string {
	t.Helper()
	received := epoch.Add(one.after)
	at := received.Add(one.clock)
	says := ""
	if _, known := p.known[one.session]; !known {
		b := SessionStart{Session: one.session, Index: one.index, Time: at, Received: received, Seniority: uint64(len(p.known) + 1)}
		before := p.history.State()
		judged := p.history.Judge(b)
		require.Equal(t, before, p.history.State(), "a question changes nothing")
		require.Equal(t, judged, p.history.Accept(b))
		p.known[one.session] = b
		says = words(judged)
	}
	if p.history.Observe(one.session, one.index, at, received) {
		says += "two servers"
	}
	return says
}

func words(v Verdict) string {
	switch {
	case v.Late:
		return "late"
	case v.Predecessor == "":
		return ""
	case v.CloseNow:
		return "follows " + v.Predecessor + ", close now"
	default:
		return "follows " + v.Predecessor + ", close when silent"
	}
}

func (p *play) over() string {
	var over []string
	for _, s := range p.history.sessions {
		if p.history.Replaced(s.ID) {
			over = append(over, s.ID)
		}
	}
	return strings.Join(over, " ")
}

func TestRules(t *testing.T) {
	require.Len(t, rules, 32)
	for name, timeline := range rules {
		for _, restarts := range []bool{false, true} {
			t.Run(fmt.Sprintf("%s, receiver restarts %t", name, restarts), func(t *testing.T) {
				p := play{known: map[string]SessionStart{}}
				for i, one := range timeline {
					require.Equal(t, one.says, p.hear(t, one), "step %d: %+v", i, one)
					require.ElementsMatch(t, strings.Fields(one.over), strings.Fields(p.over()), "step %d: %+v", i, one)
					if restarts {
						p.history = *Restore(State{}, p.history.State())
					}
				}
			})
		}
	}
}
