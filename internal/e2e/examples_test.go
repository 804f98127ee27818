package e2e

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"net/http"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/cmscdr/cmscdrreceiver/internal/testing/otelcol"
)

// TestExamples checks that the collector accepts each example, and refuses tls.yaml without
// a secret. The examples for containers are checked in package manifests.
func TestExamples(t *testing.T) {
	files, err := filepath.Glob("../../examples/*.yaml")
	require.NoError(t, err)
	files = slices.DeleteFunc(files, func(file string) bool {
		return strings.HasSuffix(file, "/compose.yaml") || strings.HasSuffix(file, "/kubernetes.yaml")
	})
	require.Len(t, files, 11)
	// The example with pseudonyms requires a key.
	t.Setenv("PSEUDONYM_KEY", strings.Repeat("k", 32))
	t.Setenv("CDR_SECRET", "")
	out, err := exec.Command(binary(t), "validate", "--config", "../../examples/tls.yaml").CombinedOutput()
	require.Error(t, err)
	require.Contains(t, string(out), "secret is empty")
	t.Setenv("CDR_SECRET", "s3cret")
	for _, file := range files {
		out, err := exec.Command(binary(t), "validate", "--config", file).CombinedOutput()
		require.NoError(t, err, "%s: %s", file, out)
	}
}

