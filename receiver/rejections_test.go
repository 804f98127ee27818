package cmscdrreceiver

import (
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"go.opentelemetry.io/collector/config/configopaque"
	"go.uber.org/zap/zaptest/observer"
)

// rejectedRequests returns a request for each cause except causeNoMemory,
// causeBadEncoding and causeUnauthenticated, for a receiver with the secret and an allowed network. The requests for
// causeWrongPath and causeUnauthorized contain the attempt, a guess at the secret.
func rejectedRequests(secret, attempt string) map[*cause]*http.Request {
	post := func(target, client string, body io.Reader) *http.Request {
		req := httptest.NewRequest(http.MethodPost, target, body)
		req.RemoteAddr = client
		return req
	}
	const stranger = "198.51.100.1:5"
	validQuery := "?secret=" + url.QueryEscape(secret)
	requests := map[*cause]*http.Request{
		causeWrongPath:    post("/crd/"+url.PathEscape(attempt)+"?secret="+url.QueryEscape(attempt), allowedClient, nil),
		causeForbidden:    post("/cdr/"+url.PathEscape(secret)+validQuery, stranger, nil),
		causeUnauthorized: post("/cdr/"+url.PathEscape(attempt)+"?secret="+url.QueryEscape(attempt+"x"), allowedClient, nil),
		causeBadMethod:    post("/cdr"+validQuery, allowedClient, nil),
		causeNotCDR:       post("/cdr"+validQuery, allowedClient, strings.NewReader("<"+strings.ReplaceAll(secret, " ", "")+"/>"+secret)),
		causeTruncated:    post("/cdr"+validQuery, allowedClient, truncatedBody{strings.NewReader(oneCall[:50])}),
		causeTooLarge:     post("/cdr"+validQuery, allowedClient, http.MaxBytesReader(nil, io.NopCloser(strings.NewReader(oneCall)), 20)),
	}
	requests[causeBadMethod].Method = http.MethodDelete
	return requests
}

// guarded configures a secret and an allowed network.
func guarded(secret string) func(*Config) {
	return func(cfg *Config) {
		cfg.Secret = configopaque.String(secret)
		cfg.AllowedNetworks = []string{"192.0.2.0/24"}
	}
}

// entryText returns the message and the fields of a log entry.
func entryText(entry observer.LoggedEntry) string {
	return fmt.Sprint(entry.Message, entry.ContextMap())
}

// TestRejectionsAreLoggedSeparately checks that each cause and client has one log
// message per minute.
func TestRejectionsAreLoggedSeparately(t *testing.T) {
	rig := newRig(t, guarded("s3cret"))
	messages := func() map[string]int {
		counts := map[string]int{}
		for _, entry := range rig.warnings.TakeAll() {
			require.Equal(t, "one line a minute for this cause and client", entry.ContextMap()["limit"])
			counts[entry.Message]++
		}
		return counts
	}
	onePerCause := map[string]int{}
	for cause := range rejectedRequests("s3cret", "guess") {
		onePerCause[cause.message] = 1
	}
	require.Len(t, onePerCause, 7)
	sendAll := func() {
		for range 3 {
			for _, req := range rejectedRequests("s3cret", "guess") {
				require.GreaterOrEqual(t, rig.do(req).Code, 400)
			}
		}
	}
	sendAll()
	require.Equal(t, onePerCause, messages())
	sendAll()
	require.Empty(t, messages())

	fromOtherClient := rejectedRequests("s3cret", "guess")[causeWrongPath]
	fromOtherClient.RemoteAddr = "192.0.2.11:41000"
	rig.do(fromOtherClient)
	require.Equal(t, map[string]int{causeWrongPath.message: 1}, messages())
	fromOtherClient.RemoteAddr = "192.0.2.11:52000"
	rig.do(fromOtherClient)
	require.Empty(t, messages(), "another port must count as the same client")

	rig.advanceTo(rig.clock().Add(rejectionInterval))
	rig.do(rejectedRequests("s3cret", "guess")[causeWrongPath])
	entry := rig.warnings.All()[0]
	require.Equal(t, map[string]int{causeWrongPath.message: 1}, messages())
	require.EqualValues(t, 5, entry.ContextMap()["unlogged"])
	require.Equal(t, "192.0.2.10", entry.ContextMap()["client"])
}

// TestRejectionsAreBounded checks that the remembered pairs of cause and client are
// limited, because clients can have any number of addresses.
func TestRejectionsAreBounded(t *testing.T) {
	limits, now := newRejections(), time.Unix(0, 0)
	for n := range 10 * maxRejections {
		_, logged := limits.shouldLog(causeAndClient{cause: causeWrongPath, client: fmt.Sprint(n)}, now)
		require.True(t, logged)
	}
	require.Equal(t, maxRejections, limits.pairs.Len())
	_, logged := limits.shouldLog(causeAndClient{cause: causeWrongPath, client: fmt.Sprint(10*maxRejections - 1)}, now)
	require.False(t, logged)
}

