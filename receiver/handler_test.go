package cmscdrreceiver

import (
	"context"
	"errors"
	"io"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
	"go.opentelemetry.io/collector/component"
	"go.opentelemetry.io/collector/config/confighttp"
	"go.opentelemetry.io/collector/confmap"
)

const (
	// oneCall is a document with the start of a call.
	oneCall = `<?xml version="1.0"?><records session="5e550000-0000-4000-8000-000000000001">` +
		`<record type="callStart" time="2026-03-02T08:00:00Z" recordIndex="1" correlatorIndex="0">` +
		"\n" + `<call id="ca110000-0000-4000-8000-000000000001"><name>Ward 7</name></call></record>` + "\n</records>\n"
	// allowedClient is an address in the network that guarded allows.
	allowedClient = "192.0.2.10:41000"
)

// truncatedBody is a body whose client disconnects before the end.
type truncatedBody struct{ io.Reader }

func (b truncatedBody) Read(p []byte) (int, error) {
	if n, err := b.Reader.Read(p); !errors.Is(err, io.EOF) {
		return n, err
	}
	return 0, io.ErrUnexpectedEOF
}

// TestAnswers checks the status, the text and the outcome of each kind of request.
func TestAnswers(t *testing.T) {
	guarded := guarded("s3cret")
	full := errors.New("queue is full")
	cases := map[string]struct {
		configure    func(*Config)
		method, path string
		body         io.Reader
		client       string
		refuse       error
		status       int
		outcome      string
		text         string
	}{
		"records":              {method: "POST", path: "/cdr", body: strings.NewReader(oneCall), status: 200, outcome: "accepted"},
		"records on a subpath": {method: "POST", path: "/cdr/ward/3?system_id=cms1", body: strings.NewReader(oneCall), status: 200, outcome: "accepted"},
		"no records":           {method: "POST", path: "/cdr", body: strings.NewReader(`<records session="x"/>`), status: 200, outcome: "accepted"},
		"GET by a browser":     {method: "GET", path: "/cdr", status: 200},
		"a probe":              {method: "HEAD", path: "/cdr", status: 200},
		"another path":         {method: "POST", path: "/other", body: strings.NewReader(oneCall), status: 404, text: "compare the receiver URI"},
		"another method":       {method: "PUT", path: "/cdr", body: strings.NewReader(oneCall), status: 405, outcome: "bad_method", text: "POST"},
		"not XML":              {method: "POST", path: "/cdr", body: strings.NewReader("hello"), status: 400, outcome: "not_cdr", text: "byte 0"},
		"another root":         {method: "POST", path: "/cdr", body: strings.NewReader("<html></html>"), status: 400, outcome: "not_cdr", text: `"html"`},
		"empty":                {method: "POST", path: "/cdr", body: strings.NewReader(""), status: 400, outcome: "not_cdr"},
		"cut short":            {method: "POST", path: "/cdr", body: truncatedBody{strings.NewReader(oneCall[:50])}, status: 400, outcome: "truncated", text: "cut short"},
		"too large":            {method: "POST", path: "/cdr", body: http.MaxBytesReader(nil, io.NopCloser(strings.NewReader(oneCall)), 20), status: 413, outcome: "too_large", text: "http::max_request_body_size"},
		"the secret":           {configure: guarded, method: "POST", path: "/cdr?secret=s3cret", body: strings.NewReader(oneCall), client: allowedClient, status: 200, outcome: "accepted"},
		"no secret":            {configure: guarded, method: "POST", path: "/cdr", body: strings.NewReader(oneCall), client: allowedClient, status: 401, outcome: "unauthorized", text: "secret"},
		"a wrong secret":       {configure: guarded, method: "GET", path: "/cdr?secret=guess", client: allowedClient, status: 401, outcome: "unauthorized"},
		"another network":      {configure: guarded, method: "POST", path: "/cdr?secret=s3cret", body: strings.NewReader(oneCall), client: "198.51.100.1:5", status: 403, outcome: "forbidden", text: "allowed_networks"},
		"IPv4 mapped in IPv6":  {configure: guarded, method: "POST", path: "/cdr?secret=s3cret", body: strings.NewReader(oneCall), client: "[::ffff:192.0.2.10]:5", status: 200, outcome: "accepted"},
		"refused":              {method: "POST", path: "/cdr", body: strings.NewReader(oneCall), refuse: full, status: 503, outcome: "refused", text: "the pipelines cannot"},
	}
	require.Len(t, cases, 18)
	for name, c := range cases {
		t.Run(name, func(t *testing.T) {
			rig := newRig(t, c.configure)
			rig.refuse = func(string) error { return c.refuse }
			req := httptest.NewRequest(c.method, c.path, c.body)
			if c.client != "" {
				req.RemoteAddr = c.client
			}
			answer := rig.do(req)
			require.Equal(t, c.status, answer.Code)
			require.Contains(t, answer.Body.String(), c.text)
			if c.status < 400 {
				require.Empty(t, answer.Body.String())
			}
			want := map[string]int64{}
			if c.outcome != "" {
				want[c.outcome] = 1
			}
			require.Equal(t, want, rig.outcomes())
			require.NotContains(t, answer.Body.String(), "s3cret")
			switch c.status {
			case http.StatusServiceUnavailable:
				require.Equal(t, "5", answer.Header().Get("Retry-After"))
			case http.StatusMethodNotAllowed:
				require.Equal(t, "GET, HEAD, POST", answer.Header().Get("Allow"))
			}
		})
	}
}

