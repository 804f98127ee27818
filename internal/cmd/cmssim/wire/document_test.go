package wire_test

import (
	"encoding/xml"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/cmscdr/cmscdrreceiver/internal/cmd/cmssim/wire"
)

// elements are bodies of all types with their encoding.
var elements = []struct {
	body wire.Body
	typ  string
	want string
}{
	{
		wire.CallStart{
			ID: "c", Name: "R&D <3>", CoSpace: "s", OwnerName: "Ana Sørensen", Tenant: "t", CDRTag: "tag",
			CallType: "coSpace", CallCorrelator: "k", CoSpaceMetaDataConfigured: wire.True,
		},
		"callStart",
		`<call id="c"><name>R&amp;D &lt;3&gt;</name><coSpace>s</coSpace><ownerName>Ana Sørensen</ownerName><tenant>t</tenant>` +
			`<cdrTag>tag</cdrTag><callType>coSpace</callType><callCorrelator>k</callCorrelator>` +
			`<coSpaceMetaDataConfigured>true</coSpaceMetaDataConfigured></call>`,
	},
	{
		wire.CallEnd{ID: "c", CallLegsCompleted: 2, CallLegsMaxActive: 1, DurationSeconds: 10, EndpointRecorded: wire.False},
		"callEnd",
		`<call id="c"><callLegsCompleted>2</callLegsCompleted><callLegsMaxActive>1</callLegsMaxActive>` +
			`<durationSeconds>10</durationSeconds><endpointRecorded>false</endpointRecorded></call>`,
	},
	{
		wire.CallLegStart{
			ID: "l", DisplayName: `"Zoë"`, LocalAddress: "1", RemoteAddress: "2", RemoteParty: "3", CDRTag: "4",
			GuestConnection: wire.True, Recording: wire.False, Streaming: wire.False, LegType: "sip", SubType: "lync",
			LyncSubType: "audioVideo", Direction: "incoming", Call: "c", OwnerID: "o", SIPCallID: "s", GroupID: "g",
			ReplacesSIPCallID: "r", CanMove: wire.True, MovedCallLeg: "m", MovedCallLegCallBridge: "b",
			ConfirmationStatus: "notRequired",
		},
		"callLegStart",
		`<callLeg id="l"><displayName>"Zoë"</displayName><localAddress>1</localAddress><remoteAddress>2</remoteAddress>` +
			`<remoteParty>3</remoteParty><cdrTag>4</cdrTag><guestConnection>true</guestConnection><recording>false</recording>` +
			`<streaming>false</streaming><type>sip</type><subType>lync</subType><lyncSubType>audioVideo</lyncSubType>` +
			`<direction>incoming</direction><call>c</call><ownerId>o</ownerId><sipCallId>s</sipCallId><groupId>g</groupId>` +
			`<replacesSipCallId>r</replacesSipCallId><canMove>true</canMove><movedCallLeg>m</movedCallLeg>` +
			`<movedCallLegCallBridge>b</movedCallLegCallBridge><confirmationStatus>notRequired</confirmationStatus></callLeg>`,
	},
	{
		wire.CallLegUpdate{ID: "l", State: "connected", IVR: true, Call: "never written", Deactivated: wire.False},
		"callLegUpdate",
		`<callLeg id="l"><state>connected</state><deactivated>false</deactivated><ivr/></callLeg>`,
	},
	{
		wire.CallLegUpdate{ID: "l", Call: "c"},
		"callLegUpdate",
		`<callLeg id="l"><call>c</call></callLeg>`,
	},
	{
		wire.CallLegEnd{ID: "l", Reason: wire.Timeout, RemoteTeardown: wire.False},
		"callLegEnd",
		`<callLeg id="l"><reason>timeout</reason><remoteTeardown>false</remoteTeardown><durationSeconds>0</durationSeconds></callLeg>`,
	},
	{
		wire.CallLegEnd{
			ID: "l", Reason: wire.RemoteTeardown, RemoteTeardown: wire.True, ReasonDetails: "SIP call",
			EncryptedMedia: wire.True, DurationSeconds: 45, ActivatedDuration: new(29), MaxScreens: 2,
			MediaUsage: &wire.MediaUsage{MainVideoViewer: 100, PresentationViewer: 12.34},
			Alarms:     []wire.Alarm{{Type: "packetLoss", DurationPercentage: 1.4}, {Type: "excessiveJitter"}},
			RxAudio:    &wire.Audio{Codec: "g722", Packet: &wire.PacketStatistics{BurstDuration: 0.221, GapDuration: 10.609}},
			TxVideo:    &wire.Video{Codec: "h264", Width: 1280, Height: 720},
		},
		"callLegEnd",
		`<callLeg id="l"><reason>remoteTeardown</reason><remoteTeardown>true</remoteTeardown><reasonDetails>SIP call</reasonDetails>` +
			`<encryptedMedia>true</encryptedMedia><durationSeconds>45</durationSeconds><activatedDuration>29</activatedDuration>` +
			`<mediaUsagePercentages><mainVideoViewer>100.0</mainVideoViewer><mainVideoContributor>0.0</mainVideoContributor>` +
			`<presentationViewer>12.3</presentationViewer><presentationContributor>0.0</presentationContributor>` +
			`<multistreamVideo>0.0</multistreamVideo></mediaUsagePercentages><multistreamVideo><maxScreens>2</maxScreens></multistreamVideo>` +
			`<alarm type="packetLoss" durationPercentage="1.4" /><alarm type="excessiveJitter" durationPercentage="0.0" />` +
			`<rxAudio><codec>g722</codec><packetStatistics><packetLossBursts><duration>0.221</duration><density>0.00</density></packetLossBursts>` +
			`<packetGap><duration>10.609</duration><density>0.00</density></packetGap></packetStatistics></rxAudio>` +
			`<txVideo><codec>h264</codec><maxSizeWidth>1280</maxSizeWidth><maxSizeHeight>720</maxSizeHeight></txVideo></callLeg>`,
	},
	{
		wire.RecordingStart{ID: "r", Path: "/a/b.mp4", RecorderURI: "sip:r@example.com", Call: "c", CallLeg: "l"},
		"recordingStart",
		`<recording id="r"><path>/a/b.mp4</path><recorderUri>sip:r@example.com</recorderUri><call>c</call><callLeg>l</callLeg></recording>`,
	},
	{wire.RecordingEnd{ID: "r"}, "recordingEnd", `<recording id="r"></recording>`},
	{
		wire.StreamingStart{ID: "s", StreamerURI: "sip:s@example.com", StreamURL: "rtmp://example.com/a?b&c", Call: "c", CallLeg: "l"},
		"streamingStart",
		`<streaming id="s"><streamerUri>sip:s@example.com</streamerUri><streamUrl>rtmp://example.com/a?b&amp;c</streamUrl>` +
			`<call>c</call><callLeg>l</callLeg></streaming>`,
	},
	{wire.StreamingEnd{ID: "s"}, "streamingEnd", `<streaming id="s"></streaming>`},
}

