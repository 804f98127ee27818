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

// entities are entities of each kind with every field set.
func entities() map[string]correlate.Entity {
	common := correlate.EntityFields{
		ID: "1e900000-0000-4000-8000-000000000001", Start: 1, Earliest: 12, LastReceived: 2, OrphanedAt: 3, LastIndex: 4,
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

func sample() *Session {
	return &Session{
		ID: "5e550000-0000-4000-8000-000000000001", CallBridge: "bridge", SystemID: "cms1", Address: "192.0.2.1", Parameters: []string{"site", "tokyo"},
		Start: callbridge.SessionStart{
			Session: "5e550000-0000-4000-8000-000000000001", Index: 9, Time: time.Unix(1, 2).UTC(), Received: time.Unix(2, 3).UTC(), Seniority: 10,
		},
		LastReceived: time.Unix(3, 4).UTC(), Slots: 5,
		History: callbridge.State{Revision: 12, SharedAt: time.Unix(4, 5).UTC(), Sessions: []callbridge.Session{{
			ID: "before", Predecessor: "one before", Seniority: 13, HighestIndex: 14, LatestTime: time.Unix(5, 6).UTC(), LastReceived: time.Unix(6, 7).UTC(),
			Replaced: true, AliveAfter: time.Unix(7, 8).UTC(), RisingSince: time.Unix(8, 9).UTC(),
		}}},
		Sequence: sequence.State{
			Accepted: []sequence.Range{{First: 0, Last: 9}, {First: 11, Last: 11}}, Unreadable: []sequence.Range{{First: 12, Last: 12}},
			Missing: []sequence.Range{{First: 10, Last: 10}}, HighestIndex: 12, Started: true, TruncatedBelow: 3, HighestDropped: 2,
		},
		State: correlate.SessionState{LatestTime: 6, Departures: []meeting.Departure{
			{Shared: true, Key: "correlator", Trace: pcommon.TraceID{1}, Start: 7, End: 8},
		}},
	}
}

// TestFormat1 checks that version 1 can be decoded.
func TestFormat1(t *testing.T) {
	session, err := DecodeSession(saved(t, 1, "session"))
	require.NoError(t, err)
	require.Equal(t, &Session{
		ID: "5e550000-0000-4000-8000-000000000001", CallBridge: "bridge", SystemID: "cms1", Address: "192.0.2.1",
		Start:        callbridge.SessionStart{Session: "5e550000-0000-4000-8000-000000000001", Time: time.Unix(1, 2).UTC(), Received: time.Unix(1, 2).UTC()},
		LastReceived: time.Unix(3, 4).UTC(), SharedSource: true, Slots: 5,
		Sequence: sequence.State{Accepted: []sequence.Range{{First: 0, Last: 9}, {First: 11, Last: 11}}, Missing: []sequence.Range{{First: 10, Last: 10}}, HighestIndex: 11, Started: true},
		State: correlate.SessionState{LatestTime: 6, Departures: []meeting.Departure{
			{Shared: true, Key: "correlator", Trace: pcommon.TraceID{1}, Start: 7, End: 8},
		}},
	}, session)
	for name, want := range entities() {
		read, err := DecodeEntity(saved(t, 1, name))
		require.NoError(t, err)
		switch of := want.(type) {
		case *correlate.Call:
			of.Earliest, of.MeetingKey = 0, of.Correlator
		case *correlate.Leg:
			of.Earliest = 0
		case *correlate.Recording:
			of.Earliest = 0
		case *correlate.Streaming:
			of.Earliest = 0
		}
		require.Equal(t, want, read)
	}
}

// saved returns a value of testdata in that version.
func saved(t *testing.T, saved int, name string) []byte {
	dump, err := os.ReadFile(filepath.Join("testdata", fmt.Sprint("form", saved), name+".hex"))
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

// TestFormat checks that saved values are decoded unchanged, and that the bytes of
// testdata are. A change of the format needs a new version, and must keep decoding
// these files.
func TestFormat(t *testing.T) {
	values := map[string][]byte{}
	for name, thing := range entities() {
		value, err := EncodeEntity(thing)
		require.NoError(t, err)
		read, err := DecodeEntity(value)
		require.NoError(t, err)
		require.Equal(t, thing, read)
		values[name] = value
	}
	value, err := sample().Encode()
	require.NoError(t, err)
	read, err := DecodeSession(value)
	require.NoError(t, err)
	require.Equal(t, sample(), read)
	values["session"] = value
	require.Len(t, values, 5)
	for name, value := range values {
		file := filepath.Join("testdata", "form2", name+".hex")
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
	common := correlate.EntityFields{ID: "x"}
	for _, thing := range []correlate.Entity{
		&correlate.Call{EntityFields: common}, &correlate.Leg{EntityFields: common}, &correlate.Recording{EntityFields: common}, &correlate.Streaming{EntityFields: common},
	} {
		value, err := EncodeEntity(thing)
		require.NoError(t, err)
		read, err := DecodeEntity(value)
		require.NoError(t, err)
		require.Equal(t, thing, read)
	}
}

// TestUnreadable checks the error for each kind of damage.
func TestUnreadable(t *testing.T) {
	good, err := EncodeEntity(entities()["leg"])
	require.NoError(t, err)
	cases := map[string]struct {
		value []byte
		want  string
	}{
		"nothing":         {nil, "empty"},
		"a later release": {append([]byte{3}, good[1:]...), "the format version is 3, and this release knows versions up to 2"},
		"cut":             {good[:len(good)-1], "EOF"},
		"more":            {append(good[:len(good):len(good)], 0), "extraneous data"},
	}
	require.Len(t, cases, 4)
	for name, c := range cases {
		_, err := DecodeEntity(c.value)
		require.ErrorContains(t, err, c.want, name)
		_, err = DecodeSession(c.value)
		require.Error(t, err, name)
	}
	session, err := sample().Encode()
	require.NoError(t, err)
	_, err = DecodeEntity(session)
	require.Error(t, err)
}

// TestRangesMustAscend checks that unordered ranges are rejected, because a tracker
// would count them wrongly.
func TestRangesMustAscend(t *testing.T) {
	for _, ends := range [][]uint64{{1}, {2, 1}, {1, 2, 2, 3}, {5, 6, 1, 2}} {
		_, err := loadRanges(ends)
		require.ErrorIs(t, err, errRanges, "%v", ends)
	}
	all, err := loadRanges([]uint64{1, 2, 4, 4})
	require.NoError(t, err)
	require.Equal(t, []uint64{1, 2, 4, 4}, saveRanges(all))
}

// TestSlots checks that a new entity uses the slot of a closed one, and that an
// entity that is never saved uses none.
func TestSlots(t *testing.T) {
	book := NewWriter("s")
	leg := func(id string) correlate.Entity { return &correlate.Leg{EntityFields: correlate.EntityFields{ID: id}} }
	save := func() (keys []string) {
		operations, err := book.Operations(&Session{ID: "s"})
		require.NoError(t, err)
		for _, op := range operations {
			keys = append(keys, fmt.Sprint(op.Type, " ", op.Key))
		}
		book.MarkSaved()
		require.False(t, book.Dirty())
		return keys
	}
	book.EntityChanged(nil, leg("a"))
	book.EntityChanged(nil, leg("b"))
	book.EntityChanged(leg("b"), nil)
	require.Equal(t, []string{"1 t/0/s", "1 s/s"}, save())
	book.EntityChanged(leg("a"), nil)
	require.Equal(t, []string{"2 t/0/s", "1 s/s"}, save())
	book.EntityChanged(nil, leg("c"))
	require.Equal(t, []string{"1 t/0/s", "1 s/s"}, save())
	book.EntityChanged(nil, leg("d"))
	require.Equal(t, []string{"1 t/1/s", "1 s/s"}, save())
	// A save that failed may have written: what closes meanwhile is deleted, and its
	// slot is free at once.
	for n := range 100 {
		book.EntityChanged(nil, leg(fmt.Sprint(n)))
		_, err := book.Operations(&Session{ID: "s"})
		require.NoError(t, err)
		book.EntityChanged(leg(fmt.Sprint(n)), nil)
	}
	require.Equal(t, []string{"2 t/2/s", "1 s/s"}, save())
	var erased []string
	for _, op := range book.DeleteOperations() {
		erased = append(erased, op.Key)
	}
	require.Equal(t, "s/s t/0/s t/1/s t/2/s", strings.Join(erased, " "))
	require.Equal(t, "a/b", sessionOf("t/12/a/b"))
	require.Equal(t, "a/b", sessionOf("s/a/b"))
}

// FuzzDecode checks that no stored value causes a panic, and that decoded values can
// be encoded and decoded again.
func FuzzDecode(f *testing.F) {
	for _, thing := range entities() {
		value, err := EncodeEntity(thing)
		require.NoError(f, err)
		f.Add(value)
	}
	value, err := sample().Encode()
	require.NoError(f, err)
	f.Add(value)
	f.Fuzz(func(t *testing.T, value []byte) {
		if thing, err := DecodeEntity(value); err == nil {
			again, err := EncodeEntity(thing)
			require.NoError(t, err)
			read, err := DecodeEntity(again)
			require.NoError(t, err)
			require.Equal(t, thing, read)
		}
		if session, err := DecodeSession(value); err == nil {
			again, err := session.Encode()
			require.NoError(t, err)
			read, err := DecodeSession(again)
			require.NoError(t, err)
			session.SharedSource = read.SharedSource // which only form 1 has
			require.Equal(t, session, read)
		}
	})
}
