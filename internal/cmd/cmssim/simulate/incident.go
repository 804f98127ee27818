package simulate

import (
	"cmp"
	"math/rand/v2"
	"slices"
	"time"
)

// incident is a fault of a Call Bridge, or the end of one.
type incident struct {
	at    time.Duration // since the start of the run
	apply func(*server)
}

// incidents returns the incidents of a Call Bridge in a run of the given length, in the order of their times.
func incidents(f Faults, seed uint64, bridge int, length time.Duration) []incident {
	// Bit 40 distinguishes this random sequence from those of the Call Bridges and the meetings, which have the same seed.
	rng := rand.New(rand.NewPCG(seed, uint64(bridge)|1<<40))
	randomTime := func() time.Duration {
		return time.Duration((0.1 + 0.8*rng.Float64()) * float64(length)).Truncate(time.Second)
	}
	var all []incident
	for range f.Outages {
		at := randomTime()
		outage := time.Duration(30+rng.IntN(270)) * time.Second
		all = append(all,
			incident{at, (*server).Pause},
			incident{at + outage, (*server).Resume})
	}
	for range f.Restarts {
		all = append(all, incident{randomTime(), (*server).restart})
	}
	slices.SortStableFunc(all, func(a, b incident) int { return cmp.Compare(a.at, b.at) })
	return all
}