func TestElement(t *testing.T) {
	for _, c := range elements {
		t.Run(c.typ, func(t *testing.T) {
			assert.Equal(t, c.typ, c.body.Type())
			assert.Equal(t, c.want, string(wire.Element(c.body)))
		})
	}
}

func TestDocument(t *testing.T) {
	at := time.Date(2026, 1, 2, 4, 4, 5, 999, time.FixedZone("CET", 3600))
	d := wire.Document{Session: "S", CallBridge: "B", Records: []wire.Record{
		{Type: "recordingEnd", Time: at, RecordIndex: 1, CorrelatorIndex: 0, Element: wire.Element(wire.RecordingEnd{ID: `"<&`})},
		{Type: "streamingEnd", Time: at, RecordIndex: 2, CorrelatorIndex: 4, Missing: 3, Element: wire.Element(wire.StreamingEnd{ID: "s"})},
	}}
	want := `<?xml version="1.0"?><records session="S" callBridge="B">` +
		`<record type="recordingEnd" time="2026-01-02T03:04:05Z" recordIndex="1" correlatorIndex="0">` + "\n" +
		`<recording id="&quot;&lt;&amp;"></recording></record>` + "\n" +
		`<record type="streamingEnd" time="2026-01-02T03:04:05Z" recordIndex="2" correlatorIndex="4" numPreceedingRecordsMissing="3">` + "\n" +
		`<streaming id="s"></streaming></record>` + "\n</records>"
	written := d.Append([]byte("x"))
	assert.Equal(t, "x"+want, string(written))

	d.CallBridge, d.Records = "", nil
	assert.Equal(t, `<?xml version="1.0"?><records session="S"></records>`, string(d.Append(nil)))
}

// TestEscaping checks that encoding/xml decodes the original text.
func TestEscaping(t *testing.T) {
	for _, text := range []string{`<&>"'`, "]]>", "&amp;", "</name>", "🙂 Łódź", "a\tb"} {
		var call struct {
			ID   string `xml:"id,attr"`
			Name string `xml:"name"`
		}
		require.NoError(t, xml.Unmarshal(wire.Element(wire.CallStart{ID: text, Name: text}), &call))
		assert.Equal(t, text, call.ID)
		assert.Equal(t, text, call.Name)
	}
}
