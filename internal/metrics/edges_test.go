package metrics

import (
	"testing"

	"github.com/stretchr/testify/require"

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
