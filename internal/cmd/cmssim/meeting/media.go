package meeting

import (
	"math"

	"github.com/cmscdr/cmscdrreceiver/internal/cmd/cmssim/wire"
)

// sizes are the widths and heights of pictures, the most frequent first.
var sizes = [][2]int{{1280, 720}, {1920, 1080}, {768, 448}, {1024, 576}, {640, 360}, {352, 288}, {3840, 2160}}

// addMedia adds the media of a leg that joined a call.
func (s *script) addMedia(l *leg, end *wire.CallLegEnd) {
	d := l.device
	if len(d.audio)+len(d.video) == 0 {
		return // the leg only has messages
	}
	encrypted := s.chance(d.encrypted)
	if encrypted {
		end.EncryptedMedia = wire.True
	}
	if !encrypted || s.chance(0.02) {
		end.UnencryptedMedia = wire.True
	}
	seconds := float64(l.leavesAt - l.joinsAt)
	if len(d.audio) > 0 {
		end.RxAudio = &wire.Audio{Codec: s.pickWeighted(d.audio), Packet: s.packetStatistics(d, l, seconds)}
		end.TxAudio = &wire.Audio{Codec: s.pickWeighted(d.audio)}
	}
	sendsVideo, receivesVideo := s.chance(0.8), s.chance(0.95)
	if d.lyncSubType == "applicationSharing" {
		sendsVideo, receivesVideo = true, false
	}
	if sendsVideo {
		end.RxVideo = s.video(d)
		end.RxVideo.Packet = s.packetStatistics(d, l, seconds)
	}
	if receivesVideo {
		end.TxVideo = s.video(d)
	}
	end.MediaUsage = s.mediaUsage(sendsVideo, receivesVideo)
	if d.legType == "sip" && d.subType == "" && s.chance(0.08) {
		end.MaxScreens = s.between(1, 2)
	}
}

func (s *script) video(d device) *wire.Video {
	size := sizes[min(s.rng.IntN(len(sizes)), s.rng.IntN(len(sizes)))]
	return &wire.Video{Codec: s.pickWeighted(d.video), Width: size[0], Height: size[1]}
}

// packetStatistics returns the packet loss of received media, or nil for a WebRTC leg, which has no statistics.
func (s *script) packetStatistics(d device, l *leg, seconds float64) *wire.PacketStatistics {
	if d.legType != "sip" {
		return nil
	}
	p := &wire.PacketStatistics{GapDuration: max(0, seconds-s.rng.Float64())}
	if len(l.alarms) > 0 || s.chance(0.05) {
		p.BurstDuration = min(seconds, s.rng.ExpFloat64()*3)
		p.BurstDensity = s.rng.Float64() * 0.4
		p.GapDensity = s.rng.Float64() * 0.02
		p.GapDuration = max(0, p.GapDuration-p.BurstDuration)
	}
	return p
}

func (s *script) mediaUsage(sendsVideo, receivesVideo bool) *wire.MediaUsage {
	u := &wire.MediaUsage{}
	if receivesVideo {
		u.MainVideoViewer = s.percentage(0.7)
		if s.chance(0.3) {
			u.PresentationViewer = s.percentage(0.1)
		}
	}
	if sendsVideo {
		u.MainVideoContributor = s.percentage(0.7)
		if s.chance(0.15) {
			u.PresentationContributor = s.percentage(0.1)
		}
	}
	if s.chance(0.05) {
		u.MultistreamVideo = s.percentage(0.3)
	}
	return u
}

// percentage returns a random percentage with one decimal. full is the probability of 100.0.
func (s *script) percentage(full float64) float64 {
	if s.chance(full) {
		return 100
	}
	return math.Round(s.rng.Float64()*1000) / 10
}

// alarms returns the alarms of a leg. Most legs have none. Some alarms have a percentage of 0.0.
func (s *script) alarms() []wire.Alarm {
	if !s.chance(0.08) {
		return nil
	}
	var alarms []wire.Alarm
	for _, name := range []string{"packetLoss", "excessiveJitter", "highRoundTripTime"} {
		if !s.chance(0.5) {
			continue
		}
		a := wire.Alarm{Type: name}
		if s.chance(0.7) {
			a.DurationPercentage = math.Round(min(100, s.rng.ExpFloat64()*6)*10) / 10
		}
		alarms = append(alarms, a)
	}
	return alarms
}
