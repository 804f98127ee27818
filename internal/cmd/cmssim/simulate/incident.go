package simulate

import (
	"math/rand/v2"
	"slices"
	"time"
)

// incident is something that goes wrong with a Call Bridge at a time, or comes right again.
type incident struct {
	at time.Duration
	do func(*server)
}

// stall is for how long posting stops before a restart that loses what waits.
const stall = 20 * time.Second

// incidents draws what happens to one Call Bridge, in order.
func incidents(f Faults, seed uint64, number int, span time.Duration) []incident {
	rng := rand.New(rand.NewPCG(seed, uint64(number)|1<<40))
	sometime := func() time.Duration {
		return time.Duration((0.1 + 0.8*rng.Float64()) * float64(span)).Truncate(time.Second)
	}
	pause := func(s *server) { s.Pause(true) }
	resume := func(s *server) { s.Pause(false) }
	var all []incident
	for range f.Outages {
		at := sometime()
		length := time.Duration(30+rng.IntN(270)) * time.Second
		all = append(all, incident{at, pause}, incident{at + length, resume})
	}
	for range f.Restarts {
		at := sometime()
		if f.LoseQueue {
			all = append(all, incident{at - stall, pause})
		}
		all = append(all, incident{at, func(s *server) { s.restart(f.LoseQueue) }})
		if f.LoseQueue {
			all = append(all, incident{at, resume})
		}
	}
	slices.SortStableFunc(all, func(a, b incident) int { return int(a.at - b.at) })
	return all
}
