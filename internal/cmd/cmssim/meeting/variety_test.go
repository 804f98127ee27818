package meeting_test

import (
	"testing"

	"github.com/stretchr/testify/assert"

	"github.com/cmscdr/cmscdrreceiver/internal/cmd/cmssim/meeting"
	"github.com/cmscdr/cmscdrreceiver/internal/cmd/cmssim/wire"
)

// TestVariety checks that a run of 1500 meetings has every value that the test lists for each field. Except for
// the features, it checks that the run has no other value of these fields.
func TestVariety(t *testing.T) {
	generated := variety{}
	for _, events := range meeting.NewTimeline(meeting.NewGenerator(busy), 1500, 0).Seconds() {
		for _, e := range events {
			generated.add(e.Body)
		}
	}
	for field, values := range map[string][]string{
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
		"alarm of 0 %":       {"packetLoss", "excessiveJitter", "highRoundTripTime"},
		"confirmationStatus": {"", "required", "notRequired", "confirmed", "rejected"},
		"feature": {
			"ivr", "lobby", "activated", "moved", "call bridge of moved leg", "replaces a leg", "short end record", "path",
			"recorderUri", "no media", "unencrypted", "two screens", "guest", "owner", "tenant", "tag", "endpoint recorded",
		},
	} {
		for _, value := range values {
			assert.NotZero(t, generated[field][value], "%s %q is not generated", field, value)
		}
		if field != "feature" {
			assert.Len(t, generated[field], len(values), "the values of %s differ from those that the test lists", field)
		}
	}
}

// variety counts the values of each field.
type variety map[string]map[string]int

func (v variety) count(field, value string) {
	if v[field] == nil {
		v[field] = map[string]int{}
	}
	v[field][value]++
}

func (v variety) countIf(feature string, present bool) {
	if present {
		v.count("feature", feature)
	}
}

func (v variety) add(body wire.Body) {
	v.count("record", body.Type())
	switch b := body.(type) {
	case wire.CallStart:
		v.count("callType", b.CallType)
		v.countIf("tenant", b.Tenant != "")
	case wire.CallEnd:
		v.countIf("endpoint recorded", b.EndpointRecorded == wire.True)
	case wire.CallLegStart:
		v.count("type", b.LegType)
		v.count("subType", b.SubType)
		v.count("lyncSubType", b.LyncSubType)
		v.count("direction", b.Direction)
		v.count("confirmationStatus", b.ConfirmationStatus)
		v.countIf("moved", b.MovedCallLeg != "")
		v.countIf("call bridge of moved leg", b.MovedCallLegCallBridge != "")
		v.countIf("replaces a leg", b.ReplacesSIPCallID != "")
		v.countIf("guest", b.GuestConnection == wire.True)
		v.countIf("owner", b.OwnerID != "")
		v.countIf("tag", b.CDRTag != "")
	case wire.CallLegUpdate:
		v.count("confirmationStatus", b.ConfirmationStatus)
		v.countIf("ivr", b.IVR)
		v.countIf("lobby", b.Deactivated == wire.True)
		v.countIf("activated", b.Deactivated == wire.False)
	case wire.CallLegEnd:
		v.addLegEnd(b)
	case wire.RecordingStart:
		v.countIf("path", b.Path != "")
		v.countIf("recorderUri", b.RecorderURI != "")
	}
}

func (v variety) addLegEnd(b wire.CallLegEnd) {
	v.count("reason", b.Reason)
	v.count("confirmationStatus", b.ConfirmationStatus)
	v.countIf("short end record", b.ActivatedDuration == nil && b.SIPCallID == "")
	v.countIf("no media", b.ActivatedDuration != nil && b.RxAudio == nil && b.RxVideo == nil)
	v.countIf("unencrypted", b.UnencryptedMedia == wire.True)
	v.countIf("two screens", b.MaxScreens == 2)
	for _, a := range b.Alarms {
		if a.DurationPercentage > 0 {
			v.count("alarm", a.Type)
		} else {
			v.count("alarm of 0 %", a.Type)
		}
	}
	for _, a := range []*wire.Audio{b.RxAudio, b.TxAudio} {
		if a != nil {
			v.count("audio", a.Codec)
		}
	}
	for _, video := range []*wire.Video{b.RxVideo, b.TxVideo} {
		if video != nil {
			v.count("video", video.Codec)
		}
	}
}
