package meeting

import (
	"fmt"

	"github.com/cmscdr/cmscdrreceiver/internal/cmd/cmssim/wire"
)

// device is a kind of endpoint, with the media that it supports.
type device struct {
	legType, subType, lyncSubType string
	audio, video                  []string // codecs, the most frequent first; one that is listed twice is chosen more often
	encrypted                     float64  // probability of encrypted media
}

var (
	sip = device{
		legType: "sip", encrypted: 0.6,
		audio: []string{
			"g722", "aac", "g722_1c", "g711a", "g711u", "opus", "g722_1", "g729", "g728", "speexWb", "speexNb", "speexUwb",
		},
		video: []string{"h264", "h264", "h263+", "h263", "h261"},
	}
	avaya = device{
		legType: "sip", subType: "avaya", encrypted: 0.5, audio: []string{"g722", "g711u", "g729"}, video: []string{"h264"},
	}
	lync = device{
		legType: "sip", subType: "lync", lyncSubType: "audioVideo", encrypted: 1,
		audio: []string{"g722", "isacWb", "isacSwb", "g711u"}, video: []string{"h264Lync", "rtVideo"},
	}
	lyncSharing = device{
		legType: "sip", subType: "lync", lyncSubType: "applicationSharing", encrypted: 1, video: []string{"h264"},
	}
	lyncMessaging    = device{legType: "sip", subType: "lync", lyncSubType: "instantMessaging"}
	lyncDistribution = device{
		legType: "sip", subType: "lyncdistribution", encrypted: 1, audio: []string{"g722"}, video: []string{"h264Lync"},
	}
	distribution = device{
		legType: "sip", subType: "distributionLink", encrypted: 1, audio: []string{"opus", "aac"}, video: []string{"h264"},
	}
	webApp = device{
		legType: "acano", subType: "webApp", encrypted: 1, audio: []string{"opus"}, video: []string{"vp8", "h264"},
	}
	recorder = device{
		legType: "sip", encrypted: 1, audio: []string{"aac"}, video: []string{"h264"},
	}
)

// incoming returns the start record of a leg whose remote side, at address, calls meetingAddress.
func (s *script) incoming(d device, name, address, meetingAddress string) wire.CallLegStart {
	start := s.start(d, name, address)
	start.Direction = "incoming"
	start.LocalAddress = meetingAddress
	start.ConfirmationStatus = "notRequired"
	return start
}

// outgoing returns the start record of a leg whose remote side, at address, is called by the Call Bridge.
func (s *script) outgoing(d device, name, address string) wire.CallLegStart {
	start := s.start(d, name, address)
	start.Direction = "outgoing"
	start.LocalAddress = "cms@meet.example.com"
	return start
}

// start returns the start record of a leg, without a direction.
func (s *script) start(d device, name, address string) wire.CallLegStart {
	start := wire.CallLegStart{
		ID: s.guid(), DisplayName: name, RemoteAddress: address, RemoteParty: address, CDRTag: s.pick(cdrTags),
		LegType: d.legType, SubType: d.subType, LyncSubType: d.lyncSubType,
		GuestConnection: wire.False, Recording: wire.False, Streaming: wire.False, CanMove: wire.Bool(d.subType == ""),
	}
	if d.legType == "sip" {
		start.SIPCallID = s.guid()
		start.GroupID = s.guid()
	}
	return start
}

// address returns a random SIP address.
func (s *script) address() string {
	if s.chance(0.1) {
		return fmt.Sprintf("sip%d@192.0.2.%d", s.between(1, 99), s.between(1, 254))
	}
	return fmt.Sprintf("ext%d@sip.example.com", s.between(1000, 9999))
}
