package meeting

import (
	"fmt"
	"math/rand/v2"
	"time"

	"github.com/cmscdr/cmscdrreceiver/internal/cmd/cmssim/wire"
)

// Seeds for the ids of Call Bridges and coSpaces. They do not depend on the seed of a run, because these ids do not
// change on a real server either.
const (
	callBridgeSeed = 0xb51d6e
	spaceSeed      = 0x59ace
)

// CallBridge returns the GUID of the n-th Call Bridge, counted from 0.
func CallBridge(n int) string {
	return guid(rand.New(rand.NewPCG(callBridgeSeed, uint64(n))))
}

// space is a coSpace. It has at most one meeting at a time.
type space struct {
	id, name, owner, tenant string
	correlator              string // of all its calls
	uri                     string
	busyUntil               time.Duration // a minute after the end of its latest meeting, counted from the start of the run
}

// newSpace returns the n-th coSpace, counted from 0.
func newSpace(n int) *space {
	rng := rand.New(rand.NewPCG(spaceSeed, uint64(n)))
	name := spaceNames[n%len(spaceNames)]
	if n >= len(spaceNames) {
		name = fmt.Sprintf("%s %d", name, n/len(spaceNames)+1)
	}
	sp := &space{id: guid(rng), name: name, correlator: guid(rng), uri: fmt.Sprintf("%d@meet.example.com", 70000+n)}
	if rng.IntN(4) > 0 {
		sp.owner = people[rng.IntN(len(people))]
	}
	if rng.IntN(2) > 0 {
		sp.tenant = tenants[rng.IntN(len(tenants))]
	}
	return sp
}

// call returns a new call of the coSpace.
func (sp *space) call(id string) wire.CallStart {
	return wire.CallStart{
		ID: id, Name: sp.name, CoSpace: sp.id, OwnerName: sp.owner, Tenant: sp.tenant, CallType: "coSpace",
		CallCorrelator: sp.correlator, CoSpaceMetaDataConfigured: wire.Bool(sp.tenant != ""),
	}
}

// freeSpace returns a coSpace that is not busy at the time at, which counts from the start of the run. It tries eight
// random coSpaces, and creates one if all of them are busy then.
func (g *Generator) freeSpace(at time.Duration, s *script) *space {
	for range 8 {
		if sp := g.spaces[s.rng.IntN(len(g.spaces))]; sp.busyUntil <= at {
			return sp
		}
	}
	sp := newSpace(len(g.spaces))
	g.spaces = append(g.spaces, sp)
	return sp
}
