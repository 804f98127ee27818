package meeting

import (
	"math/rand/v2"
	"time"
)

// Settings say how much goes on.
type Settings struct {
	Seed     uint64
	Bridges  int
	Rate     float64 // meetings that begin on each Call Bridge in an hour
	Scanners float64 // bursts of SIP scanners that hit each Call Bridge in an hour
}

// Generator makes up one meeting after the other.
type Generator struct {
	Settings
	rng     *rand.Rand
	cluster []string
	spaces  []*space
	serial  int
	clock   time.Duration
}

// NewGenerator starts at the beginning of the run that the settings describe.
func NewGenerator(settings Settings) *Generator {
	g := &Generator{Settings: settings, rng: rand.New(rand.NewPCG(settings.Seed, ^uint64(0)))}
	for n := range settings.Bridges {
		g.cluster = append(g.cluster, CallBridge(n))
	}
	for n := range len(spaceNames) {
		g.spaces = append(g.spaces, newSpace(n))
	}
	return g
}

// Next is the meeting that begins next; the first begins at once.
func (g *Generator) Next() Meeting {
	start := g.clock
	s := newScript(g.Seed, g.serial, g.cluster)
	scanner := s.chance(g.Scanners / (g.Rate + g.Scanners))
	if scanner {
		s.scan(s.rng.IntN(g.Bridges))
	} else {
		g.hold(s, start)
	}
	m := s.finish(g.serial, start)
	m.Scanner = scanner
	g.serial++
	between := float64(time.Hour) / ((g.Rate + g.Scanners) * float64(g.Bridges))
	g.clock += time.Duration(g.rng.ExpFloat64() * between).Truncate(time.Second)
	return m
}

// hold draws what kind of meeting it is.
func (g *Generator) hold(s *script, start time.Duration) {
	p := plan{length: s.lengthOf(), bridges: []int{s.rng.IntN(g.Bridges)}, called: "cms@meet.example.com"}
	switch kind := s.rng.Float64(); {
	case kind < 0.72:
		for len(p.bridges) < min(3, g.Bridges) && s.chance(0.25) {
			p.bridges = append(p.bridges, (p.bridges[len(p.bridges)-1]+1)%g.Bridges)
		}
		sp := g.freeSpace(start, s)
		p.called = sp.uri
		s.inSpace(p, sp)
		sp.busyUntil = start + s.last() + time.Minute
	case kind < 0.86:
		if g.Bridges > 1 && s.chance(0.2) {
			p.bridges = append(p.bridges, (p.bridges[0]+1)%g.Bridges)
		}
		s.adHoc(p)
	case kind < 0.92:
		s.inLync(p)
	default:
		p.length /= 4
		s.forwarded(p)
	}
}

// last is the time of a script's last event, counted from the meeting's start.
func (s *script) last() time.Duration {
	var last time.Duration
	for _, e := range s.events {
		last = max(last, e.At)
	}
	return last * time.Second
}
