package translate

import (
	"math"
	"strings"
	"sync"

	"go.opentelemetry.io/collector/pdata/pcommon"
	"go.opentelemetry.io/collector/pdata/xpdata"

	"github.com/cmscdr/cmscdrreceiver/internal/cdr"
)

// attributes collects attributes before they are written to a map, so that the map is
// allocated once with the exact capacity. A key must be added only once, because the builder
// does not search for duplicates. The attributes are written to one map only.
type attributes struct {
	list    []attribute
	builder xpdata.MapBuilder
}

// attributesPool reuses the memory of written attributes.
var attributesPool = sync.Pool{New: func() any { return &attributes{list: make([]attribute, 0, 32)} }}

// newAttributes returns empty attributes with room for most records and spans.
func newAttributes() *attributes { return attributesPool.Get().(*attributes) }

// attribute is a key and its value: a text, or the bits of a number or a boolean.
type attribute struct {
	key, text string
	kind      pcommon.ValueType
	bits      uint64
}

// Limits on names and texts from documents. The longest text in the guide has 100
// characters.
const (
	maxText    = 1024 // bytes of a text
	maxName    = 256  // bytes of the name of an XML attribute
	maxUnknown = 32   // XML attributes of one element
)

// text adds a text, truncated to maxText. It omits an empty text.
func (a *attributes) text(key, value string) {
	if len(value) > maxText {
		value = strings.ToValidUTF8(value[:maxText], "")
	}
	a.wholeText(key, value)
}

// wholeText adds a text of any length. It omits an empty text.
func (a *attributes) wholeText(key, value string) {
	if value != "" {
		a.list = append(a.list, attribute{key: key, kind: pcommon.ValueTypeStr, text: value})
	}
}

// addUnknown adds XML attributes that the guide does not list, or whose values cannot be
// parsed, within the limits.
func (a *attributes) addUnknown(prefix string, list []cdr.Attribute) {
	for _, attribute := range list[:min(len(list), maxUnknown)] {
		if len(attribute.Name) <= maxName {
			a.text(prefix+attribute.Name, attribute.Value)
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
	added := attribute{key: key, kind: pcommon.ValueTypeBool}
	if value {
		added.bits = 1
	}
	a.list = append(a.list, added)
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

// optionalRatio adds a percentage as a ratio.
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

// encodedSize estimates the size of the collected attributes in bytes, encoded as
// protobuf.
func (a *attributes) encodedSize() (n int) {
	const overhead = 16 // the tags and the lengths of a key, a value and their pair
	for i := range a.list {
		n += len(a.list[i].key) + len(a.list[i].text) + overhead
	}
	return n
}

// maxEncodedSize is an upper bound of the size of the attributes in bytes, encoded as
// protobuf.
func (a *attributes) maxEncodedSize() int {
	// numberSize is the size of a number in bytes, which encodedSize does not count. A negative
	// integer has 10 bytes; the overhead in encodedSize has room for the other 2.
	const numberSize = 8
	return a.encodedSize() + numberSize*len(a.list)
}

// writeTo replaces the content of the map by the collected attributes. The attributes
// must not be used afterwards.
func (a *attributes) writeTo(m pcommon.Map) {
	a.builder.EnsureCapacity(len(a.list))
	for i := range a.list {
		attr := &a.list[i]
		value := a.builder.AppendEmpty(attr.key)
		switch attr.kind {
		case pcommon.ValueTypeInt:
			value.SetInt(int64(attr.bits))
		case pcommon.ValueTypeDouble:
			value.SetDouble(math.Float64frombits(attr.bits))
		case pcommon.ValueTypeBool:
			value.SetBool(attr.bits != 0)
		default:
			value.SetStr(attr.text)
		}
	}
	a.builder.UnsafeIntoMap(m)
	clear(a.list) // otherwise its texts keep whole request bodies in memory
	a.list = a.list[:0]
	attributesPool.Put(a)
}