// TestBadEncodingIsCounted checks the outcome of a body that the server cannot decompress.
func TestBadEncodingIsCounted(t *testing.T) {
	rig := newRig(t, nil)
	answer := httptest.NewRecorder()
	rig.receiver.rejectedByServer(answer, httptest.NewRequest(http.MethodPost, "/cdr", nil), "unsupported Content-Encoding: gzip", http.StatusBadRequest)
	require.Equal(t, http.StatusBadRequest, answer.Code)
	require.Equal(t, map[string]int64{"bad_encoding": 1}, rig.outcomes())
}

// TestStrangerWithAnEncoding checks that a compressed request of a stranger is rejected like any
// other of the stranger.
func TestStrangerWithAnEncoding(t *testing.T) {
	rig := newRig(t, guarded("s3cret"))
	for client, want := range map[string]int{"198.51.100.1:5": http.StatusForbidden, allowedClient: http.StatusUnauthorized} {
		answer, req := httptest.NewRecorder(), httptest.NewRequest(http.MethodPost, "/cdr", nil)
		req.RemoteAddr = client
		rig.receiver.rejectedByServer(answer, req, "unsupported Content-Encoding: br", http.StatusBadRequest)
		require.Equal(t, want, answer.Code)
	}
	require.Equal(t, map[string]int64{"forbidden": 1, "unauthorized": 1}, rig.outcomes())
}

// refusingAuthenticator is an authenticator that accepts no request.
type refusingAuthenticator struct {
	component.StartFunc
	component.ShutdownFunc
}

func (refusingAuthenticator) Authenticate(ctx context.Context, _ map[string][]string) (context.Context, error) {
	return ctx, errors.New("no such user")
}

// TestUnauthenticated checks that a request that http::auth does not accept is answered 401, and
// not counted or logged as one that cannot be decompressed.
func TestUnauthenticated(t *testing.T) {
	id := component.MustNewID("refusing")
	rig := newRig(t, func(cfg *Config) {
		auth := map[string]any{"http": map[string]any{"auth": map[string]any{"authenticator": "refusing"}}}
		require.NoError(t, confmap.NewFromStringMap(auth).Unmarshal(cfg))
	})
	server, err := rig.receiver.config.HTTP.ToServer(t.Context(), map[component.ID]component.Component{id: refusingAuthenticator{}},
		rig.receiver.settings.TelemetrySettings, rig.handler, confighttp.WithErrorHandler(rig.receiver.rejectedByServer))
	require.NoError(t, err)
	answer := httptest.NewRecorder()
	server.Handler.ServeHTTP(answer, httptest.NewRequest(http.MethodPost, "/cdr", strings.NewReader(oneCall)))
	require.Equal(t, http.StatusUnauthorized, answer.Code)
	require.Equal(t, map[string]int64{"unauthorized": 1}, rig.outcomes())
	require.Equal(t, 1, rig.warnings.FilterMessageSnippet("http::auth").Len())
}

