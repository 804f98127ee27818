package cmscdrreceiver

import "sync"

// repeats are the uids of malformed parts that were acknowledged. Nothing else tells
// a repeat of one: it has no index. Safe for concurrent use.
type repeats struct {
	mu   sync.Mutex
	uids map[string]struct{}
	ring []string
	next int
}

// maxRepeats is how many are remembered: a document comes again soon or never.
const maxRepeats = 1024

func (r *repeats) has(uid string) bool {
	r.mu.Lock()
	defer r.mu.Unlock()
	_, ok := r.uids[uid]
	return ok
}

func (r *repeats) add(uid string) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if _, ok := r.uids[uid]; ok {
		return
	}
	if r.uids == nil {
		r.uids, r.ring = map[string]struct{}{}, make([]string, maxRepeats)
	}
	delete(r.uids, r.ring[r.next])
	r.ring[r.next] = uid
	r.uids[uid] = struct{}{}
	r.next = (r.next + 1) % maxRepeats
}
