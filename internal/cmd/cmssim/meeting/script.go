package meeting

import (
	"encoding/hex"
	"math/rand/v2"
	"time"

	"github.com/cmscdr/cmscdrreceiver/internal/cmd/cmssim/wire"
)

// script collects the events of a meeting. Until the method meeting converts it, the At of an event is a number of
// seconds since the start of the meeting.
type script struct {
	rng         *rand.Rand
	callBridges []string // GUIDs
	events      []Event
}

func newScript(seed uint64, serial int, callBridges []string) *script {
	return &script{rng: rand.New(rand.NewPCG(seed, uint64(serial))), callBridges: callBridges}
}

// report adds a record that a Call Bridge reports at a second.
func (s *script) report(bridge, second int, body wire.Body) {
	s.events = append(s.events, Event{At: time.Duration(second), Bridge: bridge, Body: body})
}

func (s *script) guid() string { return guid(s.rng) }

func (s *script) chance(p float64) bool { return s.rng.Float64() < p }

// between returns a random number from low to high, both included. It returns low if high is less.
func (s *script) between(low, high int) int {
	if high <= low {
		return low
	}
	return low + s.rng.IntN(high-low+1)
}

// pick returns a random text of a list.
func (s *script) pick(from []string) string { return from[s.rng.IntN(len(from))] }

// pickWeighted returns a random text of a list that begins with the most frequent ones.
func (s *script) pickWeighted(from []string) string {
	return from[min(s.rng.IntN(len(from)), s.rng.IntN(len(from)))]
}

// guid returns a random (version 4) GUID.
func guid(rng *rand.Rand) string {
	var b [16]byte
	for i := 0; i < len(b); i += 8 {
		v := rng.Uint64()
		for j := range 8 {
			b[i+j] = byte(v >> (8 * j))
		}
	}
	b[6] = b[6]&0x0f | 0x40
	b[8] = b[8]&0x3f | 0x80
	var text [36]byte
	hex.Encode(text[0:8], b[0:4])
	hex.Encode(text[9:13], b[4:6])
	hex.Encode(text[14:18], b[6:8])
	hex.Encode(text[19:23], b[8:10])
	hex.Encode(text[24:36], b[10:16])
	text[8], text[13], text[18], text[23] = '-', '-', '-', '-'
	return string(text[:])
}
