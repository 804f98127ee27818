package meeting

import (
	"math/rand/v2"
	"time"
)

// Settings describe the meetings of a run.
type Settings struct {
	Seed     uint64
	Bridges  int
	Rate     float64 // meetings that start on each Call Bridge per hour, on average
	Scanners float64 // bursts of SIP scanner calls on each Call Bridge per hour, on average
}

// Generator generates meetings in the order of their starts. It is not safe for concurrent use.
type Generator struct {
	Settings
	rng         *rand.Rand
	callBridges []string // GUIDs
	spaces      []*space
	nextSerial  int
	nextStart   time.Duration
}

// NewGenerator returns a generator whose first meeting starts at 0. All meetings start at whole seconds.
func NewGenerator(settings Settings) *Generator {
	g := &Generator{Settings: settings, rng: rand.New(rand.NewPCG(settings.Seed, ^uint64(0)))}
	for n := range settings.Bridges {
		g.callBridges = append(g.callBridges, CallBridge(n))
	}
	for n := range len(spaceNames) {
		g.spaces = append(g.spaces, newSpace(n))
	}
	return g
}

// Next returns the next meeting.
func (g *Generator) Next() Meeting {
	start := g.nextStart.Truncate(time.Second)
	s := newScript(g.Seed, g.nextSerial, g.callBridges)
	scanner := s.chance(g.Scanners / (g.Rate + g.Scanners))
	if scanner {
		s.scannerBurst(s.rng.IntN(g.Bridges))
	} else {
		g.randomMeeting(s, start)
	}
	m := s.meeting(g.nextSerial, start)
	m.Scanner = scanner
	g.nextSerial++
	interval := float64(time.Hour) / ((g.Rate + g.Scanners) * float64(g.Bridges))
	g.nextStart += time.Duration(g.rng.ExpFloat64() * interval)
	return m
}

// randomMeeting generates a meeting of a random kind.
func (g *Generator) randomMeeting(s *script, start time.Duration) {
	p := plan{length: s.meetingLength(), bridges: []int{s.rng.IntN(g.Bridges)}, address: "cms@meet.example.com"}
	switch kind := s.rng.Float64(); {
	case kind < 0.72:
		for len(p.bridges) < min(3, g.Bridges) && s.chance(0.25) {
			p.bridges = append(p.bridges, (p.bridges[len(p.bridges)-1]+1)%g.Bridges)
		}
		sp := g.freeSpace(start, s)
		p.address = sp.uri
		s.spaceMeeting(p, sp)
		sp.busyUntil = start + s.length() + time.Minute
	case kind < 0.86:
		if g.Bridges > 1 && s.chance(0.2) {
			p.bridges = append(p.bridges, (p.bridges[0]+1)%g.Bridges)
		}
		s.adHocMeeting(p)
	case kind < 0.92:
		s.lyncMeeting(p)
	default:
		p.length /= 4
		s.forwardedCall(p)
	}
}

// length returns the time from the start of the meeting to its last event. It must be called before the method meeting,
// because each At is a number of seconds until then.
func (s *script) length() time.Duration {
	var last time.Duration
	for _, e := range s.events {
		last = max(last, e.At)
	}
	return last * time.Second
}
