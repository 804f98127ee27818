package correlate

import (
	"crypto/sha256"
	"encoding/hex"

	"go.opentelemetry.io/collector/pdata/pcommon"
)

// TraceID returns the id of the trace that a call starts, or of the separate trace of
// an entity that was in no call: the 16 bytes of its GUID, so that a trace can be found
// by an id from Meeting Server. If the id is no GUID, or all bytes are 0, it is hashed.
// The result is never empty.
func TraceID(id string) pcommon.TraceID {
	if guid, ok := parseGUID(id); ok {
		return guid
	}
	sum := sha256.Sum256([]byte("cisco.cms trace\x00" + id))
	return pcommon.TraceID(sum[:16])
}

// SpanID returns the span id of a call, leg, recording or streaming: the last 8 bytes
// of its GUID. If the id is no GUID, or those bytes are 0, it is hashed. The result is
// never empty.
func SpanID(id string) pcommon.SpanID {
	if guid, ok := parseGUID(id); ok {
		if span := pcommon.SpanID(guid[8:]); !span.IsEmpty() {
			return span
		}
	}
	sum := sha256.Sum256([]byte("cisco.cms span\x00" + id))
	return pcommon.SpanID(sum[:8])
}

// parseGUID parses a GUID in the form 8-4-4-4-12. The nil GUID is not accepted.
func parseGUID(id string) (guid [16]byte, ok bool) {
	if len(id) != 36 || id[8] != '-' || id[13] != '-' || id[18] != '-' || id[23] != '-' {
		return guid, false
	}
	var digits [32]byte
	n := copy(digits[:], id[:8])
	n += copy(digits[n:], id[9:13])
	n += copy(digits[n:], id[14:18])
	n += copy(digits[n:], id[19:23])
	copy(digits[n:], id[24:])
	if _, err := hex.Decode(guid[:], digits[:]); err != nil {
		return guid, false
	}
	return guid, guid != [16]byte{}
}

// meetingSpan returns the span id of a meeting. The key is the correlator of the
// first call, or its coSpace if it has no correlator.
func meetingSpan(key string, trace pcommon.TraceID) pcommon.SpanID {
	sum := sha256.Sum256([]byte("cisco.cms meeting\x00" + key + "\x00" + string(trace[:])))
	return pcommon.SpanID(sum[:8])
}
