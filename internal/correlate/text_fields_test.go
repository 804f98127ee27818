package correlate

import (
	"reflect"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/cmscdr/cmscdrreceiver/internal/cdr"
)

// TestTextFieldsAreComplete checks that the lists of text fields contain each text
// field once. A field that is not in them is not merged, saved or counted in Bytes.
func TestTextFieldsAreComplete(t *testing.T) {
	call, recording, streaming, leg := &cdr.Call{}, &cdr.Recording{}, &cdr.Streaming{}, &cdr.CallLeg{}
	callFields, recordingFields, streamingFields := CallTextFields(call), RecordingTextFields(recording), StreamingTextFields(streaming)
	requireTextFields(t, call, callFields[:])
	requireTextFields(t, recording, recordingFields[:])
	requireTextFields(t, streaming, streamingFields[:])
	legFields := []*string{&leg.Call} // not in LegTextFields, because joining a call has its own rules
	for _, field := range LegTextFields {
		legFields = append(legFields, field.Pointer(leg))
	}
	requireTextFields(t, leg, legFields)
}

// TestTruncatedText checks that a text is truncated to maxText, and before a character that
// would only partly fit.
func TestTruncatedText(t *testing.T) {
	var text string
	require.True(t, mergeText(&text, strings.Repeat("x", maxText-1)+"é", false))
	require.Equal(t, strings.Repeat("x", maxText-1), text)
	require.False(t, mergeText(&text, strings.Repeat("x", maxText-1)+"è", false))
	require.True(t, mergeText(&text, strings.Repeat("x", maxText+1), false))
	require.Equal(t, strings.Repeat("x", maxText), text)
}

// requireTextFields checks that got are the text fields of the struct that body points
// to, in any order.
func requireTextFields(t *testing.T, body any, got []*string) {
	t.Helper()
	var want []string
	fields := reflect.ValueOf(body).Elem()
	for i := range fields.NumField() {
		if text, isText := fields.Field(i).Addr().Interface().(*string); isText {
			*text = fields.Type().Field(i).Name
			want = append(want, *text)
		}
	}
	var names []string
	for _, text := range got {
		names = append(names, *text)
	}
	require.ElementsMatch(t, want, names)
}
