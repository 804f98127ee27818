package correlate

import (
	"reflect"

	"github.com/cmscdr/cmscdrreceiver/internal/meeting"
)

// What is held beside the values themselves, in bytes, as measured: the entries
// of the maps that lead to an entity, a call's place in its meeting, an alias,
// a closed entity's entry.
const (
	perEntity = 200
	perCall   = 900
	perAlias  = 80
	perClosed = 70
)

var (
	callBytes      = int(reflect.TypeFor[Call]().Size())
	legBytes       = int(reflect.TypeFor[Leg]().Size())
	recordingBytes = int(reflect.TypeFor[Recording]().Size())
	streamingBytes = int(reflect.TypeFor[Streaming]().Size())
	closedBytes    = int(reflect.TypeFor[closedEntity]().Size())
	departureBytes = int(reflect.TypeFor[meeting.Departure]().Size())
	eventBytes     = int(reflect.TypeFor[Event]().Size())
	changeBytes    = int(reflect.TypeFor[Change]().Size())
	linkBytes      = int(reflect.TypeFor[Link]().Size())
	extraBytes     = 2 * stringBytes
	stringBytes    = int(reflect.TypeFor[string]().Size())
)

// size is what a session holds, in bytes, kept in step by its commits.
type size struct{ open, departures int }

func (s *size) replace(before, after Entity) {
	if before != nil {
		s.open -= before.bytes()
	}
	if after != nil {
		s.open += after.bytes()
	}
}

// Bytes is about how much memory the session holds: what is open with its texts,
// the closed entities that it remembers, aliases, and meetings that its calls left.
func (s *Session) Bytes() int {
	return s.bytes.open + s.closed.bytes + perAlias*len(s.aliases) + s.bytes.departures
}

func bytesOf(departures []meeting.Departure) (n int) {
	for i := range departures {
		n += departureBytes + textBytes(departures[i].Key)
	}
	return n
}

// textBytes is what the text takes: memory is handed out in steps.
func textBytes(texts ...string) (n int) {
	for _, text := range texts {
		n += (len(text) + 15) &^ 15
	}
	return n
}

func (c *EntityFields) ownBytes() int {
	n := perEntity + textBytes(c.ID)
	for i := range c.Extra {
		n += extraBytes + textBytes(c.Extra[i].Name, c.Extra[i].Value)
	}
	return n
}

func (c *Call) bytes() int {
	return callBytes + perCall + c.ownBytes() + textBytes(c.Name, c.CoSpace, c.OwnerName, c.Tenant, c.CDRTag, c.CallType, c.Correlator)
}

func (l *Leg) bytes() int {
	n := legBytes + l.ownBytes() + textBytes(l.Call)
	for _, field := range LegTextFields {
		n += textBytes(*field.Pointer(&l.CallLeg))
	}
	for i := range l.Events {
		n += eventBytes + textBytes(l.Events[i].Call) + changeBytes*len(l.Events[i].Changes)
		for _, change := range l.Events[i].Changes {
			n += textBytes(change.Text)
		}
	}
	for i := range l.Links {
		n += linkBytes + textBytes(l.Links[i].LegID)
	}
	return n
}

func (r *Recording) bytes() int {
	return recordingBytes + r.ownBytes() + textBytes(r.Path, r.RecorderURI, r.Call, r.CallLeg)
}

func (s *Streaming) bytes() int {
	return streamingBytes + s.ownBytes() + textBytes(s.StreamerURI, s.StreamURI, s.StreamName, s.Call, s.CallLeg)
}

func (c *closedEntity) bytes() int { return closedBytes + perClosed + textBytes(c.key.id, c.callID) }
