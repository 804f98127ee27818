package printed

import (
	"fmt"
	"io"
	"slices"
	"strconv"
	"strings"
	"time"

	"go.opentelemetry.io/collector/pdata/pcommon"
)

func instant(t pcommon.Timestamp) string { return t.AsTime().Format(time.RFC3339Nano) }

// attributes writes a line for each attribute, sorted by key. A key that is twice in the map
// has two lines.
func attributes(w io.Writer, indent string, m pcommon.Map) {
	type attribute struct{ key, value string }
	var all []attribute
	for k, v := range m.All() {
		all = append(all, attribute{k, value(v)})
	}
	slices.SortStableFunc(all, func(a, b attribute) int { return strings.Compare(a.key, b.key) })
	for _, a := range all {
		fmt.Fprintf(w, "%s%s = %s\n", indent, a.key, a.value)
	}
}

// value formats a value so that its type is visible: a string is quoted if it could be
// another type or contains punctuation of this format, and a double has a decimal point or
// an exponent, or is NaN or an infinity.
func value(v pcommon.Value) string {
	switch v.Type() {
	case pcommon.ValueTypeStr:
		return text(v.Str())
	case pcommon.ValueTypeDouble:
		out := strconv.FormatFloat(v.Double(), 'g', -1, 64)
		if !strings.ContainsAny(out, ".eNI") { // N and I are in NaN and Inf
			out += ".0"
		}
		return out
	case pcommon.ValueTypeMap:
		var parts []string
		for key, inner := range v.Map().All() {
			parts = append(parts, key+": "+value(inner))
		}
		return "{" + strings.Join(parts, ", ") + "}"
	case pcommon.ValueTypeSlice:
		var parts []string
		for _, inner := range v.Slice().All() {
			parts = append(parts, value(inner))
		}
		return "[" + strings.Join(parts, ", ") + "]"
	case pcommon.ValueTypeBytes:
		return "bytes " + strconv.Quote(string(v.Bytes().AsRaw()))
	case pcommon.ValueTypeEmpty:
		return "nothing"
	default:
		return v.AsString()
	}
}

func text(s string) string {
	if _, err := strconv.ParseFloat(s, 64); err == nil || s == "" || s == "true" || s == "false" || s == "nothing" ||
		strings.ContainsAny(s, "{}[],:=\"\n") || strings.TrimSpace(s) != s {
		return strconv.Quote(s)
	}
	return s
}
