package cmscdrreceiver

import (
	"net/http"
	"strings"
	"sync"
	"time"

	"github.com/hashicorp/golang-lru/v2/simplelru"
	"go.uber.org/zap"
	"go.uber.org/zap/zapcore"
)

// cause is why a request is rejected. The message says what happened and what to do.
// The log messages of each cause and client are limited separately.
type cause struct {
	level   zapcore.Level
	message string
}

var (
	causeWrongPath = &cause{zap.WarnLevel, "Rejected a request for a path that receives nothing: " +
		"compare the receiver URI on the Call Bridge with path"}
	causeForbidden = &cause{zap.WarnLevel, "Rejected a request from an address that is in none of allowed_networks: " +
		"add the address if it is a Call Bridge"}
	causeUnauthorized = &cause{zap.WarnLevel, "Rejected a request whose query parameter secret is missing or wrong: " +
		"compare the receiver URI on the Call Bridge with secret; in the URI, characters such as + and & of the secret must be written as %2B and %26"}
	causeUnauthenticated = &cause{zap.WarnLevel, "Rejected a request that http::auth does not accept: " +
		"compare the receiver URI on the Call Bridge with the configuration of the authenticator"}
	causeBadMethod = &cause{zap.WarnLevel, "Rejected a request with a method other than GET, HEAD or POST: " +
		"it was not sent by a Call Bridge, so look for another program at this address"}
	causeBadEncoding = &cause{zap.WarnLevel, "Rejected a compressed body: a Call Bridge does not compress, " +
		"so look for a proxy that does, or add the encoding to http::compression_algorithms"}
	causeNotCDR = &cause{zap.WarnLevel, "Rejected a body that is not a CDR document: " +
		"it was not sent by a Call Bridge, so look for another program at this address"}
	causeTruncated = &cause{zap.WarnLevel, "Rejected a document that was cut short: " +
		"if this continues, check proxies between the Call Bridge and the collector, or raise http::read_timeout and http::write_timeout"}
	causeNoMemory = &cause{zap.WarnLevel, "Answered a document with 503, because the limit that detail describes is reached: " +
		"its Call Bridge sends it again; if this continues, check who else posts, or raise memory::bodies or memory::open if detail names it"}
	causeTooLarge = &cause{zap.ErrorLevel, "Rejected a document that is too large; its Call Bridge sends it again and nothing else until it is accepted: " +
		"raise http::max_request_body_size"}
)

const (
	// rejectionInterval is the shortest time between two log messages for one cause and
	// client.
	rejectionInterval = time.Minute
	// maxRejections limits the pairs of cause and client that are remembered. A pair
	// that was removed for a newer one may be logged again before rejectionInterval ends.
	maxRejections = 1024
	// maxDetail limits what a log message quotes of a request, in bytes.
	maxDetail = 300
	// maxRedacted limits how much of a detail is passed to redact, in bytes; the rest is not
	// logged. A stranger can post a path of a megabyte, whose redaction would take seconds, and
	// from another address each time.
	maxRedacted = 4 << 10
)

// rejections limits log messages for each cause and client separately: a port scanner
// with a wrong path does not suppress the message about a Call Bridge with a wrong
// secret. It is safe for concurrent use.
type rejections struct {
	mu    sync.Mutex
	pairs *simplelru.LRU[causeAndClient, *suppressed]
}

// causeAndClient is a cause of rejections and the address of the client.
type causeAndClient struct {
	cause  *cause
	client string
}

// suppressed is the state of a pair: when it was last logged, and how many requests were
// not logged since.
type suppressed struct {
	loggedAt time.Time
	unlogged int
}

func newRejections() *rejections {
	pairs, err := simplelru.NewLRU[causeAndClient, *suppressed](maxRejections, nil)
	if err != nil {
		panic(err) // only a size below 1 is refused
	}
	return &rejections{pairs: pairs}
}

// shouldLog reports whether a request of this pair is logged, and if so, how many were not
// logged since the last log message.
func (l *rejections) shouldLog(pair causeAndClient, now time.Time) (unlogged int, _ bool) {
	l.mu.Lock()
	defer l.mu.Unlock()
	last, found := l.pairs.Get(pair)
	if found && now.Sub(last.loggedAt) < rejectionInterval {
		last.unlogged++
		return 0, false
	}
	if found {
		unlogged = last.unlogged
	}
	l.pairs.Add(pair, &suppressed{loggedAt: now})
	return unlogged, true
}

// logRejection logs a request whose answer has a cause, within the limits. The detail may
// quote the request; secrets in it are redacted.
func (r *cdrReceiver) logRejection(req *http.Request, rejected answer, fields ...zap.Field) {
	if rejected.cause == nil {
		return
	}
	client := req.RemoteAddr
	if addr, ok := remoteAddr(req); ok {
		client = addr.String()
	}
	unlogged, logged := r.rejections.shouldLog(causeAndClient{cause: rejected.cause, client: client}, r.clock())
	if !logged {
		return
	}
	fields = append(fields, zap.String("client", client), zap.Int("unlogged", unlogged),
		zap.String("limit", "one line a minute for this cause and client"))
	if rejected.detail != "" {
		fields = append(fields, zap.String("detail", loggable(rejected.detail, string(r.config.Secret))))
	}
	r.logger.Log(rejected.cause.level, rejected.cause.message, fields...)
}

// loggable returns the beginning of a detail without secrets. A detail above maxRedacted is
// cut after a slash before it is redacted, because redact may not recognise a part of a
// mistyped secret.
func loggable(detail, secret string) string {
	if len(detail) > maxRedacted {
		detail = detail[:maxRedacted]
		detail = detail[:strings.LastIndexByte(detail, '/')+1]
	}
	detail = redact(detail, secret)
	return strings.ToValidUTF8(detail[:min(len(detail), maxDetail)], "")
}
