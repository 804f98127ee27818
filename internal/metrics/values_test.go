package metrics

import (
	"strconv"
	"testing"

	"github.com/stretchr/testify/require"
	"go.opentelemetry.io/collector/pdata/pcommon"

	"github.com/cmscdr/cmscdrreceiver/internal/cdr"
	"github.com/cmscdr/cmscdrreceiver/internal/correlate"
	"github.com/cmscdr/cmscdrreceiver/internal/sequence"
)

// TestEndedBy checks that only the counter of ended legs has the attribute ended_by, and
// only for a reason that the guide does not list.
func TestEndedBy(t *testing.T) {
	cases := map[string]struct {
		reason string
		remote cdr.Optional[bool]
		want   string
	}{
		"remote":       {"solarFlare", cdr.Optional[bool]{Value: true, Present: true}, "remote"},
		"local":        {"solarFlare", cdr.Optional[bool]{Present: true}, "local"},
		"not reported": {"solarFlare", cdr.Optional[bool]{}, "unknown"},
		"listed":       {"remoteTeardown", cdr.Optional[bool]{Value: true, Present: true}, ""},
		"no reason":    {"", cdr.Optional[bool]{Value: true, Present: true}, ""},
	}
	require.Len(t, cases, 5)
	for name, c := range cases {
		t.Run(name, func(t *testing.T) {
			aggregator, source := newAggregator(t)
			record, effect := legEnd(cdr.CallLeg{}, c.reason)
			record.Body.(*cdr.CallLegEnd).RemoteTeardown = c.remote
			stage := source.Begin()
			stage.Record(record, sequence.Verdict{}, effect)
			stage.Commit()
			found := 0
			for name, metric := range collect(t, aggregator, now) {
				for attributes := range points(metric) {
					by, has := attributes.Get("cisco.cms.call_leg.ended_by")
					require.Equal(t, name == "cisco.cms.call_leg.ends" && c.want != "", has, name)
					if has {
						require.Equal(t, c.want, by.Str())
						found++
					}
				}
			}
			require.Equal(t, c.want != "", found == 1)
		})
	}
}

// TestZerosOfActiveCounters checks that a new source reports 0 open calls of each type,
// 0 open legs of each role, and 0 open meetings, recordings and streamings.
func TestZerosOfActiveCounters(t *testing.T) {
	aggregator, _ := newAggregator(t)
	got := collect(t, aggregator, now)
	zeros := map[string]int{}
	for metric, key := range map[string]string{"cisco.cms.call.active": "cisco.cms.call.type", "cisco.cms.call_leg.active": "cisco.cms.call_leg.role"} {
		for attributes, n := range points(got[metric]) {
			require.Zero(t, n)
			value, _ := attributes.Get(key)
			require.Equal(t, 1, attributes.Len())
			zeros[value.Str()]++
		}
	}
	require.Equal(t, map[string]int{
		"coSpace": 1, "adHoc": 1, "lyncConferencing": 1, "forwarding": 1,
		"participant": 1, "recorder": 1, "streamer": 1, "distribution": 1, "sharing": 1, "messaging": 1,
	}, zeros)
	for _, metric := range []string{"cisco.cms.meeting.active", "cisco.cms.recording.active", "cisco.cms.streaming.active"} {
		require.Contains(t, got, metric)
		require.Zero(t, got[metric].Sum().DataPoints().At(0).IntValue())
	}
}

// TestListedValuesIgnoreCase checks that values match the lists regardless of case.
func TestListedValuesIgnoreCase(t *testing.T) {
	require.Equal(t, "lyncdistribution", listedValue(legSubTypes, "lyncDistribution"))
	leg := &correlate.Leg{CallLeg: cdr.CallLeg{SubType: "lyncDistribution"}}
	leg.Start = 1 // a leg without a start record has no role
	require.Equal(t, legClass{subType: "lyncdistribution", role: "distribution"}, legClassOf(leg))
}

// TestSumsOnlyIncrease checks that no value of a record decreases the sum of a histogram, and
// that none makes it infinite.
func TestSumsOnlyIncrease(t *testing.T) {
	aggregator, source := newAggregator(t)
	for _, v := range []float64{50, -40, 1e308, 1e308, 1e308} {
		record, effect := legEnd(cdr.CallLeg{}, "opus")
		wrong := cdr.Optional[float64]{Value: v, Present: true}
		body := record.Body.(*cdr.CallLegEnd)
		body.MediaUsage.MainVideoViewer, body.RxAudio.LossBursts.Duration = wrong, wrong
		body.TxAudio, body.RxVideo, body.TxVideo = cdr.Media{}, cdr.Media{}, cdr.Media{}
		body.Alarms = []cdr.Alarm{{Type: "packetLoss", DurationPercentage: wrong}}
		stage := source.Begin()
		stage.Record(record, sequence.Verdict{}, effect)
		stage.Commit()
	}
	got := collect(t, aggregator, now)
	for name, want := range map[string]float64{
		"cisco.cms.media.utilization": 0.5, "cisco.cms.media.packet_loss.burst.duration": 50, "cisco.cms.alarm.duration_ratio": 0.5,
	} {
		point := got[name].Histogram().DataPoints().At(0)
		require.Equal(t, want, point.Sum(), name)
		require.EqualValues(t, 1, point.Count(), name)
	}
}

// TestClientNamedOther checks that a client whose instance is _OTHER does not remove the series
// of the sources above the limit when it is released, and that they do not get its resource.
func TestClientNamedOther(t *testing.T) {
	aggregator, _ := newAggregator(t)
	resource := pcommon.NewResource()
	resource.Attributes().PutStr("cisco.cms.system.id", otherValue)
	_, err := aggregator.Source(otherValue, resource)
	require.NoError(t, err)
	for i := range maxSources {
		_, err := aggregator.Source(strconv.Itoa(i), pcommon.NewResource())
		require.NoError(t, err)
	}
	shared, err := aggregator.Source("above the limit", pcommon.NewResource())
	require.NoError(t, err)
	_, has := shared.resource.Attributes().Get("cisco.cms.system.id")
	require.False(t, has)
	collect(t, aggregator, now)
	aggregator.Release(otherValue)
	collect(t, aggregator, now)
	require.Same(t, shared, aggregator.Lookup("above the limit"))
}
