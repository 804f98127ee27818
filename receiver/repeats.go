package cmscdrreceiver

import lru "github.com/hashicorp/golang-lru/v2"

// repeats are the uids of malformed parts that were acknowledged. Nothing else tells
// a repeat of one: it has no index. Safe for concurrent use.
type repeats struct{ uids *lru.Cache[string, struct{}] }

// maxRepeats is how many are remembered: a document comes again soon or never.
const maxRepeats = 1024

func newRepeats() repeats {
	uids, err := lru.New[string, struct{}](maxRepeats)
	if err != nil {
		panic(err) // only a size below 1 is refused
	}
	return repeats{uids: uids}
}

func (r repeats) has(uid string) bool { return r.uids.Contains(uid) }

func (r repeats) add(uid string) { r.uids.Add(uid, struct{}{}) }
