package meeting_test

import (
	"testing"

	"github.com/stretchr/testify/assert"

	"github.com/cmscdr/cmscdrreceiver/internal/cmd/cmssim/meeting"
	"github.com/cmscdr/cmscdrreceiver/internal/cmd/cmssim/wire"
)

// A long run has everything that the format knows.
func TestVariety(t *testing.T) {
	seen := variety{}
	for _, events := range meeting.NewTimeline(meeting.NewGenerator(busy), 1500, 0).Seconds() {
		for _, e := range events {
			seen.take(e.Body)
		}
	}
	for what, values := range map[string][]string{
		"record": {
			"callStart", "callEnd", "callLegStart", "callLegUpdate", "callLegEnd", "recordingStart", "recordingEnd",
			"streamingStart", "streamingEnd",
		},
		"callType":    {"coSpace", "adHoc", "lyncConferencing", "forwarding"},
		"type":        {"sip", "acano"},
		"subType":     {"", "lync", "avaya", "lyncdistribution", "distributionLink", "webApp"},
		"lyncSubType": {"", "audioVideo", "applicationSharing", "instantMessaging"},
		"direction":   {"incoming", "outgoing"},
		"reason": {
			"apiInitiatedTeardown", "callDeactivated", "callEnded", "callMoved", "clientInitiatedTeardown", "localTeardown",
			"remoteTeardown", "remoteBusy", "remoteRejected", "ringingTimeout", "confirmationTimeOut", "incorrectPasscode",
			"ivrTimeout", "ivrUnknownCall", "participantLimitReached", "tenantParticipantLimitReached", "unknownDestination",
			"dnsFailure", "encryptionRequired", "error", "timeout",
		},
		"audio": {
			"g711u", "g711a", "g722", "g728", "g729", "g722_1", "g722_1c", "aac", "speexNb", "speexWb", "speexUwb", "isacWb",
			"isacSwb", "opus",
		},
		"video":              {"h261", "h263", "h263+", "h264", "h264Lync", "vp8", "rtVideo"},
		"alarm":              {"packetLoss", "excessiveJitter", "highRoundTripTime"},
		"alarm of 0":         {"packetLoss", "excessiveJitter", "highRoundTripTime"},
		"confirmationStatus": {"", "required", "notRequired", "confirmed", "rejected"},
		"also": {
			"ivr", "lobby", "activated", "moved", "moved elsewhere", "replaced", "bare end", "path", "recorderUri",
			"no media", "unencrypted", "two screens", "guest", "owner", "tenant", "tag", "endpoint recorded",
		},
	} {
		for _, value := range values {
			assert.NotZero(t, seen[what][value], "%s %q never happens", what, value)
		}
		if what != "also" {
			assert.Len(t, seen[what], len(values), "there is another %s than those", what)
		}
	}
}

// variety counts values by what they are values of.
type variety map[string]map[string]int

func (v variety) add(what, value string) {
	if v[what] == nil {
		v[what] = map[string]int{}
	}
	v[what][value]++
}

func (v variety) also(value string, holds bool) {
	if holds {
		v.add("also", value)
	}
}

func (v variety) take(body wire.Body) {
	v.add("record", body.Type())
	switch b := body.(type) {
	case wire.CallStart:
		v.add("callType", b.CallType)
		v.also("tenant", b.Tenant != "")
	case wire.CallEnd:
		v.also("endpoint recorded", b.EndpointRecorded == wire.True)
	case wire.CallLegStart:
		v.add("type", b.LegType)
		v.add("subType", b.SubType)
		v.add("lyncSubType", b.LyncSubType)
		v.add("direction", b.Direction)
		v.add("confirmationStatus", b.ConfirmationStatus)
		v.also("moved", b.MovedCallLeg != "")
		v.also("moved elsewhere", b.MovedCallLegCallBridge != "")
		v.also("replaced", b.ReplacesSIPCallID != "")
		v.also("guest", b.GuestConnection == wire.True)
		v.also("owner", b.OwnerID != "")
		v.also("tag", b.CDRTag != "")
	case wire.CallLegUpdate:
		v.add("confirmationStatus", b.ConfirmationStatus)
		v.also("ivr", b.IVR)
		v.also("lobby", b.Deactivated == wire.True)
		v.also("activated", b.Deactivated == wire.False)
	case wire.CallLegEnd:
		v.end(b)
	case wire.RecordingStart:
		v.also("path", b.Path != "")
		v.also("recorderUri", b.RecorderURI != "")
	}
}

func (v variety) end(b wire.CallLegEnd) {
	v.add("reason", b.Reason)
	v.add("confirmationStatus", b.ConfirmationStatus)
	v.also("bare end", b.ActivatedDuration == nil && b.SIPCallID == "")
	v.also("no media", b.ActivatedDuration != nil && b.RxAudio == nil && b.RxVideo == nil)
	v.also("unencrypted", b.UnencryptedMedia == wire.True)
	v.also("two screens", b.MaxScreens == 2)
	for _, a := range b.Alarms {
		if a.DurationPercentage > 0 {
			v.add("alarm", a.Type)
		} else {
			v.add("alarm of 0", a.Type)
		}
	}
	for _, a := range []*wire.Audio{b.RxAudio, b.TxAudio} {
		if a != nil {
			v.add("audio", a.Codec)
		}
	}
	for _, p := range []*wire.Video{b.RxVideo, b.TxVideo} {
		if p != nil {
			v.add("video", p.Codec)
		}
	}
}
