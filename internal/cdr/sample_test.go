package cdr

import (
	"fmt"
	"strings"
)

// sample returns a document of n records in the format of a Call Bridge. It repeats samples,
// which have all nine types, so the same ids start and end again. Every eighth record has an
// element that the guide does not list.
func sample(n int) string {
	var b strings.Builder
	b.WriteString(`<?xml version="1.0"?><records session="2f1b8f4e-0c1d-4a53-9d0e-5b6a7c8d9e0f" callBridge="6a0c3c1e-7d3b-4b1a-8f57-0d9c8b7a6f5e">`)
	for i := range n {
		kind := samples[i%len(samples)]
		fmt.Fprintf(&b, `<record type="%s" time="2024-03-05T09:%02d:%02dZ" recordIndex="%d" correlatorIndex="%d">`+"\n",
			kind.name, i/60%60, i%60, i+1, i)
		inside := kind.inside
		if i%8 == 7 {
			end := strings.LastIndex(inside, "</")
			inside = inside[:end] + unlistedElement + inside[end:]
		}
		b.WriteString(inside)
		b.WriteString("</record>\n")
	}
	b.WriteString("</records>")
	return b.String()
}

const unlistedElement = `<aiNotes level="2"><language>cy</language><summary>none yet</summary></aiNotes>`

var samples = []struct{ name, inside string }{
	{"callStart", `<call id="b0a4ea2c-1d2e-4f30-9a4b-5c6d7e8f9a0b"><name>Ward round</name><callType>coSpace</callType>` +
		`<coSpace>c1d2e3f4-0516-4728-b93a-4b5c6d7e8f90</coSpace><ownerName>Ffion Pugh</ownerName>` +
		`<tenant>d2e3f405-1627-4839-a4b5-c6d7e8f90a1b</tenant><cdrTag>north</cdrTag>` +
		`<callCorrelator>e3f40516-2738-494a-85c6-d7e8f90a1b2c</callCorrelator>` +
		`<coSpaceMetaDataConfigured>false</coSpaceMetaDataConfigured></call>`},
	{"callLegStart", `<callLeg id="f4051627-3849-4a5b-96d7-e8f90a1b2c3d"><displayName>Tŷ Hafan, bed 4</displayName>` +
		`<localAddress>ward@cms.example.com</localAddress><remoteAddress>bed4@example.com</remoteAddress>` +
		`<remoteParty>bed4@example.com</remoteParty><cdrTag>north</cdrTag><guestConnection>false</guestConnection>` +
		`<recording>false</recording><streaming>false</streaming><type>sip</type><direction>incoming</direction>` +
		`<groupId>05162738-494a-4b6c-87e8-f90a1b2c3d4e</groupId><sipCallId>a0b1c2d3@192.0.2.17</sipCallId>` +
		`<canMove>true</canMove><confirmationStatus>notRequired</confirmationStatus></callLeg>`},
	{"callLegUpdate", `<callLeg id="f4051627-3849-4a5b-96d7-e8f90a1b2c3d"><state>connected</state><deactivated>false</deactivated>` +
		`<remoteAddress>bed4@example.com</remoteAddress><call>b0a4ea2c-1d2e-4f30-9a4b-5c6d7e8f9a0b</call>` +
		`<groupId>05162738-494a-4b6c-87e8-f90a1b2c3d4e</groupId><sipCallId>a0b1c2d3@192.0.2.17</sipCallId>` +
		`<displayName>Tŷ Hafan, bed 4</displayName><canMove>true</canMove></callLeg>`},
	{"callLegUpdate", `<callLeg id="f4051627-3849-4a5b-96d7-e8f90a1b2c3d"><state>connected</state><ivr/>` +
		`<remoteAddress>bed4@example.com</remoteAddress></callLeg>`},
	{"recordingStart", `<recording id="16273849-4a5b-4c7d-98f9-0a1b2c3d4e5f"><path>spaces/ward/0305.mp4</path>` +
		`<call>b0a4ea2c-1d2e-4f30-9a4b-5c6d7e8f9a0b</call><callLeg>2738494a-5b6c-4d8e-a90a-1b2c3d4e5f60</callLeg></recording>`},
	{"streamingStart", `<streaming id="38494a5b-6c7d-4e9f-ba1b-2c3d4e5f6071"><streamUrl>rtmp://stream.example.com/live</streamUrl>` +
		`<call>b0a4ea2c-1d2e-4f30-9a4b-5c6d7e8f9a0b</call><callLeg>494a5b6c-7d8e-4fa0-8b2c-3d4e5f607182</callLeg></streaming>`},
	{"recordingEnd", `<recording id="16273849-4a5b-4c7d-98f9-0a1b2c3d4e5f"></recording>`},
	{"streamingEnd", `<streaming id="38494a5b-6c7d-4e9f-ba1b-2c3d4e5f6071"></streaming>`},
	{"callLegEnd", sampleLegEnd},
	{"callLegEnd", sampleLegEnd},
	{"callEnd", `<call id="b0a4ea2c-1d2e-4f30-9a4b-5c6d7e8f9a0b"><callLegsCompleted>2</callLegsCompleted>` +
		`<callLegsMaxActive>2</callLegsMaxActive><durationSeconds>1810</durationSeconds></call>`},
}

const sampleLegEnd = `<callLeg id="f4051627-3849-4a5b-96d7-e8f90a1b2c3d"><cdrTag>north</cdrTag><reason>remoteTeardown</reason>` +
	`<remoteTeardown>true</remoteTeardown><encryptedMedia>true</encryptedMedia><durationSeconds>1800</durationSeconds>` +
	`<activatedDuration>1788</activatedDuration><mediaUsagePercentages><mainVideoViewer>99.5</mainVideoViewer>` +
	`<mainVideoContributor>98.0</mainVideoContributor></mediaUsagePercentages>` +
	`<alarm type="packetLoss" durationPercentage="1.4" /><alarm type="excessiveJitter" durationPercentage="0.0" />` +
	`<rxAudio><codec>opus</codec><packetStatistics><packetLossBursts><duration>0.221</duration><density>0.01</density></packetLossBursts>` +
	`<packetGap><duration>1799.779</duration><density>0.00</density></packetGap></packetStatistics></rxAudio>` +
	`<txAudio><codec>opus</codec></txAudio><rxVideo><codec>h264</codec><maxSizeWidth>1280</maxSizeWidth>` +
	`<maxSizeHeight>720</maxSizeHeight><packetStatistics><packetLossBursts><duration>0.000</duration><density>0.00</density>` +
	`</packetLossBursts><packetGap><duration>1798.500</duration><density>0.00</density></packetGap></packetStatistics></rxVideo>` +
	`<txVideo><codec>h264</codec><maxSizeWidth>1920</maxSizeWidth><maxSizeHeight>1080</maxSizeHeight></txVideo>` +
	`<sipCallId>a0b1c2d3@192.0.2.17</sipCallId></callLeg>`
