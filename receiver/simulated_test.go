package cmscdrreceiver

import (
	"bytes"
	"io"
	"maps"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"go.opentelemetry.io/collector/pdata/pcommon"
	"go.opentelemetry.io/collector/pdata/pmetric"

	"github.com/cmscdr/cmscdrreceiver/internal/cmd/cmssim/expect"
	"github.com/cmscdr/cmscdrreceiver/internal/cmd/cmssim/simulate"
	"github.com/cmscdr/cmscdrreceiver/internal/testing/printed"
)

// RoundTrip answers a request without a network. It makes the rig the transport of
// the simulator's HTTP client.
func (r *rig) RoundTrip(req *http.Request) (*http.Response, error) {
	answer := httptest.NewRecorder()
	req.RemoteAddr = "192.0.2.10:41000"
	if r.followsRecords {
		r.followRecords(req)
	}
	r.handler.ServeHTTP(answer, req)
	return answer.Result(), nil
}

// followRecords moves the clock to the time of the document's last record and scans
// every five minutes. It does not use require, which would end the goroutine of a Call
// Bridge, so that the simulation would wait for it forever.
func (r *rig) followRecords(req *http.Request) {
	body, err := io.ReadAll(req.Body)
	assert.NoError(r.t, err)
	req.Body = io.NopCloser(bytes.NewReader(body))
	timeStart := bytes.LastIndex(body, []byte(` time="`)) + len(` time="`)
	recordTime, err := time.Parse(time.RFC3339, string(body[timeStart:timeStart+len("2026-03-02T08:00:00Z")]))
	if !assert.NoError(r.t, err) {
		return
	}
	r.advanceTo(recordTime)
	r.mu.Lock()
	due := r.now.Sub(r.lastScan) >= 5*time.Minute
	if due {
		r.lastScan = r.now
	}
	r.mu.Unlock()
	if due {
		r.receiver.scan(r.t.Context())
	}
}

// simulate runs simulated Call Bridges, which post to the rig as fast as it answers.
func (r *rig) simulate(cfg simulate.Config) expect.Counts {
	r.t.Helper()
	cfg.Target = "http://cms.example.com/cdr"
	cfg.Client = &http.Client{Transport: r}
	cfg.Start = time.Date(2026, 3, 2, 8, 0, 0, 0, time.UTC)
	cfg.Backoff = func(int) time.Duration { return 0 }
	_, counts, err := simulate.Run(r.t.Context(), cfg)
	require.NoError(r.t, err)
	require.Zero(r.t, counts.Unacknowledged)
	return counts
}

// TestSimulatedHour checks that everything that 24 Call Bridges report in an hour is
// emitted in logs, traces and metrics.
func TestSimulatedHour(t *testing.T) {
	rig := newRig(t, nil)
	counts := rig.simulate(simulate.Config{Bridges: 24, Duration: time.Hour, Seed: 24})
	require.Greater(t, counts.Acknowledged, 10_000)
	requireExpected(t, rig, counts)
	// Without lost records the number of open entities is exact.
	require.Equal(t, counts.Open.CallLegs, rig.byClass("cisco.cms.call_leg.active"))
	require.Equal(t, counts.Open.Calls, rig.byAttribute("cisco.cms.call.active", "cisco.cms.call.type"))
	require.Zero(t, counts.Missing)
	require.Equal(t, counts.Open.Recordings, int(rig.sum("cisco.cms.recording.active")))
	require.Equal(t, counts.Open.Streamings, int(rig.sum("cisco.cms.streaming.active")))
	require.Less(t, rig.series().DataPointCount(), maxSeries)
}

// maxSeries limits the series of 24 sources.
const maxSeries = 20_000

// TestSimulatedFaults checks that everything that Call Bridges report is emitted despite lost
// records, lost answers, network failures and restarts.
func TestSimulatedFaults(t *testing.T) {
	for _, seed := range []uint64{1, 2} {
		var faults simulate.Faults
		require.NoError(t, faults.Set("loss=0.01,repeat=0.05,restart=1,outage=1,scanner=2"))
		rig := newRig(t, nil)
		counts := rig.simulate(simulate.Config{Bridges: 4, Duration: 30 * time.Minute, Seed: seed, Faults: faults})
		require.Positive(t, counts.Missing)
		require.Positive(t, counts.Restarts)
		requireExpected(t, rig, counts)
	}
}

