package meeting

import (
	"fmt"
	"math/rand/v2"
	"time"

	"github.com/cmscdr/cmscdrreceiver/internal/cmd/cmssim/wire"
)

// Streams of random numbers that do not depend on a run's seed: Call Bridges and coSpaces stay what they are
// from run to run, as they do on a real server.
const (
	bridgeStream = 0xb51d6e
	spaceStream  = 0x59ace
)

// CallBridge is the GUID of the n-th Call Bridge, counted from 0.
func CallBridge(n int) string {
	return guid(rand.New(rand.NewPCG(bridgeStream, uint64(n))))
}

// space is a coSpace. It holds one meeting at a time.
type space struct {
	id, name, owner, tenant string
	correlator              string // the same for all its calls
	uri                     string
	busyUntil               time.Duration
}

// newSpace makes the n-th coSpace.
func newSpace(n int) *space {
	rng := rand.New(rand.NewPCG(spaceStream, uint64(n)))
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

// call is a new call of the coSpace.
func (sp *space) call(id string) wire.CallStart {
	return wire.CallStart{
		ID: id, Name: sp.name, CoSpace: sp.id, OwnerName: sp.owner, Tenant: sp.tenant, CallType: "coSpace",
		CallCorrelator: sp.correlator, CoSpaceMetaDataConfigured: wire.Bool(sp.tenant != ""),
	}
}

// freeSpace finds a coSpace without a meeting at a time, or opens one.
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