// TestTooLargeNamesTheKey checks that the log names the key to raise: the Call Bridge
// sends nothing else until the document is accepted.
func TestTooLargeNamesTheKey(t *testing.T) {
	rig := newRig(t, nil)
	rig.do(httptest.NewRequest(http.MethodPost, "/cdr",
		http.MaxBytesReader(nil, io.NopCloser(strings.NewReader(oneCall)), 20)))
	require.Equal(t, 1, rig.warnings.FilterMessageSnippet("raise http::max_request_body_size").Len())
}

// TestReadBody checks that bodies of sizes around the first growth of the buffer, and larger
// ones, are read whole, with and without Content-Length.
func TestReadBody(t *testing.T) {
	const largest = 1 << 20
	for _, size := range []int{0, 1, 511, 512, 513, 4096, largest - 1, largest, largest + 1, 3*largest + 7} {
		for _, announced := range []bool{true, false} {
			body := strings.Repeat("x", size)
			req := httptest.NewRequest(http.MethodPost, "/cdr", io.NopCloser(strings.NewReader(body)))
			req.ContentLength = -1
			if announced {
				req.ContentLength = int64(size)
			}
			got, n, err := readBody(req, largest)
			require.Equal(t, size, n)
			require.NoError(t, err)
			require.True(t, body == got, "the body must be read whole: size %d, Content-Length announced: %v", size, announced)
		}
	}
}

// TestNoRedirects checks that no request is redirected, because Meeting Server
// follows no redirects. A path that is not clean is answered 404, as any other path that is
// not served, with a text that says what to compare.
func TestNoRedirects(t *testing.T) {
	cases := map[string]map[string]int{
		"/cdr": {
			"/cdr": 200, "/cdr/": 200, "/cdr/a": 200, "/cdr/a%2Fb": 200, "/cdr/a/": 200, "/cdr/...": 200,
			"//cdr": 404, "/cdr/../cdr": 404, "/cdr//": 404, "/cdr/.": 404, "/./cdr": 404, "/cdr/a//b": 404, "//": 404,
			"/": 404, "/cdrs": 404, "/CDR": 404, "/cdr/%2E%2E/cdr": 200, "/%2Fcdr": 404, "/x/../cdr?secret=s3cret": 404,
		},
		"/a/cdr/": {"/a/cdr": 200, "/a/cdr/": 200, "/a//cdr": 404, "/a": 404, "/a/": 404},
		"/":       {"/": 200, "/a": 200, "//": 404, "/a/../b": 404},
	}
	for path, targets := range cases {
		rig := newRig(t, func(c *Config) { c.Path = path })
		for target, status := range targets {
			req := httptest.NewRequest(http.MethodPost, "/", strings.NewReader(oneCall))
			var err error
			req.URL, err = url.ParseRequestURI(target)
			require.NoError(t, err)
			answer := rig.do(req)
			require.Equal(t, status, answer.Code, "target %s, configured path %s", target, path)
			if status == http.StatusNotFound {
				require.Contains(t, answer.Body.String(), "compare the receiver URI with path")
			} else {
				require.NotEmpty(t, req.Pattern, "the spans and metrics of the HTTP server must have a route")
			}
		}
	}
}

// FuzzNoRedirects checks that no path and method is answered with a redirect.
func FuzzNoRedirects(f *testing.F) {
	rigs := []*rig{newRig(f, nil), newRig(f, func(c *Config) { c.Path = "/" })}
	for _, path := range []string{"", "/", "//", "/cdr", "/cdr/../cdr", "cdr", "/a//", "/.", "/%2e/"} {
		f.Add(path, http.MethodPost)
	}
	f.Add("/cdr//", http.MethodConnect)
	f.Fuzz(func(t *testing.T, path, method string) {
		for _, rig := range rigs {
			req := httptest.NewRequest(http.MethodPost, "/", nil)
			req.Method, req.URL = method, &url.URL{Path: path}
			status := rig.do(req).Code
			require.False(t, status >= 300 && status < 400, "the answer must not be a redirect: %d", status)
		}
	})
}