// TestDurable stops a collector with durable.yaml while a call is open. It checks that the
// next collector emits one complete span for the call when it receives the end record.
func TestDurable(t *testing.T) {
	folder, address, w := t.TempDir(), freeAddress(t), newDeliveries(0, 1)
	sink := w.listen(t)
	url := "http://" + address + "/cdr"
	overlay := func(process string) string {
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
`, address, folder, sink.URL+"/"+process, sink.URL+"/"+process, freeAddress(t))
	}
	example := filepath.Join("..", "..", "examples", "durable.yaml")
	c := start(t, url, example, overlay("0"))
	postCall(t, url, "callStart", "0")
	require.NoError(t, c.Stop(), "%s", c.Output())
	c = start(t, url, example, overlay("1"))
	postCall(t, url, "callStart", "0") // the answer may have been lost
	postCall(t, url, "callEnd", "1")
	require.NoError(t, c.Poll(t.Context(), func() bool {
		w.mu.Lock()
		defer w.mu.Unlock()
		return len(w.spans) > 0 && len(w.logs) == 3
	}), "%s", c.Output())
	require.NoError(t, c.Stop(), "%s", c.Output())
	require.Equal(t, map[string][]int{"call ca110000000040008000000000000001 8000000000000001": {1}}, w.spans)
	require.Equal(t, map[string][]int{"s/0/cisco.cms.session.start": {0}, "s/0": {0}, "s/1": {1}}, w.logs)
}

// postCall posts a record of one call and requires 200.
func postCall(t *testing.T, url, kind, index string) {
	t.Helper()
	body := `<records session="s"><record type="` + kind + `" time="2026-03-02T08:00:0` + index + `Z" correlatorIndex="` + index + `">` +
		`<call id="ca110000-0000-4000-8000-000000000001"><name>Ward 7</name></call></record></records>`
	answer, err := http.Post(url, "text/xml", strings.NewReader(body))
	require.NoError(t, err)
	require.NoError(t, answer.Body.Close())
	require.Equal(t, http.StatusOK, answer.StatusCode)
}

// TestPersonalData checks that personal-data.yaml removes or replaces every element that
// can name a person, in records of all types, and that the same text always has the same
// pseudonym.
func TestPersonalData(t *testing.T) {
	const key = "0123456789abcdef0123456789abcdef"
	t.Setenv("PSEUDONYM_KEY", key)
	address := freeAddress(t)
	url := "http://" + address + "/cdr"
	c := start(t, url, filepath.Join("..", "..", "examples", "personal-data.yaml"), fmt.Sprintf(`yaml:
receivers: {cms_cdr: {http: {endpoint: %q}, include_original: true}}
exporters: {debug: {verbosity: detailed}, prometheus: {endpoint: %q}}
service:
  telemetry: {metrics: {level: none}}
  pipelines: {traces: {exporters: [debug]}, logs: {exporters: [debug]}, metrics: {exporters: [debug]}}
`, address, freeAddress(t)))

	const (
		call   = `<call>ca110000-0000-4000-8000-000000000001</call>`
		leg    = `<callLeg>1e900000-0000-4000-8000-000000000001</callLeg>`
		reason = `<reason>timeout</reason>`
	)
	var doc strings.Builder
	records := 0
	record := func(kind, element, id, impersonal string, personal ...string) {
		fmt.Fprintf(&doc, `<record type="%s" time="2026-03-02T08:00:%02dZ" correlatorIndex="%d" site="private attribute"><%s id="%s">%s`,
			kind, records, records, element, id, impersonal)
		for _, name := range append(personal, "avatar", "contact.name") {
			fmt.Fprintf(&doc, `<%[1]s>private %[1]s</%[1]s>`, name)
		}
		fmt.Fprintf(&doc, `<photo url="private url"><owner>private owner</owner></photo></%s></record>`, element)
		records++
	}
	const (
		callID, legID            = "ca110000-0000-4000-8000-000000000001", "1e900000-0000-4000-8000-000000000001"
		recordingID, streamingID = "4ec00000-0000-4000-8000-000000000001", "57e00000-0000-4000-8000-000000000001"
	)
	doc.WriteString(`<records session="5e550000-0000-4000-8000-000000000001" site="private site">`)
	const space = `<coSpace>c05bace0-0000-4000-8000-000000000001</coSpace><tenant>7e4a4700-0000-4000-8000-000000000001</tenant>`
	const group = `<direction>incoming</direction><groupId>94009000-0000-4000-8000-000000000001</groupId>`
	record("callStart", "call", callID, space, "name", "ownerName", "cdrTag")
	legs := []string{"displayName", "localAddress", "remoteAddress", "remoteParty", "cdrTag", "ownerId", "sipCallId", "replacesSipCallId"}
	record("callLegStart", "callLeg", legID, group, legs...)
	record("callLegUpdate", "callLeg", legID, "<state>connected</state><displayName>private change</displayName>"+call)
	record("recordingStart", "recording", recordingID, call+leg, "path", "recorderUri")
	record("recordingEnd", "recording", recordingID, "", "recorderUrl")
	record("streamingStart", "streaming", streamingID, call+leg, "streamerUri", "streamUri", "streamName")
	record("streamingEnd", "streaming", streamingID, "", "streamerUrl", "streamUrl")
	record("callLegEnd", "callLeg", legID, reason+`<durationSeconds>7</durationSeconds>`, append(legs, "reasonDetails")...)
	record("callEnd", "call", callID, "", "name", "ownerName", "cdrTag")
	record("moodChange", "mood", "1", "", "name", "mood")
	doc.WriteString(`<record type="callStart"><call>private malformed</call></record></records>`)
	answer, err := http.Post(url, "text/xml", strings.NewReader(doc.String()))
	require.NoError(t, err)
	require.NoError(t, answer.Body.Close())
	require.Equal(t, http.StatusOK, answer.StatusCode)
	require.NoError(t, c.Poll(t.Context(), func() bool { return strings.Contains(c.Output(), `"spans": 4`) }), "%s", c.Output())
	require.NoError(t, c.Stop(), "%s", c.Output())

	output := c.Output()
	require.Contains(t, output, "cisco.cms.call_leg.updated")
	require.Contains(t, output, "EventName: cisco.cms.record\n")
	require.NotContains(t, output, "private")
	pseudonym := func(text string) string {
		code := hmac.New(sha256.New, []byte(key))
		code.Write([]byte(text))
		return hex.EncodeToString(code.Sum(nil))
	}
	// In the bodies of the start and the end record, and in the attribute of the span.
	require.Equal(t, 3, strings.Count(output, pseudonym("private remoteAddress")))
	// In the body and in an attribute of the log record, and in an event of the span.
	require.Equal(t, 3, strings.Count(output, pseudonym("private change")))
	// These attributes exist, which shows that their elements were received.
	for _, name := range []string{
		"call.owner.name", "call.name", "call.cdr_tag", "call_leg.owner.id", "call_leg.group.id", "call_leg.display_name",
		"call_leg.remote_party", "call_leg.role", "call_leg.direction", "call_leg.duration", "cospace.id", "tenant.id",
		"recording.recorder.uri", "streaming.streamer.uri", "streaming.stream.name",
	} {
		require.Contains(t, output, "cisco.cms."+name+": ")
	}
	require.NotContains(t, output, "cisco.cms.streaming.stream.uri", "the example removes it")
}

// TestWrongSettings checks that the collector's error for a wrong setting names its key.
func TestWrongSettings(t *testing.T) {
	const config = `yaml:
receivers: {cms_cdr: {%s}}
exporters: {nop: {}}
service: {pipelines: {logs: {receivers: [cms_cdr], exporters: [nop]}}, telemetry: {metrics: {level: none}}}
`
	cases := map[string]string{
		`storage: file_storage, http: {endpoint: "127.0.0.1:0"}`: `storage is "file_storage", but there is no such extension`,
		`expire_after: 1s`: "expire_after is 1s",
		`max_open: 0`:      "max_open is 0",
		`path: cdr`:        `path is "cdr"`,
		`secrit: x`:        "secrit",
	}
	require.Len(t, cases, 5)
	for settings, want := range cases {
		c, err := otelcol.Start(t.Context(), binary(t), fmt.Sprintf(config, settings))
		require.NoError(t, err)
		require.ErrorIs(t, c.Poll(t.Context(), func() bool { return false }), otelcol.ErrExited)
		require.Contains(t, c.Output(), want)
	}
}
