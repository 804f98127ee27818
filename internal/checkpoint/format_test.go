package checkpoint

import (
	"encoding/hex"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"go.opentelemetry.io/collector/pdata/pcommon"

	"github.com/cmscdr/cmscdrreceiver/internal/callbridge"
	"github.com/cmscdr/cmscdrreceiver/internal/cdr"
	"github.com/cmscdr/cmscdrreceiver/internal/correlate"
	"github.com/cmscdr/cmscdrreceiver/internal/meeting"
	"github.com/cmscdr/cmscdrreceiver/internal/sequence"
)

var (
	yes = cdr.Optional[bool]{Value: true, Present: true}
	no  = cdr.Optional[bool]{Present: true}
)

// sampleEntities returns an entity of each kind with every field set, except that one
// boolean field of the leg is absent.
func sampleEntities() map[string]correlate.Entity {
	common := correlate.EntityFields{
		ID: "1e900000-0000-4000-8000-000000000001", Start: 1, Earliest: 12, LastReceived: 2, GraceBegan: 3, LastIndex: 4,
		Extra: correlate.Extra{{Name: "avatar.colour", Value: "blue"}, {Name: "record.x", Value: ""}},
	}
	leg := &correlate.Leg{
		EntityFields: common, Trace: pcommon.TraceID{1}, ConnectedAt: 5, Deactivated: no, DroppedEvents: 7,
		IVR: correlate.Stay{Total: time.Second, Since: 6, Visited: true}, Lobby: correlate.Stay{Total: time.Minute},
		Events: []correlate.Event{
			{Kind: correlate.EventJoined, Time: 8, Call: "call"},
			{Kind: correlate.EventUpdated, Time: 9, Changes: []correlate.Change{{Attribute: "a", Text: "t"}, {Attribute: "b", Bool: yes}}},
		},
		Links: []correlate.Link{{Reason: correlate.MovedFrom, LegID: "leg", Trace: pcommon.TraceID{2}, Span: pcommon.SpanID{3}}},
	}
	for i, field := range correlate.LegTextFields {
		*field.Pointer(&leg.CallLeg) = fmt.Sprint("text ", i)
	}
	for i, field := range correlate.LegBoolFields {
		*field.Pointer(&leg.CallLeg) = cdr.Optional[bool]{Value: i%2 == 0 && i%3 != 2, Present: i%3 != 2}
	}
	leg.CallLeg.Call = "call"
	return map[string]correlate.Entity{
		"call": &correlate.Call{
			EntityFields: common, Trace: pcommon.TraceID{1}, Discoverable: true, PreviousParent: pcommon.SpanID{2}, MeetingKey: "first correlator",
			Call: cdr.Call{
				Name: "Ward 7", CoSpace: "space", OwnerName: "owner", Tenant: "tenant", CDRTag: "tag", CallType: "coSpace",
				Correlator: "correlator", CoSpaceMetaDataConfigured: yes,
			},
		},
		"leg": leg,
		"recording": &correlate.Recording{
			EntityFields: common, Trace: pcommon.TraceID{1},
			Recording: cdr.Recording{Path: "path", RecorderURI: "uri", Call: "call", CallLeg: "leg"},
		},
		"streaming": &correlate.Streaming{
			EntityFields: common, Trace: pcommon.TraceID{1},
			Streaming: cdr.Streaming{StreamerURI: "streamer", StreamURI: "stream", StreamName: "name", Call: "call", CallLeg: "leg"},
		},
	}
}

// sampleSession returns a session with every field set that Encode saves.
func sampleSession() *Session {
	return &Session{
		ID: "5e550000-0000-4000-8000-000000000001", CallBridge: "bridge", SystemID: "cms1", Address: "192.0.2.1", Parameters: []string{"site", "tokyo"},
		Start: callbridge.SessionStart{
			Session: "5e550000-0000-4000-8000-000000000001", Index: 9, Time: time.Unix(1, 2).UTC(), Received: time.Unix(2, 3).UTC(), Seniority: 10,
		},
		LastReceived: time.Unix(3, 4).UTC(), Slots: 5,
		History: callbridge.State{Revision: 12, SharedAt: time.Unix(4, 5).UTC(), Sessions: []callbridge.Session{{
			ID: "before", Predecessor: "one before", Seniority: 13, HighestIndex: 14, LatestTime: time.Unix(5, 6).UTC(), LastReceived: time.Unix(6, 7).UTC(),
			Replaced: true, AliveAfter: time.Unix(7, 8).UTC(), NewRecordsSince: time.Unix(8, 9).UTC(),
		}}},
		Sequence: sequence.State{
			Accepted: []sequence.Range{{First: 0, Last: 9}, {First: 11, Last: 11}}, Unreadable: []sequence.Range{{First: 12, Last: 12}},
			Missing: []sequence.Range{{First: 10, Last: 10}}, HighestIndex: 12, Started: true, TruncatedBelow: 3, HighestRemoved: 2,
		},
		Correlation: correlate.SessionState{LatestTime: 6, Departures: []meeting.Departure{
			{Shared: true, EndsMeeting: true, Key: "correlator", Trace: pcommon.TraceID{1}, Start: 7, End: 8},
		}},
	}
}

