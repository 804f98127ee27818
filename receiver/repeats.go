package cmscdrreceiver

import lru "github.com/hashicorp/golang-lru/v2"

// repeats remembers the uids of malformed parts that were acknowledged. A malformed
// part has no index, so nothing else identifies a duplicate. It is safe for
// concurrent use.
type repeats struct{ uids *lru.Cache[string, struct{}] }

// maxRepeats limits the uids. A document that is sent again is sent soon.
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