// TestNoSecretIsLogged checks that no log message about one of rejectedRequests contains the
// secret or the guess at it. Each request has at least one of them in its path, query or body.
func TestNoSecretIsLogged(t *testing.T) {
	secrets := map[string][]string{
		"s3cret-of-ward-7": {"s3cret-of-ward-7", "S3cret-of-ward-7", "s3cert-of-ward-7", "s3cret-of-ward", "of-ward-7", "s3cret-of-ward-77"},
		`pass "word" ü%/`:  {`pass "word" ü%/`},
		"correct/horse":    {"correct/horse", "correct/hors3", "corect/horse"},
		"hunter2":          {"hunter2", "hunter", "hunter3", "Hunter2"},
	}
	for secret, attempts := range secrets {
		for _, attempt := range attempts {
			rig := newRig(t, guarded(secret))
			for cause, req := range rejectedRequests(secret, attempt) {
				rig.do(req)
				warnings := rig.warnings.TakeAll()
				require.Len(t, warnings, 1, cause.message)
				require.Equal(t, cause.message, warnings[0].Message)
				for _, part := range append(strings.Split(attempt, "/"), attempt, secret) {
					if len(part) >= minPart {
						require.NotContains(t, entryText(warnings[0]), part)
					}
				}
			}
		}
	}
}

// TestSecretInAPath checks that secrets in paths are redacted. It is not enough to leave
// out the query, because none of these requests has one.
func TestSecretInAPath(t *testing.T) {
	cases := map[string]string{
		"/crd":                         "/crd",
		"/crd/ward-3":                  "/crd/ward-3",
		"/crd%3Fsecret=abc":            "/crd?secret[redacted]",
		"/crd%3fSecret%3Dabc":          "/crd?secret[redacted]",
		"/crd%253Fsecret%253Dabc":      "/crd?secret[redacted]",
		"/crd%25253Fs%65cret%3Dabc":    "/crd?secret[redacted]",
		"/crd%25zz%253Fsecret%253Dabc": "/crd%zz?secret[redacted]",
		"/crd/secret=abc":              "/crd/secret[redacted]",
		"/crd/secret/abc":              "/crd/secret[redacted]",
		"/crd&secret=abc&x=y":          "/crd&secret[redacted]",
		"/crd/hunter2":                 "/crd/[redacted]",
		"/crd/x-hunter2-x":             "/crd/x-[redacted]-x",
		"/crd/%68unter2":               "/crd/[redacted]",
		"/crd/hunter3/ward":            "/crd/[redacted]/ward",
		"/crd&pw=hunter22":             "/crd&pw=[redacted]2",
		"/crd/hunt":                    "/crd/[redacted]",
		"/crd/a%0asecret=abc%0Aabc":    "/crd/a\nsecret[redacted]",
	}
	require.Len(t, cases, 17)
	for path, want := range cases {
		rig := newRig(t, guarded("hunter2"))
		req := httptest.NewRequest(http.MethodPost, path, nil)
		req.RemoteAddr = allowedClient
		require.Equal(t, http.StatusNotFound, rig.do(req).Code)
		warnings := rig.warnings.All()
		require.Len(t, warnings, 1)
		require.Equal(t, want, warnings[0].ContextMap()["detail"], path)
		require.Equal(t, "/cdr", warnings[0].ContextMap()["path"])
	}
}

// TestLongPathIsCut checks that a long path is cut after it is redacted. The other
// order would leave a part of the secret.
func TestLongPathIsCut(t *testing.T) {
	for length := maxDetail - 20; length < maxDetail+5; length++ {
		rig := newRig(t, guarded("hunter2"))
		req := httptest.NewRequest(http.MethodPost, "/"+strings.Repeat("é", length/2)+"/hunter2", nil)
		req.RemoteAddr = allowedClient
		rig.do(req)
		detail := rig.warnings.All()[0].ContextMap()["detail"].(string)
		require.NotContains(t, detail, "hu")
		require.NotContains(t, detail, "\uFFFD")
		require.LessOrEqual(t, len(detail), maxDetail)
		require.Greater(t, len(detail), maxDetail-25)
	}
}

// TestRedactionIsBounded checks that the number of allocations for the redaction of a path of a
// megabyte is limited, because only the beginning of the path is redacted, and that a mistyped
// secret across the end of this beginning does not appear.
func TestRedactionIsBounded(t *testing.T) {
	secret := strings.Repeat("0123456789abcdef", 20)
	mistyped := "/" + secret[:200] + "_" + secret[201:]
	for length := maxRedacted - len(mistyped); length < maxRedacted+5; length++ {
		path := strings.Repeat(mistyped, length/len(mistyped))
		path += "/" + strings.Repeat("x", length-len(path)) + strings.Repeat(mistyped, 2)
		require.NotContains(t, loggable(path, secret), "0123")
	}
	long := strings.Repeat("/fedcba9876543210", 1<<16)
	require.Less(t, testing.AllocsPerRun(1, func() { loggable(long, secret) }), 20_000.0)
	require.Equal(t, "/", loggable("/"+strings.Repeat("x", 1<<20), secret))
}

// TestQuotedSecret checks that a secret is redacted when it is quoted, as in errors
// of the decoder.
func TestQuotedSecret(t *testing.T) {
	const secret = `a"b"c"d`
	require.Equal(t, `text at "[redacted]"`, redact(fmt.Sprintf("text at %q", secret), secret))
	require.Equal(t, "text at [redacted]", redact("text at "+secret, secret))
}
