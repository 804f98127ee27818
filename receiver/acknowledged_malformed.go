package cmscdrreceiver

import lru "github.com/hashicorp/golang-lru/v2"

// acknowledgedMalformed remembers the uids of malformed parts that were committed. A
// malformed part may have no readable index, so nothing else identifies a duplicate. It is
// safe for concurrent use.
type acknowledgedMalformed struct{ uids *lru.Cache[string, struct{}] }

// maxAcknowledgedMalformed limits the uids. A document that is sent again is sent soon, so
// the latest ones are enough, unless the document has more malformed parts. The first of
// these are then emitted again, with the same uids.
const maxAcknowledgedMalformed = 1 << 13

func newAcknowledgedMalformed() acknowledgedMalformed {
	uids, err := lru.New[string, struct{}](maxAcknowledgedMalformed)
	if err != nil {
		panic(err) // only a size below 1 is refused
	}
	return acknowledgedMalformed{uids: uids}
}

func (a acknowledgedMalformed) has(uid string) bool { return a.uids.Contains(uid) }

func (a acknowledgedMalformed) add(uid string) { a.uids.Add(uid, struct{}{}) }
