package correlate

import (
	"reflect"

	"github.com/cmscdr/cmscdrreceiver/internal/meeting"
)

// Measured memory in bytes besides the values themselves: the map entries of an
// entity, a call's membership in its meeting, an alias, and the map entry of a closed
// entity.
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

// size is the memory of a session in bytes, updated by its commits.
type size struct{ open, departures int }

func (s *size) replace(before, after Entity) {
	if before != nil {
		s.open -= before.bytes()
	}
	if after != nil {
		s.open += after.bytes()
	}
}

// Bytes estimates the memory that the session uses: open entities with their texts,
// closed entities, aliases and departures.
func (s *Session) Bytes() int {
	return s.bytes.open + s.closed.bytes + perAlias*len(s.aliases) + s.bytes.departures
}

func bytesOf(departures []meeting.Departure) (n int) {
	for i := range departures {
		n += departureBytes + textBytes(departures[i].Key)
	}
	return n
}

// textBytes returns the memory of the texts, which is allocated in steps of 16 bytes.
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
	texts := CallTextFields(&c.Call)
	return callBytes + perCall + c.ownBytes() + textFieldBytes(texts[:])
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
	texts := RecordingTextFields(&r.Recording)
	return recordingBytes + r.ownBytes() + textFieldBytes(texts[:])
}

func (s *Streaming) bytes() int {
	texts := StreamingTextFields(&s.Streaming)
	return streamingBytes + s.ownBytes() + textFieldBytes(texts[:])
}

func (c *closedEntity) bytes() int { return closedBytes + perClosed + textBytes(c.key.id, c.callID) }
