package translate

import (
	"math"
	"strings"
	"sync"

	"go.opentelemetry.io/collector/pdata/pcommon"

	"github.com/cmscdr/cmscdrreceiver/internal/cdr"
)

// attributes collects what is present before it is written, so that a map is
// allocated once and in its exact size. No key may be given twice. It is used for
// one map.
type attributes struct{ list []attribute }

// attributesPool has those that were written, for the memory of their lists.
var attributesPool = sync.Pool{New: func() any { return &attributes{list: make([]attribute, 0, 32)} }}

// newAttributes has room for what most records and spans have.
func newAttributes() *attributes { return attributesPool.Get().(*attributes) }

// attribute is a pair of a map. bits are those of a value that is no text.
type attribute struct {
	key, text string
	kind      pcommon.ValueType
	bits      uint64
}

// Bounds on what senders choose. The longest text of the guide has 100 characters.
const (
	maxText    = 1024
	maxName    = 256
	maxUnknown = 32
)

// text writes a text, cut where it is longer than any that the guide has.
func (a *attributes) text(key, value string) {
	if len(value) > maxText {
		value = strings.ToValidUTF8(value[:maxText], "")
	}
	a.wholeText(key, value)
}

// whole writes a text of any length.
func (a *attributes) wholeText(key, value string) {
	if value != "" {
		a.list = append(a.list, attribute{key: key, kind: pcommon.ValueTypeStr, text: value})
	}
}

// unknown writes XML attributes that the guide does not list.
func (a *attributes) unknown(prefix string, list []cdr.Attribute) {
	for _, of := range list[:min(len(list), maxUnknown)] {
		if len(of.Name) <= maxName {
			a.text(prefix+of.Name, of.Value)
		}
	}
}

func (a *attributes) int(key string, value int64) {
	a.list = append(a.list, attribute{key: key, kind: pcommon.ValueTypeInt, bits: uint64(value)})
}

func (a *attributes) double(key string, value float64) {
	a.list = append(a.list, attribute{key: key, kind: pcommon.ValueTypeDouble, bits: math.Float64bits(value)})
}

func (a *attributes) bool(key string, value bool) {
	at := attribute{key: key, kind: pcommon.ValueTypeBool}
	if value {
		at.bits = 1
	}
	a.list = append(a.list, at)
}

func (a *attributes) optionalInt(key string, value cdr.Optional[int64]) {
	if value.Present {
		a.int(key, value.Value)
	}
}

func (a *attributes) optionalDouble(key string, value cdr.Optional[float64]) {
	if value.Present {
		a.double(key, value.Value)
	}
}

// optionalRatio writes a percentage as a ratio.
func (a *attributes) optionalRatio(key string, percentage cdr.Optional[float64]) {
	if percentage.Present {
		a.double(key, cdr.Ratio(percentage.Value))
	}
}

func (a *attributes) optionalBool(key string, value cdr.Optional[bool]) {
	if value.Present {
		a.bool(key, value.Value)
	}
}

// size is about how many bytes the texts collected so far take, encoded as protobuf.
func (a *attributes) encodedSize() (n int) {
	const each = 16 // the tags and the lengths of a key, a value and their pair
	for i := range a.list {
		n += len(a.list[i].key) + len(a.list[i].text) + each
	}
	return n
}

// maxEncodedSize is more than the attributes take, encoded as protobuf.
func (a *attributes) maxEncodedSize() int {
	const number = 8 // in bytes is what a number takes beyond what is counted for each
	return a.encodedSize() + number*len(a.list)
}

// moveTo writes what was collected to the empty map. The attributes must not be used
// after it.
func (a *attributes) writeTo(m pcommon.Map) {
	m.EnsureCapacity(len(a.list))
	for i := range a.list {
		switch at := &a.list[i]; at.kind {
		case pcommon.ValueTypeInt:
			m.PutInt(at.key, int64(at.bits))
		case pcommon.ValueTypeDouble:
			m.PutDouble(at.key, math.Float64frombits(at.bits))
		case pcommon.ValueTypeBool:
			m.PutBool(at.key, at.bits != 0)
		default:
			m.PutStr(at.key, at.text)
		}
	}
	clear(a.list) // its texts are parts of whole bodies
	a.list = a.list[:0]
	attributesPool.Put(a)
}
