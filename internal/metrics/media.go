package metrics

import (
	"github.com/cmscdr/cmscdrreceiver/internal/cdr"
	"github.com/cmscdr/cmscdrreceiver/internal/correlate"
)

// media counts the media of a leg that ended.
func (s *Stage) media(end *cdr.CallLegEnd, effect *correlate.Effect) {
	s.count(s.source.mediaEncryption, 1, s.source.byEncryption.get(encryptionOf(end)))
	s.stream(&end.RxAudio, mediaStream{audioCodec(end.RxAudio.Codec), receive}, effect)
	s.stream(&end.TxAudio, mediaStream{audioCodec(end.TxAudio.Codec), transmit}, effect)
	s.stream(&end.RxVideo, mediaStream{videoCodec(end.RxVideo.Codec), receive}, effect)
	s.stream(&end.TxVideo, mediaStream{videoCodec(end.TxVideo.Codec), transmit}, effect)

	usage := &end.MediaUsage
	s.utilization(usage.MainVideoViewer, "main_video_viewer", effect)
	s.utilization(usage.MainVideoContributor, "main_video_contributor", effect)
	s.utilization(usage.PresentationViewer, "presentation_viewer", effect)
	s.utilization(usage.PresentationContributor, "presentation_contributor", effect)
	s.utilization(usage.MultistreamVideo, "multistream_video", effect)

	for i := range end.Alarms {
		s.alarm(&end.Alarms[i], effect)
	}
}

// stream counts one medium in one direction, if the leg had it.
func (s *Stage) stream(media *cdr.Media, class mediaStream, effect *correlate.Effect) {
	if !media.Present {
		return
	}
	s.count(s.source.mediaStreams, 1, s.source.byStream.get(class))
	if media.MaxHeight.Present {
		s.value(s.source.mediaHeight, float64(media.MaxHeight.Value), s.source.byDirection.get(class.direction), effect)
	}
	codecSeries := s.source.byCodec.get(class.mediaCodec)
	s.optionalDouble(s.source.burstDuration, media.LossBursts.Duration, codecSeries, effect)
	s.optionalDouble(s.source.burstDensity, media.LossBursts.Density, codecSeries, effect)
	s.optionalDouble(s.source.gapDuration, media.Gaps.Duration, codecSeries, effect)
	s.optionalDouble(s.source.gapDensity, media.Gaps.Density, codecSeries, effect)
}

func (s *Stage) utilization(percentage cdr.Optional[float64], kind utilizationKind, effect *correlate.Effect) {
	if percentage.Present {
		s.value(s.source.mediaUtilization, cdr.Ratio(percentage.Value), s.source.byUtilization.get(kind), effect)
	}
}

// alarm counts an alarm. An alarm of 0 % is a value of the histogram, but not an
// occurrence.
func (s *Stage) alarm(alarm *cdr.Alarm, effect *correlate.Effect) {
	alarmSeries := s.source.byAlarmType.get(alarmType(listedValue(cdr.AlarmTypes, alarm.Type)))
	if alarm.Happened() {
		s.count(s.source.alarmOccurrences, 1, alarmSeries)
	}
	if alarm.DurationPercentage.Present {
		s.value(s.source.alarmRatio, cdr.Ratio(alarm.DurationPercentage.Value), alarmSeries, effect)
	}
}
