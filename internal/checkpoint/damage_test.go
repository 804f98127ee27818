package checkpoint

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/cmscdr/cmscdrreceiver/internal/correlate"
)

// TestUndecodableValues checks the errors for values that cannot be decoded.
func TestUndecodableValues(t *testing.T) {
	valid, err := EncodeEntity(sampleEntities()["leg"])
	require.NoError(t, err)
	cases := map[string]struct {
		value []byte
		want  string
	}{
		"empty":                {nil, "the value is empty"},
		"newer format version": {append([]byte{3}, valid[1:]...), "the format version is 3, and this release knows versions 1 to 2"},
		"truncated":            {valid[:len(valid)-1], "EOF"},
		"extended":             {append(valid[:len(valid):len(valid)], 0), "extraneous data"},
	}
	require.Len(t, cases, 4)
	for name, c := range cases {
		_, err := DecodeEntity(c.value)
		require.ErrorContains(t, err, c.want, name)
		_, err = DecodeSession(c.value)
		require.ErrorContains(t, err, c.want, name)
		_, err = decodeDepartures(c.value)
		require.ErrorContains(t, err, c.want, name)
	}
	session, err := sampleSession().Encode()
	require.NoError(t, err)
	_, err = DecodeEntity(session)
	require.Error(t, err)
}

// TestEventKinds checks the numbers of the kinds of events, which are part of the format.
func TestEventKinds(t *testing.T) {
	for number, kind := range []correlate.EventKind{
		correlate.EventConnected, correlate.EventIVR, correlate.EventJoined, correlate.EventLobby, correlate.EventActivated, correlate.EventUpdated,
	} {
		require.EqualValues(t, number, kind)
	}
}

// TestDamagedEntities checks the errors for values that can be decoded, but whose
// content is wrong.
func TestDamagedEntities(t *testing.T) {
	fields, trace := savedFields{ID: "x"}, make([]byte, 16)
	cases := map[string]struct {
		saved savedEntity
		want  string
	}{
		"empty id":         {savedEntity{Trace: trace}, "the id of an entity is empty"},
		"odd extra":        {savedEntity{Fields: savedFields{ID: "x", Extra: []string{"name"}}, Trace: trace}, `entity "x" has 1 extra names and values, which is not an even number`},
		"short trace id":   {savedEntity{Fields: fields, Trace: trace[1:]}, "a trace id does not have 16 bytes"},
		"no kind":          {savedEntity{Fields: fields, Trace: trace}, `entity "x" is no call, leg, recording or streaming`},
		"texts of a call":  {savedEntity{Fields: fields, Trace: trace, Call: &savedCall{}}, `entity "x" has 0 texts, not 7`},
		"parent of a call": {savedEntity{Fields: fields, Trace: trace, Call: &savedCall{Texts: make([]string, 7)}}, "a span id does not have 8 bytes"},
		"bool of a call":   {savedEntity{Fields: fields, Trace: trace, Call: &savedCall{Texts: make([]string, 7), PreviousParent: make([]byte, 8), CoSpaceMetaDataConfigured: 3}}, "3 does not encode a bool; 0 to 2 do"},
		"texts of a leg":   {savedEntity{Fields: fields, Trace: trace, Leg: &savedLeg{}}, `leg "x" has 0 texts and 0 bools, not 16 and 4`},
		"event of a leg":   {savedEntity{Fields: fields, Trace: trace, Leg: &savedLeg{Texts: make([]string, 16), Bools: make([]byte, 4), Events: []savedEvent{{Kind: 6}}}}, "6 is no kind of event; 0 to 5 are"},
		"recording texts":  {savedEntity{Fields: fields, Trace: trace, Recording: make([]string, 3)}, `entity "x" has 3 texts, not 4`},
		"streaming texts":  {savedEntity{Fields: fields, Trace: trace, Streaming: make([]string, 6)}, `entity "x" has 6 texts, not 5`},
	}
	require.Len(t, cases, 11)
	for name, c := range cases {
		value, err := encode(c.saved)
		require.NoError(t, err)
		_, err = DecodeEntity(value)
		require.ErrorContains(t, err, c.want, name)
	}
}

// TestRangesMustAscend checks that an incomplete pair of indices is rejected, and also
// ranges that overlap or are in the wrong order, because a tracker would count them wrongly.
func TestRangesMustAscend(t *testing.T) {
	for _, indices := range [][]uint64{{1}, {2, 1}, {1, 2, 2, 3}, {5, 6, 1, 2}} {
		_, err := loadRanges(indices)
		require.ErrorIs(t, err, errRanges, "%v", indices)
	}
	ranges, err := loadRanges([]uint64{1, 2, 4, 4})
	require.NoError(t, err)
	require.Equal(t, []uint64{1, 2, 4, 4}, saveRanges(ranges))
}

// FuzzDecode checks that no stored value causes a panic, and that decoded values can
// be encoded and decoded again.
func FuzzDecode(f *testing.F) {
	for _, entity := range sampleEntities() {
		value, err := EncodeEntity(entity)
		require.NoError(f, err)
		f.Add(value)
	}
	value, err := sampleSession().Encode()
	require.NoError(f, err)
	f.Add(value)
	f.Fuzz(func(t *testing.T, value []byte) {
		if entity, err := DecodeEntity(value); err == nil {
			encoded, err := EncodeEntity(entity)
			require.NoError(t, err)
			decoded, err := DecodeEntity(encoded)
			require.NoError(t, err)
			require.Equal(t, entity, decoded)
		}
		if session, err := DecodeSession(value); err == nil {
			encoded, err := session.Encode()
			require.NoError(t, err)
			decoded, err := DecodeSession(encoded)
			require.NoError(t, err)
			session.SharedSource = decoded.SharedSource // only version 1 saves it
			require.Equal(t, session, decoded)
		}
	})
}
