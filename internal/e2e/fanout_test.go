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

// twoExporters configures two exporters for one signal, both without a queue.
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

// TestTwoExporters checks that a document is refused for now if one exporter refuses it
// permanently and the other one for now, and that it is acknowledged if both refuse it
// permanently.
func TestTwoExporters(t *testing.T) {
	errPermanent := errors.New("bad data")
	var answers [2]atomic.Pointer[error]
	setAnswers := func(first, second error) {
		answers[0].Store(&first)
		answers[1].Store(&second)
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
	setAnswers(nil, nil)
	collector := start(t, url, fmt.Sprintf(twoExporters, address, sink.URL+"/one", sink.URL+"/two"))

	cases := []struct {
		first, second error
		want          int
	}{
		{nil, nil, http.StatusOK},
		{otlpsink.ErrRefusedForNow, nil, http.StatusServiceUnavailable},
		{errPermanent, otlpsink.ErrRefusedForNow, http.StatusServiceUnavailable},
		{otlpsink.ErrRefusedForNow, errPermanent, http.StatusServiceUnavailable},
		{errPermanent, nil, http.StatusOK},
		{errPermanent, errPermanent, http.StatusOK},
	}
	for n, c := range cases {
		setAnswers(c.first, c.second)
		body := fmt.Sprintf(`<records session="s%d"><record type="callStart" time="2026-03-02T08:00:00Z" correlatorIndex="0"><call id="%d"/></record></records>`, n, n)
		answer, err := http.Post(url, "text/xml", strings.NewReader(body))
		require.NoError(t, err)
		require.NoError(t, answer.Body.Close())
		require.Equal(t, c.want, answer.StatusCode, "%v and %v; output of the collector:\n%s", c.first, c.second, collector.Output())
		if c.want != http.StatusOK {
			require.NotEmpty(t, answer.Header.Get("Retry-After"))
		}
	}
	require.NoError(t, collector.Stop())
}
