package cmscdrreceiver

import lru "github.com/hashicorp/golang-lru/v2"

// latestUIDs remembers the uids of malformed parts that were added last, of any session. A
// malformed part may have no readable index, so nothing else identifies a duplicate. It is
// safe for concurrent use.
type latestUIDs struct{ uids *lru.Cache[string, struct{}] }

// maxLatestUIDs limits the uids. A document that is sent again is sent soon, so the latest
// ones are enough, unless the document has more malformed parts. Some or all of these are then
// emitted again, with the same uids: each uid that is added again replaces that of a later part.
const maxLatestUIDs = 1 << 13

func newLatestUIDs() latestUIDs {
	uids, err := lru.New[string, struct{}](maxLatestUIDs)
	if err != nil {
		panic(err) // only a size below 1 is refused
	}
	return latestUIDs{uids: uids}
}

func (l latestUIDs) has(uid string) bool { return l.uids.Contains(uid) }

func (l latestUIDs) add(uid string) { l.uids.Add(uid, struct{}{}) }

func (l latestUIDs) remove(uid string) { l.uids.Remove(uid) }
