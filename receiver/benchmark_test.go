package cmscdrreceiver

import (
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"go.opentelemetry.io/collector/consumer/consumertest"

	"github.com/cmscdr/cmscdrreceiver/internal/cmd/cmssim/simulate"
)

// documents returns count bodies of n records each, starts and ends of call legs.
// They are of one session with rising indices, so every record is new.
func documents(count, n int) []string { return documentsFrom(0, count, n) }

// documentsFrom returns the same documents, but with the given first index. It must be
// even, because records with even indices are starts.
func documentsFrom(index, count, n int) []string {
	bodies := make([]string, count)
	for i := range bodies {
		var body strings.Builder
		body.WriteString(`<?xml version="1.0"?><records session="5e550000-0000-4000-8000-000000000001" callBridge="b71d9e00-0000-4000-8000-00000000000a">`)
		for range n {
			leg := fmt.Sprintf("1e900000-0000-4000-8000-%012d", index/2)
			if index%2 == 0 {
				fmt.Fprintf(&body, `<record type="callLegStart" time="2026-03-02T08:00:00Z" recordIndex="%d" correlatorIndex="%d">`+"\n"+
					`<callLeg id="%s"><displayName>Room 12</displayName><localAddress>meet@example.com</localAddress>`+
					`<remoteAddress>sip:room12@example.com</remoteAddress><type>sip</type><direction>incoming</direction>`+
					`<call>ca110000-0000-4000-8000-000000000001</call><sipCallId>b8a81da5-c24c-43db-ba58-742f587faec8</sipCallId></callLeg></record>`+"\n",
					index+1, index, leg)
			} else {
				fmt.Fprintf(&body, `<record type="callLegEnd" time="2026-03-02T08:10:00Z" recordIndex="%d" correlatorIndex="%d">`+"\n"+
					`<callLeg id="%s"><reason>remoteTeardown</reason><remoteTeardown>true</remoteTeardown><durationSeconds>600</durationSeconds>`+
					`<mediaUsagePercentages><mainVideoViewer>100.0</mainVideoViewer><mainVideoContributor>98.5</mainVideoContributor></mediaUsagePercentages>`+
					`<encryptedMedia>true</encryptedMedia><rxAudio><codec>opus</codec></rxAudio><txAudio><codec>opus</codec></txAudio>`+
					`<rxVideo><codec>h264</codec><maxSizeWidth>1280</maxSizeWidth><maxSizeHeight>720</maxSizeHeight></rxVideo></callLeg></record>`+"\n",
					index+1, index, leg)
			}
			index++
		}
		body.WriteString("</records>\n")
		bodies[i] = body.String()
	}
	return bodies
}

// BenchmarkEmission collects all series of 24 sources after a day of meetings. It
// reports the number of series and the share of a core that they need at the default
// interval.
func BenchmarkEmission(b *testing.B) {
	rig := newRig(b, nil)
	rig.receiver.nextLogs, rig.receiver.nextTraces = consumertest.NewNop(), consumertest.NewNop()
	rig.simulate(simulate.Config{Bridges: 24, Duration: 24 * time.Hour, Seed: 24})
	points := 0
	b.ReportAllocs()
	for b.Loop() {
		points = rig.series().DataPointCount()
	}
	require.Less(b, points, maxSeries)
	share := float64(b.Elapsed()) / float64(b.N) / float64(createDefaultConfig().(*Config).Metrics.Interval)
	require.Less(b, share, 0.01)
	b.ReportMetric(float64(points), "series")
	b.ReportMetric(100*share, "%core")
}

// BenchmarkDocuments measures a document from the HTTP handler to the consumers, with
// all three signals on and consumers that do nothing. To compare the allocations of
// documents of different sizes, divide them by the number of records.
func BenchmarkDocuments(b *testing.B) {
	for _, n := range []int{1, 10, 100} {
		b.Run(fmt.Sprintf("records=%d", n), func(b *testing.B) {
			client := newClient(b)
			bodies := documents(b.N, n)
			b.ReportAllocs()
			b.ResetTimer()
			for _, body := range bodies {
				client.post(body)
			}
			b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N*n), "ns/record")
		})
	}
}

// BenchmarkDocumentsWhileOpen compares documents in a session with 100,000 open legs with
// those in one with 100 open legs: the cost must not grow with the open legs. It reports the
// ratio of the times.
func BenchmarkDocumentsWhileOpen(b *testing.B) {
	const records = 10
	noEviction := func(cfg *Config) { cfg.MaxOpen = 1_000_000 }
	clients := [2]*client{newClientWith(b, noEviction), newClientWith(b, noEviction)}
	var bodies [2][]string
	for i, open := range []int{100, 100_000} {
		for _, body := range legStarts(open) {
			clients[i].post(body)
		}
		bodies[i] = documentsFrom(open, b.N, records)
	}
	var elapsed [2]time.Duration
	b.ResetTimer()
	for n := range b.N {
		for i, c := range clients {
			start := time.Now()
			c.post(bodies[i][n])
			elapsed[i] += time.Since(start)
		}
	}
	b.ReportMetric(float64(elapsed[1])/float64(elapsed[0]), "ratio")
}

// legStarts returns documents with the start records of the given number of legs. They are of
// the same session as those of documentsFrom.
func legStarts(legs int) (bodies []string) {
	const perDocument = 100
	for first := 0; first < legs; first += perDocument {
		var body strings.Builder
		body.WriteString(`<records session="5e550000-0000-4000-8000-000000000001" callBridge="b71d9e00-0000-4000-8000-00000000000a">`)
		for index := first; index < first+perDocument; index++ {
			fmt.Fprintf(&body, `<record type="callLegStart" time="2026-03-02T08:00:00Z" correlatorIndex="%d">`+
				`<callLeg id="0fe90000-0000-4000-8000-%012d"><displayName>Room 12</displayName><call>ca110000-0000-4000-8000-%012d</call></callLeg></record>`,
				index, index, index/10)
		}
		body.WriteString("</records>")
		bodies = append(bodies, body.String())
	}
	return bodies
}

// client posts documents to a receiver whose consumers do nothing. It does not
// allocate, so that all measured allocations are the receiver's.
type client struct {
	*rig
	body    strings.Reader
	request *http.Request
	header  http.Header
	status  int
}

func newClient(t testing.TB) *client { return newClientWith(t, nil) }

func newClientWith(t testing.TB, configure func(*Config)) *client {
	c := &client{rig: newRig(t, configure), header: http.Header{}}
	c.receiver.nextLogs, c.receiver.nextTraces = consumertest.NewNop(), consumertest.NewNop()
	c.request = httptest.NewRequest(http.MethodPost, "/cdr", io.NopCloser(&c.body))
	return c
}

func (c *client) post(body string) {
	c.body.Reset(body)
	c.request.ContentLength = int64(len(body))
	c.status = 0
	c.handler.ServeHTTP(c, c.request)
	if c.status != http.StatusOK {
		c.t.Fatalf("status %d", c.status)
	}
}

func (c *client) Header() http.Header         { return c.header }
func (c *client) Write(p []byte) (int, error) { return len(p), nil }
func (c *client) WriteHeader(status int)      { c.status = status }