// TestSimulatedRestarts checks that every entity that a restart of its Call Bridge
// interrupts is closed exactly once.
func TestSimulatedRestarts(t *testing.T) {
	rig := newRig(t, nil)
	var faults simulate.Faults
	require.NoError(t, faults.Set("restart=3,repeat=0.05"))
	counts := rig.simulate(simulate.Config{Bridges: 4, Duration: time.Hour, Seed: 3, Faults: faults})
	requireExpected(t, rig, counts)
	require.Equal(t, 12, counts.Restarts)
	require.Equal(t, 12, int(rig.sum("cisco.cms.call_bridge.restarts")))
	_, incomplete := rig.countSpans()
	interrupted := incomplete["call_bridge_restart"]
	delete(interrupted, "meeting")
	require.Equal(t, map[string]int{
		"call": total(counts.Interrupted.Calls), "call_leg": total(counts.Interrupted.CallLegs),
		"recording": counts.Interrupted.Recordings, "streaming": counts.Interrupted.Streamings,
	}, interrupted)
	require.Len(t, incomplete, 1)
	require.Equal(t, counts.Open.CallLegs, rig.byClass("cisco.cms.call_leg.active"))
	require.Equal(t, counts.Open.Calls, rig.byAttribute("cisco.cms.call.active", "cisco.cms.call.type"))
}

// TestSimulatedDay checks a day of meetings with lost records, restarts and moved
// legs: every leg has exactly one span, and a day after the last record no entity is held
// any more.
func TestSimulatedDay(t *testing.T) {
	rig := newRig(t, nil)
	var faults simulate.Faults
	require.NoError(t, faults.Set("loss=0.01,restart=3,repeat=0.01,scanner=1"))
	rig.followsRecords = true
	counts := rig.simulate(simulate.Config{Bridges: 3, Duration: 24 * time.Hour, Rate: 25, Seed: 11, Faults: faults})
	require.Greater(t, counts.Acknowledged, 30_000)
	require.Equal(t, 9, counts.Restarts)
	rig.advanceTo(rig.clock().Add(25 * time.Hour))
	rig.receiver.scan(t.Context())
	require.Zero(t, rig.receiver.openCounts.calls.Load())
	require.Zero(t, rig.receiver.openCounts.legs.Load())
	require.Zero(t, rig.receiver.sessions.meetings.CallCount())
	for _, session := range rig.receiver.sessions.all() {
		require.Zero(t, session.state.OpenCount())
	}
	require.Empty(t, rig.byClass("cisco.cms.call_leg.active"))
	require.Equal(t, 3, rig.receiver.sessions.count(), "replaced sessions must be removed")

	legs := map[string]int{}
	for _, logs := range rig.logs.AllLogs() {
		for _, record := range logs.ResourceLogs().At(0).ScopeLogs().At(0).LogRecords().All() {
			if id, ok := record.Attributes().Get("cisco.cms.call_leg.id"); ok && strings.HasPrefix(record.EventName(), "cisco.cms.call_leg.") {
				legs[id.Str()] = 0
			}
		}
	}
	require.Greater(t, len(legs), 5000)
	for _, traces := range rig.traces.AllTraces() {
		for _, span := range traces.ResourceSpans().At(0).ScopeSpans().At(0).Spans().All() {
			if printed.Kind(span.Name()) == "call_leg" {
				id, _ := span.Attributes().Get("cisco.cms.call_leg.id")
				_, reported := legs[id.Str()]
				require.True(t, reported, "leg %s must have a log record", id.Str())
				legs[id.Str()]++
			}
		}
	}
	for id, spans := range legs {
		require.Equal(t, 1, spans, "leg %s must have one span", id)
	}
	_, incomplete := rig.countSpans()
	require.NotEmpty(t, incomplete["call_ended"])
	require.NotEmpty(t, incomplete["expired"])
	require.NotEmpty(t, incomplete["superseded"])
	requireExpected(t, rig, counts)
}

// requireExpected fails unless metrics, spans and log records agree with the counts
// of the simulator.
func requireExpected(t *testing.T, rig *rig, want expect.Counts) {
	t.Helper()
	require.Equal(t, want.Records, rig.byAttribute("cisco.cms.record.received", "cisco.cms.record.type"))
	require.Equal(t, want.Calls.Started, rig.byAttribute("cisco.cms.call.starts", "cisco.cms.call.type"))
	require.Equal(t, want.Calls.Ended, rig.byAttribute("cisco.cms.call.duration", "cisco.cms.call.type"))
	require.Equal(t, want.CallLegs.Started, rig.byClass("cisco.cms.call_leg.starts"))
	require.Equal(t, want.CallLegs.Ended, rig.byClass("cisco.cms.call_leg.ends"))
	require.Equal(t, want.CallLegs.Reasons, rig.byAttribute("cisco.cms.call_leg.ends", "cisco.cms.call_leg.reason"))
	require.Equal(t, want.CallLegs.Outcomes, rig.byAttribute("cisco.cms.call_leg.ends", "cisco.cms.call_leg.outcome"))
	require.Equal(t, want.CallLegs.Seconds, int(rig.sum("cisco.cms.call_leg.duration")))
	require.Equal(t, want.CallLegs.ActivatedSeconds, int(rig.sum("cisco.cms.call_leg.activated_duration")))
	require.Equal(t, want.Missing, int(rig.sum("cisco.cms.record.missing")))
	require.Equal(t, want.Alarms, rig.byAttribute("cisco.cms.alarm.occurrences", "cisco.cms.alarm.type"))
	require.Equal(t, total(want.CallLegs.Ended), int(rig.sum("cisco.cms.media.encryption")))
	require.Equal(t, want.Recordings.Started, int(rig.sum("cisco.cms.recording.starts")))
	require.Equal(t, want.Streamings.Started, int(rig.sum("cisco.cms.streaming.starts")))

	complete, _ := rig.countSpans()
	delete(complete, "meeting") // the simulator does not count meetings
	require.Equal(t, map[string]int{
		"call": total(want.Calls.Ended), "call_leg": total(want.CallLegs.Ended),
		"recording": want.Recordings.Ended, "streaming": want.Streamings.Ended,
	}, complete)

	records := map[string]int{}
	uids := map[string]bool{}
	for _, logs := range rig.logs.AllLogs() {
		for _, record := range logs.ResourceLogs().At(0).ScopeLogs().At(0).LogRecords().All() {
			if name, ok := record.Attributes().Get("cisco.cms.record.type"); ok {
				records[name.Str()]++
			}
			uid, _ := record.Attributes().Get("log.record.uid")
			if uids[uid.Str()] {
				t.Fatalf("%s must be emitted once", uid.Str())
			}
			uids[uid.Str()] = true
		}
	}
	require.Equal(t, want.Records, records)
}

