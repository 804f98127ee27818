package translate

import (
	"unicode/utf8"

	"go.opentelemetry.io/collector/pdata/pcommon"

	"github.com/cmscdr/cmscdrreceiver/internal/cdr"
)

// attributes collects what is present before it is written, so that a map is
// allocated once and in its exact size. No key may be given twice.
type attributes struct{ list []attribute }

type attribute struct {
	key     string
	kind    pcommon.ValueType
	text    string
	integer int64
	double  float64
	boolean bool
}

func (a *attributes) text(key, value string) {
	if value != "" {
		a.list = append(a.list, attribute{key: key, kind: pcommon.ValueTypeStr, text: value})
	}
}

func (a *attributes) int(key string, value int64) {
	a.list = append(a.list, attribute{key: key, kind: pcommon.ValueTypeInt, integer: value})
}

func (a *attributes) double(key string, value float64) {
	a.list = append(a.list, attribute{key: key, kind: pcommon.ValueTypeDouble, double: value})
}

func (a *attributes) bool(key string, value bool) {
	a.list = append(a.list, attribute{key: key, kind: pcommon.ValueTypeBool, boolean: value})
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
		a.double(key, percentage.Value/100)
	}
}

func (a *attributes) optionalBool(key string, value cdr.Optional[bool]) {
	if value.Present {
		a.bool(key, value.Value)
	}
}

// moveTo writes what was collected to the empty map and forgets it.
func (a *attributes) moveTo(m pcommon.Map) {
	m.EnsureCapacity(len(a.list))
	for i := range a.list {
		switch at := &a.list[i]; at.kind {
		case pcommon.ValueTypeInt:
			m.PutInt(at.key, at.integer)
		case pcommon.ValueTypeDouble:
			m.PutDouble(at.key, at.double)
		case pcommon.ValueTypeBool:
			m.PutBool(at.key, at.boolean)
		default:
			m.PutStr(at.key, at.text)
		}
	}
	a.list = a.list[:0]
}

// maxText in bytes is the longest text of an attribute; the body of a log record has
// it whole.
const maxText = 1 << 10

// bounded cuts a text at maxText, between two characters.
func bounded(text string) string {
	if len(text) <= maxText {
		return text
	}
	end := maxText
	for end > maxText-utf8.UTFMax && !utf8.RuneStart(text[end]) {
		end--
	}
	return text[:end]
}