// TestFormat1 checks that values in format version 1 can be decoded.
func TestFormat1(t *testing.T) {
	session, err := DecodeSession(savedValue(t, 1, "session"))
	require.NoError(t, err)
	require.Equal(t, &Session{
		ID: "5e550000-0000-4000-8000-000000000001", CallBridge: "bridge", SystemID: "cms1", Address: "192.0.2.1",
		Start:        callbridge.SessionStart{Session: "5e550000-0000-4000-8000-000000000001", Time: time.Unix(1, 2).UTC(), Received: time.Unix(1, 2).UTC()},
		LastReceived: time.Unix(3, 4).UTC(), SharedSource: true, Slots: 5,
		Sequence: sequence.State{Accepted: []sequence.Range{{First: 0, Last: 9}, {First: 11, Last: 11}}, Missing: []sequence.Range{{First: 10, Last: 10}}, HighestIndex: 11, Started: true},
		Correlation: correlate.SessionState{LatestTime: 6, Departures: []meeting.Departure{
			{Shared: true, Key: "correlator", Trace: pcommon.TraceID{1}, Start: 7, End: 8},
		}},
	}, session)
	for name, want := range sampleEntities() {
		decoded, err := DecodeEntity(savedValue(t, 1, name))
		require.NoError(t, err)
		fields, _ := correlate.FieldsOf(want)
		fields.Earliest = 0
		if call, isCall := want.(*correlate.Call); isCall {
			call.MeetingKey = call.Correlator
		}
		require.Equal(t, want, decoded)
	}
}

// TestMeetingKeyOfFormat1 checks that the upgrade of a call gives it a meeting key only if it is discoverable: its
// correlator.
func TestMeetingKeyOfFormat1(t *testing.T) {
	for discoverable, want := range map[bool]string{true: "correlator", false: ""} {
		entity := savedEntity1{Call: &savedCall1{Texts: []string{"name", "correlator"}, Discoverable: discoverable}}
		saved := entity.upgrade()
		require.Equal(t, want, saved.Call.MeetingKey)
	}
}

// savedValue returns a value from testdata, which has the given format version.
func savedValue(t *testing.T, version int, name string) []byte {
	t.Helper()
	dump, err := os.ReadFile(filepath.Join("testdata", fmt.Sprint("version", version), name+".hex"))
	require.NoError(t, err)
	var digits strings.Builder
	for line := range strings.Lines(string(dump)) {
		line, _, _ = strings.Cut(strings.TrimSpace(line), "  |")
		_, line, _ = strings.Cut(line, "  ")
		digits.WriteString(strings.ReplaceAll(line, " ", ""))
	}
	value, err := hex.DecodeString(digits.String())
	require.NoError(t, err)
	return value
}

// TestFormat checks that saved values are decoded unchanged, and that they have the
// bytes of testdata. A release that changes the format needs a new version, and must
// still decode these files. A missing file is written if the environment variable UPDATE
// is set.
func TestFormat(t *testing.T) {
	values := map[string][]byte{}
	for name, entity := range sampleEntities() {
		value, err := EncodeEntity(entity)
		require.NoError(t, err)
		decoded, err := DecodeEntity(value)
		require.NoError(t, err)
		require.Equal(t, entity, decoded)
		values[name] = value
	}
	value, err := sampleSession().Encode()
	require.NoError(t, err)
	decoded, err := DecodeSession(value)
	require.NoError(t, err)
	require.Equal(t, sampleSession(), decoded)
	values["session"] = value
	departures := sampleSession().Correlation.Departures
	operation, err := DeparturesOperation(departures)
	require.NoError(t, err)
	decodedDepartures, err := decodeDepartures(operation.Value)
	require.NoError(t, err)
	require.Equal(t, departures, decodedDepartures)
	values["departures"] = operation.Value
	require.Len(t, values, 6)
	for name, value := range values {
		file := filepath.Join("testdata", "version2", name+".hex")
		if _, err := os.Stat(file); os.IsNotExist(err) && os.Getenv("UPDATE") != "" {
			require.NoError(t, os.WriteFile(file, []byte(hex.Dump(value)), 0o600))
		}
		want, err := os.ReadFile(file)
		require.NoError(t, err)
		require.Equal(t, string(want), hex.Dump(value), name)
	}
}

// TestEmptyEntities checks that absent fields stay absent.
func TestEmptyEntities(t *testing.T) {
	fields := correlate.EntityFields{ID: "x"}
	for _, entity := range []correlate.Entity{
		&correlate.Call{EntityFields: fields}, &correlate.Leg{EntityFields: fields}, &correlate.Recording{EntityFields: fields}, &correlate.Streaming{EntityFields: fields},
	} {
		value, err := EncodeEntity(entity)
		require.NoError(t, err)
		decoded, err := DecodeEntity(value)
		require.NoError(t, err)
		require.Equal(t, entity, decoded)
	}
}
