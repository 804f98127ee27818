package e2e

import (
	"fmt"
	"net/http"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/cmscdr/cmscdrreceiver/internal/testing/otelcol"
)

// TestExamples: the collector takes each of them.
func TestExamples(t *testing.T) {
	files, err := filepath.Glob("../../examples/*.yaml")
	require.NoError(t, err)
	require.Len(t, files, 8)
	// An example asks for a key, and has none of its own.
	t.Setenv("PSEUDONYM_KEY", strings.Repeat("k", 32))
	for _, file := range files {
		out, err := exec.Command(binary(t), "validate", "--config", file).CombinedOutput()
		require.NoError(t, err, "%s: %s", file, out)
	}
}

// TestDurable: a call that is open when the collector of the durable example
// stops is whole when another one ends it.
func TestDurable(t *testing.T) {
	folder, address, w := t.TempDir(), freeAddress(t), newWitness(0, 1)
	sink := w.listen(t)
	url := "http://" + address + "/cdr"
	overlay := func(life string) string {
		return fmt.Sprintf(`yaml:
receivers: {cms_cdr: {http: {endpoint: %q}}}
extensions: {file_storage: {directory: %q}}
exporters:
  otlp_http/loki: {endpoint: %q, compression: none}
  otlp_http/traces: {endpoint: %q, compression: none}
  prometheus: {endpoint: %q}
service:
  telemetry: {metrics: {level: none}}
  pipelines: {traces: {exporters: [otlp_http/traces]}}
`, address, folder, sink.URL+"/"+life, sink.URL+"/"+life, freeAddress(t))
	}
	post := func(kind, index string) {
		body := `<records session="s"><record type="` + kind + `" time="2026-03-02T08:00:0` + index + `Z" correlatorIndex="` + index + `">` +
			`<call id="ca110000-0000-4000-8000-000000000001"><name>Ward 7</name></call></record></records>`
		answer, err := http.Post(url, "text/xml", strings.NewReader(body))
		require.NoError(t, err)
		require.NoError(t, answer.Body.Close())
		require.Equal(t, http.StatusOK, answer.StatusCode)
	}
	example := filepath.Join("..", "..", "examples", "durable.yaml")
	c := start(t, url, example, overlay("0"))
	post("callStart", "0")
	require.NoError(t, c.Stop(), "%s", c.Said())
	c = start(t, url, example, overlay("1"))
	post("callStart", "0") // the answer may have been lost
	post("callEnd", "1")
	require.NoError(t, c.Poll(t.Context(), func() bool {
		w.mu.Lock()
		defer w.mu.Unlock()
		return len(w.spans) > 0 && len(w.logs) == 3
	}), "%s", c.Said())
	require.NoError(t, c.Stop(), "%s", c.Said())
	require.Equal(t, map[string][]int{"call ca110000000040008000000000000001 8000000000000001": {1}}, w.spans)
	require.Equal(t, map[string][]int{"s/0/cisco.cms.session.start": {0}, "s/0": {0}, "s/1": {1}}, w.logs)
}

// TestWrongSettings: what the collector says of a mistake names the key.
func TestWrongSettings(t *testing.T) {
	const config = `yaml:
receivers: {cms_cdr: {%s}}
exporters: {nop: {}}
service: {pipelines: {logs: {receivers: [cms_cdr], exporters: [nop]}}, telemetry: {metrics: {level: none}}}
`
	cases := map[string]string{
		`storage: file_storage, http: {endpoint: "127.0.0.1:0"}`: `storage is "file_storage", and there is no such extension`,
		`expire_after: 1s`: "expire_after is 1s",
		`max_open: 0`:      "max_open is 0",
		`path: cdr`:        `path is "cdr"`,
		`secrit: x`:        "secrit",
	}
	require.Len(t, cases, 5)
	for settings, want := range cases {
		c, err := otelcol.Start(t.Context(), binary(t), fmt.Sprintf(config, settings))
		require.NoError(t, err)
		require.ErrorIs(t, c.Poll(t.Context(), func() bool { return false }), otelcol.ErrEnded)
		require.Contains(t, c.Said(), want)
	}
}
