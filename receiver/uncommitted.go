package cmscdrreceiver

import (
	"sync"

	"github.com/cmscdr/cmscdrreceiver/internal/sequence"
)

// told is what of a session the logs pipelines accepted while its documents were
// not, as traces refused them: when it comes again, in whatever document, logs
// have it already. It is held in memory only: what a crash makes come again is
// repeated, and known by its log.record.uid.
type told struct {
	records sequence.Ranges
	// own are the uids of the receiver's own observations.
	own map[string]struct{}
}

// maxTold bounds the runs of indices and the observations; what is beyond it is
// repeated to logs.
const maxTold = 1 << 12

// add notes that the logs of what was staged were accepted.
func (t *told) add(s *staged) {
	runs := sequence.RunsOf(s.indices)
	for _, run := range runs[max(0, len(runs)-maxTold):] {
		t.records.Add(run)
	}
	t.records.Bound(maxTold)
	if len(t.own) > maxTold {
		t.own = nil
	}
	for _, uid := range s.logs.Own() {
		if t.own == nil {
			t.own = map[string]struct{}{}
		}
		t.own[uid] = struct{}{}
	}
}

// settle forgets what was committed. Without any record left that is told of,
// nothing refers to an observation.
func (t *told) settle(s *staged) {
	if t.records.Count() > 0 {
		for _, run := range sequence.RunsOf(s.indices) {
			t.records.Remove(run)
		}
	}
	for _, uid := range s.logs.Own() {
		delete(t.own, uid)
	}
	if t.records.Count() == 0 {
		t.own = nil
	}
}

// recent are the uids of what could not be read and was acknowledged. Nothing
// else tells a repeat of it: it has no index. Safe for concurrent use.
type recent struct {
	mu   sync.Mutex
	uids map[string]struct{}
	ring []string
	next int
}

// maxRecent is how many are remembered: a document comes again soon or never.
const maxRecent = 1024

func (r *recent) has(uid string) bool {
	r.mu.Lock()
	defer r.mu.Unlock()
	_, ok := r.uids[uid]
	return ok
}

func (r *recent) add(uid string) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if _, ok := r.uids[uid]; ok {
		return
	}
	if r.uids == nil {
		r.uids, r.ring = map[string]struct{}{}, make([]string, maxRecent)
	}
	delete(r.uids, r.ring[r.next])
	r.ring[r.next] = uid
	r.uids[uid] = struct{}{}
	r.next = (r.next + 1) % maxRecent
}
