package cmscdrreceiver

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"strings"
	"time"

	"go.uber.org/zap"

	"github.com/cmscdr/cmscdrreceiver/internal/cdr"
)

// newHandler mounts the path and all below it.
func (r *cdrReceiver) newHandler() (http.Handler, error) {
	guard, err := newGuard(r.config)
	if err != nil {
		return nil, err
	}
	handle := func(w http.ResponseWriter, req *http.Request) {
		r.handling.Add(1)
		defer r.handling.Done()
		begun, arrived := time.Now(), r.clock()
		answer, size := r.handle(req, guard, begun, arrived)
		answer.write(w)
		r.observeDocument(req, answer, size, arrived)
	}
	mux := http.NewServeMux()
	base := strings.TrimSuffix(r.config.Path, "/")
	mux.HandleFunc(base+"/", handle)
	if base != "" {
		mux.HandleFunc(base, handle)
		mux.HandleFunc("/", r.elsewhere)
	}
	return mux, nil
}

// elsewhere answers what asks for another path: a receiver URI that was mistyped
// would leave no trace on either side but for the line in the log.
func (r *cdrReceiver) elsewhere(w http.ResponseWriter, req *http.Request) {
	r.turnAway(req, fmt.Sprintf("it asked for %.200q, and path is %q", req.URL.Path, r.config.Path))
	answerElsewhere.write(w)
}

func (r *cdrReceiver) turnAway(req *http.Request, why string) {
	r.turnedAway.Do(func() {
		r.logger.Warn("A request was turned away; this is said once a minute at most",
			zap.String("from", req.RemoteAddr), zap.String("why", why))
	})
}

// handle answers a request that began then, by the clock that deadlines are measured
// by; arrived is its time of receipt. size is that of the body that was read.
func (r *cdrReceiver) handle(req *http.Request, guard *guard, begun, arrived time.Time) (_ answer, size int) {
	if refusal, refused := guard.check(req); refused {
		r.turnAway(req, refusal.text)
		return refusal, 0
	}
	switch req.Method {
	case http.MethodGet, http.MethodHead:
		return answerHello, 0 // administrators test a URI in a browser
	case http.MethodPost:
	default:
		return answerBadMethod, 0
	}
	release, err := r.bodies.reserve(req.Context(), req.ContentLength)
	if err != nil {
		r.logger.Warn("A document was answered 503 and comes again: raise memory::bodies if this goes on",
			zap.String("from", req.RemoteAddr), zap.Int64("content_length", req.ContentLength), zap.Error(err))
		return answerNoMemory, 0
	}
	defer release()
	body, size, err := readBody(req, r.config.largestBody())
	if err != nil {
		return r.bodyRefused(req, err), size
	}
	doc, err := cdr.Open(body)
	if err != nil {
		r.logger.Warn("Not a CDR document", zap.String("from", req.RemoteAddr), zap.Error(err))
		return answerNotCDR(err), size
	}
	return r.answerDocument(req, doc, body, begun, arrived), size
}

// answerDocument hands the document to the pipelines. It is detached from the client:
// one that hangs up must not leave a document half delivered. Reading the body takes
// from the same time, so that the answer goes out before the write timeout.
func (r *cdrReceiver) answerDocument(req *http.Request, doc *cdr.Document, body string, begun, arrived time.Time) answer {
	ctx, cancel := context.WithDeadline(context.WithoutCancel(req.Context()), begun.Add(r.patience()))
	defer cancel()
	switch err := r.ingest(ctx, doc, body, senderOf(req), arrived); {
	case err == nil:
		return answerAccepted
	case errors.Is(err, errNotSaved), errors.Is(err, errLeaving):
		return answerNotSaved
	case errors.Is(err, errNoMemory), errors.Is(err, errTooMany):
		return answerNoMemory
	case errors.Is(err, errUnfinished):
		return answerUnfinished
	default:
		return answerRefused
	}
}

// bodyRefused says why a body could not be read.
func (r *cdrReceiver) bodyRefused(req *http.Request, err error) answer {
	var tooLarge *http.MaxBytesError
	if errors.As(err, &tooLarge) {
		r.logger.Error("A document is larger than allowed, and its Call Bridge sends nothing else until it gets through: "+
			"raise http::max_request_body_size",
			zap.Int64("http::max_request_body_size", tooLarge.Limit), zap.Int64("content_length", req.ContentLength),
			zap.String("from", req.RemoteAddr))
		return answerTooLarge
	}
	r.logger.Warn("A document was cut short", zap.String("from", req.RemoteAddr), zap.Error(err))
	return answerTruncated(err)
}

// patience is how long it may take from a request's arrival until the pipelines have
// its document: less than the server's write timeout, after which no answer would
// arrive. A save takes an eighth of it more.
func (r *cdrReceiver) patience() time.Duration {
	if timeout := r.config.HTTP.WriteTimeout; timeout > 0 {
		return timeout * 4 / 5
	}
	return 24 * time.Second
}

func senderOf(req *http.Request) sender {
	from := sender{systemID: strings.ToValidUTF8(req.URL.Query().Get("system_id"), "\uFFFD"), address: req.RemoteAddr}
	if len(from.systemID) > cdr.MaxID {
		from.systemID = strings.ToValidUTF8(from.systemID[:cdr.MaxID], "")
	}
	if addr, ok := remoteAddr(req); ok {
		from.address = addr.String()
	}
	return from
}
