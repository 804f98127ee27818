package correlate

import (
	"strings"

	"github.com/cmscdr/cmscdrreceiver/internal/cdr"
)

// CallTextFields returns the text fields of a call. The order is part of the stored
// format.
func CallTextFields(c *cdr.Call) [7]*string {
	return [...]*string{&c.Name, &c.CoSpace, &c.OwnerName, &c.Tenant, &c.CDRTag, &c.CallType, &c.Correlator}
}

// RecordingTextFields returns the text fields of a recording. The order is part of the
// stored format.
func RecordingTextFields(r *cdr.Recording) [4]*string {
	return [...]*string{&r.Path, &r.RecorderURI, &r.Call, &r.CallLeg}
}

// StreamingTextFields returns the text fields of a streaming. The order is part of the
// stored format.
func StreamingTextFields(s *cdr.Streaming) [5]*string {
	return [...]*string{&s.StreamerURI, &s.StreamURI, &s.StreamName, &s.Call, &s.CallLeg}
}

// mergeTextFields merges the fields of a record into those of its entity. It leaves out
// the entity's field to which skipped points; nil leaves out none.
func mergeTextFields(into, from []*string, skipped *string, late bool) {
	for i := range into {
		if into[i] != skipped {
			mergeText(into[i], *from[i], late)
		}
	}
}

// textFieldBytes returns the memory of the fields' texts, in bytes.
func textFieldBytes(fields []*string) (n int) {
	for _, text := range fields {
		n += textBytes(*text)
	}
	return n
}

// maxText limits each text of an open entity, in bytes. The body of the log record has
// the whole text.
const maxText = 1024

// bounded returns the text, truncated to maxText.
func bounded(text string) string {
	if len(text) <= maxText {
		return text
	}
	return strings.ToValidUTF8(text[:maxText], "")
}

// changesText reports whether a record's text replaces the current one. A late record
// only sets an empty text.
func changesText(current, text string, late bool) bool {
	return text != "" && text != current && (!late || current == "")
}

// mergeText sets the text and reports whether it changed. The text is cloned, because
// a record's text keeps the whole body in memory.
func mergeText(into *string, from string, late bool) bool {
	from = bounded(from)
	if !changesText(*into, from, late) {
		return false
	}
	*into = strings.Clone(from)
	return true
}
