package correlate

import (
	"unsafe"

	"github.com/cmscdr/cmscdrreceiver/internal/meeting"
)

// Bytes is what the session holds in memory, an estimate that grows and falls with it.
func (s *Session) Bytes() int {
	return s.bytes + s.gone.bytes + len(s.left)*int(unsafe.Sizeof(meeting.Departure{}))
}

// indexed in bytes is what the maps take for an entity: by its key, its call and its
// other names, and with its texts twice over a half-empty map.
const indexed = 400

// bytesOf is what something open takes in memory.
func bytesOf(thing Thing) int {
	of := thing.common()
	n := indexed + len(of.ID)
	for _, extra := range of.Extra {
		n += int(unsafe.Sizeof(extra)) + len(extra.Name) + len(extra.Value)
	}
	switch of := thing.(type) {
	case *Call:
		n += int(unsafe.Sizeof(*of))
		for _, text := range []string{of.Name, of.CoSpace, of.OwnerName, of.Tenant, of.CDRTag, of.CallType, of.Correlator} {
			n += len(text)
		}
	case *Leg:
		n += int(unsafe.Sizeof(*of)) + bytesOfLeg(of)
	case *Recording:
		n += int(unsafe.Sizeof(*of)) + len(of.Path) + len(of.RecorderURI) + len(of.Recording.Call) + len(of.CallLeg)
	case *Streaming:
		n += int(unsafe.Sizeof(*of)) + len(of.StreamerURI) + len(of.StreamURI) + len(of.StreamName) + len(of.Streaming.Call) + len(of.CallLeg)
	}
	return n
}

// bytesOfLeg is what a leg points to.
func bytesOfLeg(of *Leg) (n int) {
	for _, field := range LegTexts {
		n += len(*field.Of(&of.CallLeg))
	}
	n += len(of.Call) + len(of.Links)*int(unsafe.Sizeof(Link{}))
	for i := range of.Links {
		n += len(of.Links[i].To)
	}
	for i := range of.Events {
		event := &of.Events[i]
		n += int(unsafe.Sizeof(*event)) + len(event.Changes)*int(unsafe.Sizeof(Change{})) + event.texts()
	}
	return n
}

// bytes is what something that ended takes in memory.
func (d *departed) bytes() int {
	return 2*int(unsafe.Sizeof(*d)) + len(d.key.id) + len(d.in)
}
