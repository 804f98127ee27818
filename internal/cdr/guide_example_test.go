package cdr

import (
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// expectedRecord is an expected record and the number of the POST that has it, from 1.
type expectedRecord struct {
	post       int
	recordType string
	id         string
	body       Body
}

// guideExample returns the records of the call in chapter 6 of the guide: two SIP legs join a
// coSpace, and the first one ends with the call.
func guideExample() []expectedRecord {
	const (
		legA = "fc9c85ca-8c41-4a1a-9252-b16977d1e4e1"
		legB = "9cfdb064-3ae9-4b08-a003-6478187f375f"
		call = "46d49cb4-8171-4abc-97f5-b88035b1da0a"
	)
	idsOfLeg := map[string]CallLeg{
		legA: {GroupID: "18da80f3-8a71-4255-aa90-e1677b99b588", SIPCallID: "b8a81da5-c24c-43db-ba58-742f587faec8"},
		legB: {GroupID: "3420c93f-f33c-4c9e-be95-d0d1bfb207f0", SIPCallID: "a939937c-8b5e-4376-92de-97635983d7ef"},
	}
	start := func(leg, party, access string) Body {
		l := idsOfLeg[leg]
		l.RemoteParty, l.LocalAddress, l.Type, l.Direction = party, access, "sip", "incoming"
		return &CallLegStart{CallLeg: l}
	}
	update := func(leg string) Body {
		l := idsOfLeg[leg]
		l.Call = call
		return &CallLegUpdate{CallLeg: l, State: "connected"}
	}
	return []expectedRecord{
		{1, "callLegStart", legA, start(legA, "sipclient1@example.com", "access1@127.0.0.1")},
		{2, "callStart", call, &CallStart{Call{
			Name: "test564_1", CallType: "coSpace", CoSpace: "50605235-60cf-484a-9fa1-278ad0646243",
			Correlator: "5f3300c5-ca67-40e0-a503-91baec70dbbe",
		}}},
		{2, "callLegUpdate", legA, update(legA)},
		{3, "callLegStart", legB, start(legB, "sipclient2@example.com", "access2@127.0.0.1")},
		{4, "callLegUpdate", legB, update(legB)},
		{5, "callLegEnd", legB, &CallLegEnd{
			CallLeg: CallLeg{SIPCallID: idsOfLeg[legB].SIPCallID},
			Reason:  "remoteTeardown", RemoteTeardown: some(true), UnencryptedMedia: some(true),
			DurationSeconds: some(int64(10)), MediaUsage: fullVideoUsage,
			RxAudio: received("g722", 0, 0, 9.701), TxAudio: Media{Present: true, Codec: "g722_1c"},
			RxVideo: received("h264", 768, 448, 8.597), TxVideo: sent("h264", 1280, 720),
		}},
		{6, "callLegEnd", legA, &CallLegEnd{
			CallLeg: CallLeg{SIPCallID: idsOfLeg[legA].SIPCallID},
			Reason:  "callDeactivated", RemoteTeardown: some(false), UnencryptedMedia: some(true),
			DurationSeconds: some(int64(10)), MediaUsage: fullVideoUsage,
			RxAudio: received("g711u", 0, 0, 9.702), TxAudio: Media{Present: true, Codec: "g722_1c"},
			RxVideo: received("h264", 1280, 720, 8.484), TxVideo: sent("h264", 1024, 576),
		}},
		{6, "callEnd", call, &CallEnd{LegsCompleted: some(int64(2)), LegsMaxActive: some(int64(2)), DurationSeconds: some(int64(10))}},
	}
}

func TestGuideExample(t *testing.T) {
	files, err := filepath.Glob("testdata/guide_example/*.xml")
	require.NoError(t, err)
	require.Len(t, files, 6)
	want, index := guideExample(), 0
	for post, file := range files {
		body, err := os.ReadFile(file)
		require.NoError(t, err)
		d, err := Open(string(body))
		require.NoError(t, err)
		assert.Equal(t, "a865433a-4926-4549-a701-9bb5b93c75e6", d.Session)
		assert.Equal(t, "158ba4f7-70eb-4a35-982c-71d4f1674277", d.CallBridge)
		for r, m := range d.Records() {
			require.Nil(t, m)
			w := want[index]
			assert.Equal(t, w.post, post+1)
			assert.Equal(t, uint64(index), r.CorrelatorIndex)
			assert.Equal(t, some(uint64(index+1)), r.RecordIndex)
			assert.Equal(t, w.recordType, r.Type)
			assert.Equal(t, w.id, r.ID)
			assert.Equal(t, w.body, r.Body)
			wantTime := time.Date(2015, 7, 23, 7, 32, 55, 0, time.UTC)
			if index >= 5 {
				wantTime = wantTime.Add(10 * time.Second)
			}
			assert.Equal(t, wantTime, r.Time)
			for _, n := range r.Nodes {
				assert.True(t, n.Known, n.Name)
			}
			index++
		}
	}
	assert.Equal(t, len(want), index)
}

var fullVideoUsage = MediaUsage{MainVideoViewer: some(100.0), MainVideoContributor: some(100.0)}

func some[T any](v T) Optional[T] { return Optional[T]{v, true} }

func received(codec string, width, height int64, gap float64) Media {
	m := Media{Present: true, Codec: codec}
	if width > 0 {
		m = sent(codec, width, height)
	}
	m.LossBursts = PacketStatistics{some(0.0), some(0.0)}
	m.Gaps = PacketStatistics{some(gap), some(0.0)}
	return m
}

func sent(codec string, width, height int64) Media {
	return Media{Present: true, Codec: codec, MaxWidth: some(width), MaxHeight: some(height)}
}
