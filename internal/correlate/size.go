package correlate

import (
	"reflect"

	"github.com/cmscdr/cmscdrreceiver/internal/meeting"
)

// Measured memory in bytes, in addition to the values themselves.
const (
	perEntity = 200 // the map entries of an open entity
	perCall   = 900 // the membership of a call in its meeting
	perAlias  = 80
	perClosed = 70 // the map entry of a closed entity
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

// memory is the memory of a session's open entities and departures in bytes. Commit and
// Restore update it.
type memory struct{ open, departures int }

// replace updates the memory for a changed entity. before is nil if the entity was
// opened, after is nil if it was closed.
func (m *memory) replace(before, after Entity) {
	if before != nil {
		m.open -= before.bytes()
	}
	if after != nil {
		m.open += after.bytes()
	}
}

// Bytes estimates the memory that the session uses, in bytes: open and closed entities
// with their texts, aliases and departures.
func (s *Session) Bytes() int {
	return s.bytes.open + s.closed.bytes + perAlias*len(s.aliases) + s.bytes.departures
}

func bytesOf(departures []meeting.Departure) (n int) {
	for i := range departures {
		n += departureBytes + textBytes(departures[i].Key)
	}
	return n
}

// textBytes estimates the memory of the texts in bytes: each is rounded up to a multiple
// of 16, about as Go allocates it.
func textBytes(texts ...string) (n int) {
	for _, text := range texts {
		n += (len(text) + 15) &^ 15
	}
	return n
}

// commonBytes returns the memory in bytes that an entity of any kind uses in addition to
// its struct: its map entries, its id and its extras.
func (f *EntityFields) commonBytes() int {
	n := perEntity + textBytes(f.ID)
	for i := range f.Extra {
		n += extraBytes + textBytes(f.Extra[i].Name, f.Extra[i].Value)
	}
	return n
}

func (c *Call) bytes() int {
	texts := CallTextFields(&c.Call)
	return callBytes + perCall + c.commonBytes() + textFieldBytes(texts[:])
}

func (l *Leg) bytes() int {
	n := legBytes + l.commonBytes() + textBytes(l.Call)
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
	texts := RecordingTextFields(&r.Recording)
	return recordingBytes + r.commonBytes() + textFieldBytes(texts[:])
}

func (s *Streaming) bytes() int {
	texts := StreamingTextFields(&s.Streaming)
	return streamingBytes + s.commonBytes() + textFieldBytes(texts[:])
}

func (c *closedEntity) bytes() int { return closedBytes + perClosed + textBytes(c.key.id, c.callID) }
