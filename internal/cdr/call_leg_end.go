package cdr

import "slices"

// CallLegEnd reports that a leg ended, with the reason and its media statistics.
type CallLegEnd struct {
	CallLeg
	// Reason is a reason code of the guide (chapter 5) or another text.
	Reason string
	// RemoteTeardown reports whether the remote side ended the leg; ReasonDetails is
	// a text from the remote side.
	RemoteTeardown Optional[bool]
	ReasonDetails  string
	// EncryptedMedia and UnencryptedMedia report whether there was such media.
	EncryptedMedia, UnencryptedMedia Optional[bool]
	// DurationSeconds counts from callLegStart and includes IVR and lobby;
	// ActivatedDuration counts from joining the call. Both are in seconds.
	DurationSeconds, ActivatedDuration Optional[int64]
	MediaUsage                         MediaUsage
	// MaxScreens is in the element multistreamVideo; 2 means dual video.
	MaxScreens Optional[int64]
	Alarms     []Alarm

	RxAudio, TxAudio, RxVideo, TxVideo Media
}

// MediaUsage is mediaUsagePercentages: shares of the leg's time, 0 to 100.
type MediaUsage struct {
	MainVideoViewer, MainVideoContributor       Optional[float64]
	PresentationViewer, PresentationContributor Optional[float64]
	MultistreamVideo                            Optional[float64]
}

// Alarm is a media alarm of the leg.
type Alarm struct {
	// Type is packetLoss, excessiveJitter or highRoundTripTime, or another text, which the
	// guide does not list.
	Type string
	// DurationPercentage is the share of the leg's time, 0 to 100. It can be 0.
	DurationPercentage Optional[float64]
}

// Happened reports whether the alarm occurred. Meeting Server also sends alarms that
// did not, with 0 % of the time. An alarm without a percentage counts as one that
// occurred.
func (a *Alarm) Happened() bool {
	return !a.DurationPercentage.Present || a.DurationPercentage.Value > 0
}

// Media is the element rxAudio, txAudio, rxVideo or txVideo; rx is what Meeting Server
// received. If the element is absent, the leg had no such media.
type Media struct {
	Present             bool
	Codec               string
	MaxWidth, MaxHeight Optional[int64]
	// LossBursts and Gaps are the elements packetLossBursts and packetGap in
	// packetStatistics. Received media have them, except on WebRTC legs.
	LossBursts, Gaps PacketStatistics
}

// PacketStatistics is the element packetLossBursts or packetGap. Duration is in seconds. The
// unit of Density is not documented. In RFC 3611, from which the terms come, it is a
// fraction.
type PacketStatistics struct{ Duration, Density Optional[float64] }

func (e *CallLegEnd) set(name string, n *Node, below []Node) bool {
	switch name {
	case "reason":
		return setWord(&e.Reason, n)
	case "remoteTeardown":
		return setBool(&e.RemoteTeardown, n)
	case "reasonDetails":
		return setText(&e.ReasonDetails, n)
	case "encryptedMedia":
		return setBool(&e.EncryptedMedia, n)
	case "unencryptedMedia":
		return setBool(&e.UnencryptedMedia, n)
	case "durationSeconds":
		return setInt(&e.DurationSeconds, n)
	case "activatedDuration":
		return setInt(&e.ActivatedDuration, n)
	case "mediaUsagePercentages":
		return setAll(&e.MediaUsage, below)
	case "multistreamVideo":
		return setAll((*multistreamVideo)(e), below)
	case "alarm":
		e.Alarms = append(e.Alarms, Alarm{})
		return e.Alarms[len(e.Alarms)-1].setListed(below)
	case "rxAudio":
		return e.RxAudio.setPresent(below)
	case "txAudio":
		return e.TxAudio.setPresent(below)
	case "rxVideo":
		return e.RxVideo.setPresent(below)
	case "txVideo":
		return e.TxVideo.setPresent(below)
	}
	return e.CallLeg.set(name, n, below)
}

func (u *MediaUsage) set(name string, n *Node, _ []Node) bool {
	switch name {
	case "mainVideoViewer":
		return setDouble(&u.MainVideoViewer, n)
	case "mainVideoContributor":
		return setDouble(&u.MainVideoContributor, n)
	case "presentationViewer":
		return setDouble(&u.PresentationViewer, n)
	case "presentationContributor":
		return setDouble(&u.PresentationContributor, n)
	case "multistreamVideo":
		return setDouble(&u.MultistreamVideo, n)
	}
	return false
}

// multistreamVideo is the container below callLeg, with one field. Below
// mediaUsagePercentages an element of the same name is a number.
type multistreamVideo CallLegEnd

func (v *multistreamVideo) set(name string, n *Node, _ []Node) bool {
	return name == "maxScreens" && setInt(&v.MaxScreens, n)
}

// AlarmTypes lists the alarms in the guide.
var AlarmTypes = []string{"packetLoss", "excessiveJitter", "highRoundTripTime"}

// setListed sets the fields of the alarm. It reports whether the guide lists the type of
// the alarm and the alarm has a percentage; otherwise it marks all of the alarm's nodes
// as unknown.
func (a *Alarm) setListed(below []Node) bool {
	setAll(a, below)
	if a.DurationPercentage.Present && slices.Contains(AlarmTypes, a.Type) {
		return true
	}
	for i := range below {
		below[i].Known = false
	}
	return false
}

func (a *Alarm) set(name string, n *Node, _ []Node) bool {
	switch name {
	case "type":
		return setWord(&a.Type, n)
	case "durationPercentage":
		return setDouble(&a.DurationPercentage, n)
	}
	return false
}

func (m *Media) setPresent(below []Node) bool {
	m.Present = true
	return setAll(m, below)
}

func (m *Media) set(name string, n *Node, below []Node) bool {
	switch name {
	case "codec":
		return setWord(&m.Codec, n)
	case "maxSizeWidth":
		return setInt(&m.MaxWidth, n)
	case "maxSizeHeight":
		return setInt(&m.MaxHeight, n)
	case "packetStatistics":
		return setAll((*packetStatisticsContainer)(m), below)
	}
	return false
}

// packetStatisticsContainer is the element packetStatistics. It sets LossBursts and Gaps of
// the media.
type packetStatisticsContainer Media

func (s *packetStatisticsContainer) set(name string, n *Node, below []Node) bool {
	switch name {
	case "packetLossBursts":
		return setAll(&s.LossBursts, below)
	case "packetGap":
		return setAll(&s.Gaps, below)
	}
	return false
}

func (s *PacketStatistics) set(name string, n *Node, _ []Node) bool {
	switch name {
	case "duration":
		return setDouble(&s.Duration, n)
	case "density":
		return setDouble(&s.Density, n)
	}
	return false
}