// countSpans counts the complete spans, by kind, and the incomplete ones, by reason and kind.
func (r *rig) countSpans() (complete map[string]int, incomplete map[string]map[string]int) {
	complete, incomplete = map[string]int{}, map[string]map[string]int{}
	for _, traces := range r.traces.AllTraces() {
		for _, span := range traces.ResourceSpans().At(0).ScopeSpans().At(0).Spans().All() {
			kind := printed.Kind(span.Name())
			reason, isIncomplete := span.Attributes().Get("cisco.cms.incomplete.reason")
			switch {
			case !isIncomplete:
				complete[kind]++
			case incomplete[reason.Str()] == nil:
				incomplete[reason.Str()] = map[string]int{kind: 1}
			default:
				incomplete[reason.Str()][kind]++
			}
		}
	}
	return complete, incomplete
}

// eachPoint calls do for each data point of the metric. The value of a point of a
// histogram is its count.
func (r *rig) eachPoint(name string, do func(attributes pcommon.Map, value int, sum float64)) {
	for _, resource := range r.series().ResourceMetrics().All() {
		for _, metric := range resource.ScopeMetrics().At(0).Metrics().All() {
			switch {
			case metric.Name() != name:
			case metric.Type() == pmetric.MetricTypeSum:
				for _, point := range metric.Sum().DataPoints().All() {
					do(point.Attributes(), int(point.IntValue()), float64(point.IntValue()))
				}
			default:
				for _, point := range metric.Histogram().DataPoints().All() {
					do(point.Attributes(), int(point.Count()), point.Sum())
				}
			}
		}
	}
}

// sum returns the sum of the values of all data points of the metric. For a histogram it
// returns the sum of the measured values.
func (r *rig) sum(name string) (all float64) {
	r.eachPoint(name, func(_ pcommon.Map, _ int, sum float64) { all += sum })
	return all
}

// byAttribute returns the sums of a metric by the value of an attribute. For a histogram it
// sums the counts.
func (r *rig) byAttribute(name, key string) map[string]int {
	counts := map[string]int{}
	r.eachPoint(name, func(attributes pcommon.Map, value int, _ float64) { counts[orDash(attributes, key)] += value })
	return withoutZeros(counts)
}

// bySource returns the sums of a metric, which is not a histogram, by source.
func (r *rig) bySource(name string) map[string]int {
	counts := map[string]int{}
	for _, resource := range r.series().ResourceMetrics().All() {
		id, _ := resource.Resource().Attributes().Get("service.instance.id")
		for _, metric := range resource.ScopeMetrics().At(0).Metrics().All() {
			if metric.Name() == name {
				for _, point := range metric.Sum().DataPoints().All() {
					counts[id.Str()] += int(point.IntValue())
				}
			}
		}
	}
	return withoutZeros(counts)
}

// byClass returns the sums of a metric of legs by the attributes by which the simulator
// counts legs.
func (r *rig) byClass(name string) map[string]int {
	counts := map[string]int{}
	r.eachPoint(name, func(attributes pcommon.Map, value int, _ float64) {
		var class []string
		for _, key := range []string{"direction", "type", "subtype", "role"} {
			class = append(class, orDash(attributes, "cisco.cms.call_leg."+key))
		}
		counts[strings.Join(class, "/")] += value
	})
	return withoutZeros(counts)
}

func orDash(attributes pcommon.Map, key string) string {
	if value, ok := attributes.Get(key); ok {
		return value.Str()
	}
	return "-"
}

func withoutZeros(counts map[string]int) map[string]int {
	maps.DeleteFunc(counts, func(_ string, n int) bool { return n == 0 })
	return counts
}

func total(counts map[string]int) (n int) {
	for _, c := range counts {
		n += c
	}
	return n
}
