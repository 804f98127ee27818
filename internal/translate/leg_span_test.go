package translate

import (
	"testing"

	"github.com/stretchr/testify/require"
	"go.opentelemetry.io/collector/pdata/pcommon"

	"github.com/cmscdr/cmscdrreceiver/internal/cdr"
)

func some[T any](value T) cdr.Optional[T] { return cdr.Optional[T]{Value: value, Present: true} }

// written returns the attributes that write adds.
func written(write func(*attributes)) map[string]any {
	var a attributes
	write(&a)
	m := pcommon.NewMap()
	a.writeTo(m)
	return m.AsRaw()
}

// TestAlarmRatios checks that each type of alarm in the guide has its highest percentage, as a
// ratio, in any order of the alarms.
func TestAlarmRatios(t *testing.T) {
	percentages := map[string][]float64{"packetLoss": {1.4, 2.5, 0}, "excessiveJitter": {0}, "highRoundTripTime": {3, 1}, "echo": {50}}
	var alarms []cdr.Alarm
	for alarmType, list := range percentages {
		for _, percentage := range list {
			alarms = append(alarms, cdr.Alarm{Type: alarmType, DurationPercentage: some(percentage)})
		}
		alarms = append(alarms, cdr.Alarm{Type: alarmType})
	}
	require.Equal(t, map[string]any{
		"cisco.cms.alarm.packet_loss.duration_ratio":          0.025,
		"cisco.cms.alarm.excessive_jitter.duration_ratio":     0.0,
		"cisco.cms.alarm.high_round_trip_time.duration_ratio": 0.03,
	}, written(func(a *attributes) { alarmRatios(a, alarms) }))
	require.Empty(t, written(func(a *attributes) { alarmRatios(a, []cdr.Alarm{{Type: "packetLoss"}}) }))
}

// TestMedia checks the attribute of each field of a leg's media.
func TestMedia(t *testing.T) {
	m := &cdr.Media{
		Present: true, Codec: "h264", MaxWidth: some(int64(1280)), MaxHeight: some(int64(720)),
		LossBursts: cdr.PacketStatistics{Duration: some(1.5), Density: some(0.25)},
		Gaps:       cdr.PacketStatistics{Duration: some(10.5), Density: some(0.75)},
	}
	for name, keys := range map[string]*mediaKeys{"rx_audio": rxAudio, "tx_audio": txAudio, "rx_video": rxVideo, "tx_video": txVideo} {
		prefix := "cisco.cms.media." + name + "."
		require.Equal(t, map[string]any{
			prefix + "codec": "h264", prefix + "max_width": int64(1280), prefix + "max_height": int64(720),
			prefix + "packet_loss.burst.duration": 1.5, prefix + "packet_loss.burst.density": 0.25,
			prefix + "packet_gap.duration": 10.5, prefix + "packet_gap.density": 0.75,
		}, written(func(a *attributes) { media(a, keys, m) }))
	}
	require.Empty(t, written(func(a *attributes) { media(a, rxAudio, &cdr.Media{Present: true}) }))
}
