package wire

import "strconv"

// CallLegEnd is the record of a leg that ended. A short record has only ID, Reason, RemoteTeardown and
// DurationSeconds. Durations are in seconds.
type CallLegEnd struct {
	ID                 string
	CDRTag             string
	Reason             string
	RemoteTeardown     Flag
	ReasonDetails      string
	EncryptedMedia     Flag
	UnencryptedMedia   Flag
	DurationSeconds    int
	ActivatedDuration  *int
	MediaUsage         *MediaUsage
	MaxScreens         int
	Alarms             []Alarm
	RxAudio, TxAudio   *Audio
	RxVideo, TxVideo   *Video
	OwnerID            string
	SIPCallID          string
	ConfirmationStatus string
}

// MediaUsage holds percentages of the duration of a leg.
type MediaUsage struct {
	MainVideoViewer, MainVideoContributor       float64
	PresentationViewer, PresentationContributor float64
	MultistreamVideo                            float64
}

// Alarm is a media problem and the percentage of the leg's duration that it lasted, which can be 0.0.
type Alarm struct {
	Type               string
	DurationPercentage float64
}

// Audio is the audio of one direction.
type Audio struct {
	Codec  string
	Packet *PacketStatistics
}

// Video is the video of one direction.
type Video struct {
	Codec         string
	Width, Height int
	Packet        *PacketStatistics
}

// PacketStatistics describe the bursts of packet loss in received media, and the gaps between them. Durations are in
// seconds.
type PacketStatistics struct {
	BurstDuration, BurstDensity float64
	GapDuration, GapDensity     float64
}

// Type returns callLegEnd.
func (CallLegEnd) Type() string { return "callLegEnd" }

func (l CallLegEnd) write(w *writer) {
	w.open("callLeg", l.ID)
	w.text("cdrTag", l.CDRTag)
	w.text("reason", l.Reason)
	w.flag("remoteTeardown", l.RemoteTeardown)
	w.text("reasonDetails", l.ReasonDetails)
	w.flag("encryptedMedia", l.EncryptedMedia)
	w.flag("unencryptedMedia", l.UnencryptedMedia)
	w.number("durationSeconds", l.DurationSeconds)
	if l.ActivatedDuration != nil {
		w.number("activatedDuration", *l.ActivatedDuration)
	}
	l.MediaUsage.write(w)
	if l.MaxScreens > 0 {
		w.raw("<multistreamVideo>")
		w.number("maxScreens", l.MaxScreens)
		w.close("multistreamVideo")
	}
	for _, a := range l.Alarms {
		w.raw("<alarm")
		w.attribute("type", a.Type)
		w.attribute("durationPercentage", strconv.FormatFloat(a.DurationPercentage, 'f', 1, 64))
		w.raw(" />")
	}
	l.RxAudio.write(w, "rxAudio")
	l.TxAudio.write(w, "txAudio")
	l.RxVideo.write(w, "rxVideo")
	l.TxVideo.write(w, "txVideo")
	w.text("ownerId", l.OwnerID)
	w.text("sipCallId", l.SIPCallID)
	w.text("confirmationStatus", l.ConfirmationStatus)
	w.close("callLeg")
}

func (u *MediaUsage) write(w *writer) {
	if u == nil {
		return
	}
	w.raw("<mediaUsagePercentages>")
	w.decimal("mainVideoViewer", u.MainVideoViewer, 1)
	w.decimal("mainVideoContributor", u.MainVideoContributor, 1)
	w.decimal("presentationViewer", u.PresentationViewer, 1)
	w.decimal("presentationContributor", u.PresentationContributor, 1)
	w.decimal("multistreamVideo", u.MultistreamVideo, 1)
	w.close("mediaUsagePercentages")
}

func (a *Audio) write(w *writer, name string) {
	if a == nil {
		return
	}
	w.raw("<" + name + ">")
	w.text("codec", a.Codec)
	a.Packet.write(w)
	w.close(name)
}

func (v *Video) write(w *writer, name string) {
	if v == nil {
		return
	}
	w.raw("<" + name + ">")
	w.text("codec", v.Codec)
	w.number("maxSizeWidth", v.Width)
	w.number("maxSizeHeight", v.Height)
	v.Packet.write(w)
	w.close(name)
}

func (p *PacketStatistics) write(w *writer) {
	if p == nil {
		return
	}
	w.raw("<packetStatistics><packetLossBursts>")
	w.decimal("duration", p.BurstDuration, 3)
	w.decimal("density", p.BurstDensity, 2)
	w.raw("</packetLossBursts><packetGap>")
	w.decimal("duration", p.GapDuration, 3)
	w.decimal("density", p.GapDensity, 2)
	w.raw("</packetGap></packetStatistics>")
}
