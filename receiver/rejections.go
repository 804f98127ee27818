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

// cause is why a request is rejected. The message says what happened, why, and
// what to do; every cause has a line of its own in the log.
type cause struct {
	level   zapcore.Level
	message string
}

var (
	causeWrongPath = &cause{zap.WarnLevel, "Rejected a request for another path: " +
		"compare the receiver URI on the Call Bridge with path"}
	causeForbidden = &cause{zap.WarnLevel, "Rejected a request from an address that is in none of allowed_networks: " +
		"add the address if it is a Call Bridge"}
	causeUnauthorized = &cause{zap.WarnLevel, "Rejected a request whose query parameter secret is missing or wrong: " +
		"compare the receiver URI on the Call Bridge with secret"}
	causeBadMethod = &cause{zap.WarnLevel, "Rejected a request with a method other than GET, HEAD or POST: " +
		"a Call Bridge posts, so look for another program at this address"}
	causeNotCDR = &cause{zap.WarnLevel, "Rejected a body that is not a CDR document: " +
		"a Call Bridge sends none, so look for another program at this address"}
	causeTruncated = &cause{zap.WarnLevel, "Rejected a document that was cut short: " +
		"if this goes on, look for a proxy that cuts or times out, or raise http::read_timeout"}
	causeNoMemory = &cause{zap.WarnLevel, "Answered a document 503, as there is no memory for it now: " +
		"its Call Bridge sends it again; if this goes on, raise memory::bodies or memory::open, or look for strangers"}
	causeTooLarge = &cause{zap.ErrorLevel, "Rejected a document that is larger than allowed, and its Call Bridge sends nothing else until it gets through: " +
		"raise http::max_request_body_size"}
)

const (
	// rejectionInterval is the time between two lines for one cause and client.
	rejectionInterval = time.Minute
	// maxRejections bounds the pairs of cause and client that are remembered. A pair
	// that makes room for a newer one may be logged again early.
	maxRejections = 1024
	// maxDetail is how much of what a client sent a line quotes.
	maxDetail = 300
)

// rejections limits what senders can write to the log, for each cause and client
// by itself: a scanner's wrong path hides no Call Bridge's wrong secret.
type rejections struct {
	mu    sync.Mutex
	pairs *simplelru.LRU[rejection, *suppressed]
}

type rejection struct {
	cause  *cause
	client string
}

// silence begins with a line in the log and counts the requests without one.
type suppressed struct {
	since    time.Time
	unlogged int
}

func newRejections() *rejections {
	pairs, err := simplelru.NewLRU[rejection, *suppressed](maxRejections, nil)
	if err != nil {
		panic(err) // only a size below 1 is refused
	}
	return &rejections{pairs: pairs}
}

// admit reports whether this request gets a line, and how many like it have got
// none since the last line.
func (l *rejections) admit(of rejection, now time.Time) (unlogged int, _ bool) {
	l.mu.Lock()
	defer l.mu.Unlock()
	last, known := l.pairs.Get(of)
	if known && now.Sub(last.since) < rejectionInterval {
		last.unlogged++
		return 0, false
	}
	if known {
		unlogged = last.unlogged
	}
	l.pairs.Add(of, &suppressed{since: now})
	return unlogged, true
}

// reject logs that a request is rejected, if the answer is a rejection and the
// limits allow. The detail may quote what the client sent: secrets are redacted.
func (r *cdrReceiver) reject(req *http.Request, with answer, fields ...zap.Field) {
	if with.cause == nil {
		return
	}
	client := req.RemoteAddr
	if addr, ok := remoteAddr(req); ok {
		client = addr.String()
	}
	unlogged, admitted := r.rejections.admit(rejection{cause: with.cause, client: client}, r.clock())
	if !admitted {
		return
	}
	fields = append(fields, zap.String("client", client), zap.Int("unlogged", unlogged),
		zap.String("limit", "one line a minute for this cause and client"))
	if with.detail != "" {
		detail := redact(with.detail, string(r.config.Secret))
		fields = append(fields, zap.String("detail", strings.ToValidUTF8(detail[:min(len(detail), maxDetail)], "")))
	}
	r.logger.Log(with.cause.level, with.cause.message, fields...)
}
