package e2e

import (
	"errors"
	"fmt"
	"net/http"
	"strings"
	"sync/atomic"
	"testing"

	"github.com/stretchr/testify/require"
	"go.opentelemetry.io/collector/pdata/plog"
	"go.opentelemetry.io/collector/pdata/ptrace"

	"github.com/cmscdr/cmscdrreceiver/internal/testing/otlpsink"
)

// twoExporters has two exporters for one signal, both without a queue.
const twoExporters = `yaml:
receivers:
  cms_cdr: {http: {endpoint: %q}}
exporters:
  otlp_http/one: {endpoint: %q, compression: none, retry_on_failure: {enabled: false}, sending_queue: {enabled: false}}
  otlp_http/two: {endpoint: %q, compression: none, retry_on_failure: {enabled: false}, sending_queue: {enabled: false}}
service:
  telemetry: {metrics: {level: none}}
  pipelines:
    logs: {receivers: [cms_cdr], exporters: [otlp_http/one, otlp_http/two]}
`

// TestTwoExporters checks that records are sent again if one exporter refuses
// permanently and the other one for now, and that they are acknowledged if both
// refuse permanently.
func TestTwoExporters(t *testing.T) {
	forGood := errors.New("bad data")
	var answers [2]atomic.Pointer[error]
	set := func(one, two error) {
		answers[0].Store(&one)
		answers[1].Store(&two)
	}
	sink, err := otlpsink.Listen(func(name string, _ plog.Logs) error {
		if name == "one" {
			return *answers[0].Load()
		}
		return *answers[1].Load()
	}, func(string, ptrace.Traces) error { return nil })
	require.NoError(t, err)
	t.Cleanup(sink.Close)
	address := freeAddress(t)
	url := "http://" + address + "/cdr"
	set(nil, nil)
	c := start(t, url, fmt.Sprintf(twoExporters, address, sink.URL+"/one", sink.URL+"/two"))

	cases := []struct {
		one, two error
		want     int
	}{
		{nil, nil, http.StatusOK},
		{otlpsink.ErrRefusedForNow, nil, http.StatusServiceUnavailable},
		{forGood, otlpsink.ErrRefusedForNow, http.StatusServiceUnavailable},
		{otlpsink.ErrRefusedForNow, forGood, http.StatusServiceUnavailable},
		{forGood, nil, http.StatusOK},
		{forGood, forGood, http.StatusOK},
	}
	for n, one := range cases {
		set(one.one, one.two)
		body := fmt.Sprintf(`<records session="s%d"><record type="callStart" time="2026-03-02T08:00:00Z" correlatorIndex="0"><call id="%d"/></record></records>`, n, n)
		answer, err := http.Post(url, "text/xml", strings.NewReader(body))
		require.NoError(t, err)
		require.NoError(t, answer.Body.Close())
		require.Equal(t, one.want, answer.StatusCode, "%v and %v; the collector said:\n%s", one.one, one.two, c.Output())
		if one.want != http.StatusOK {
			require.NotEmpty(t, answer.Header.Get("Retry-After"))
		}
	}
	require.NoError(t, c.Stop())
}
