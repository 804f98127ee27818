package correlate

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/cmscdr/cmscdrreceiver/internal/cdr"
)

// TestCaptureOfEndedCall checks that a recording has a grace period if it enters a call that
// has ended, and that the grace period ends if the recording enters an open call.
func TestCaptureOfEndedCall(t *testing.T) {
	session := newSession(highLimits)
	commitRecords(session, "cms1", second(0), callStart(0, callID, cdr.Call{}), callEnd(3, callID), callStart(4, secondCallID, cdr.Call{}),
		recordOf(1, "recording", &cdr.RecordingStart{Recording: cdr.Recording{Call: callID}}))
	recording := func() *EntityFields { return session.open[key{recordingKind, "recording"}].fields() }
	require.NotZero(t, recording().GraceBegan)
	commitRecords(session, "cms1", second(1), recordOf(5, "recording", &cdr.RecordingStart{Recording: cdr.Recording{Call: secondCallID}}))
	require.Zero(t, recording().GraceBegan)
}

// TestEffectOfCaptureEnd checks that the effect of an end record has the call of the recording
// although the record does not name it and the call has ended.
func TestEffectOfCaptureEnd(t *testing.T) {
	session := newSession(highLimits)
	effect, _ := commitRecords(session, "cms1", second(0), callStart(0, callID, cdr.Call{}),
		recordOf(1, "recording", &cdr.RecordingStart{Recording: cdr.Recording{Call: callID}}), callEnd(2, callID), recordOf(3, "recording", &cdr.RecordingEnd{}))
	require.Equal(t, callID, effect.CallID)
	require.Nil(t, effect.InCall)
}

// TestCallOfCapture checks in which call a recording or streaming is: the one that its record
// names, else the one of its leg. If the leg is not open yet, the next record about the
// recording or streaming sets the call.
func TestCallOfCapture(t *testing.T) {
	const other = secondCallID
	leg := recordOf(1, "leg", &cdr.CallLegStart{CallLeg: cdr.CallLeg{Call: callID}})
	recording := func(index int, call string) *cdr.Record {
		return recordOf(index, "recording", &cdr.RecordingStart{Recording: cdr.Recording{Call: call, CallLeg: "leg"}})
	}
	streaming := recordOf(2, "streaming", &cdr.StreamingStart{Streaming: cdr.Streaming{CallLeg: "leg"}})
	cases := map[string]struct {
		records []*cdr.Record
		want    string
	}{
		"named by the record":         {[]*cdr.Record{leg, recording(2, other)}, other},
		"recording, call of its leg":  {[]*cdr.Record{leg, recording(2, "")}, callID},
		"streaming, call of its leg":  {[]*cdr.Record{leg, streaming}, callID},
		"unknown leg":                 {[]*cdr.Record{recording(2, "")}, ""},
		"leg open at the next record": {[]*cdr.Record{recording(0, ""), leg, recording(2, "")}, callID},
	}
	require.Len(t, cases, 5)
	for name, c := range cases {
		t.Run(name, func(t *testing.T) {
			session := newSession(highLimits)
			commitRecords(session, "cms1", second(0), c.records...)
			captures := 0
			for entity := range session.Open() {
				if capture, ok := entity.(capture); ok {
					require.Equal(t, c.want, capture.callID())
					captures++
				}
			}
			require.Equal(t, 1, captures)
			hasLegRecord := len(c.records) > 1 // a record that only refers to the leg does not open it
			require.Equal(t, hasLegRecord, session.LegCount() == 1)
		})
	}
}
