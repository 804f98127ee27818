package cmscdrreceiver

import (
	"context"
	"errors"
	"net/http"
	pathpkg "path"
	"strings"
	"sync"
	"time"

	"go.uber.org/zap"

	"github.com/cmscdr/cmscdrreceiver/internal/cdr"
)

// newHandler sets the guard, and returns the handler that serves the path and everything
// below it.
func (r *cdrReceiver) newHandler() (_ http.Handler, err error) {
	if r.guard, err = newGuard(r.config); err != nil {
		return nil, err
	}
	handle := func(w http.ResponseWriter, req *http.Request) {
		r.handling.Add(1)
		defer r.handling.Done()
		started, received := time.Now(), r.clock()
		answer, size := r.handle(req, started, received)
		r.logRejection(req, answer)
		answer.write(w)
		r.countDocument(req, answer, size, received)
	}
	mux := http.NewServeMux()
	base := strings.TrimSuffix(r.config.Path, "/")
	mux.HandleFunc(base+"/", handle)
	if base != "" {
		mux.HandleFunc(base, handle)
		mux.HandleFunc("/", r.notFound)
	}
	return http.HandlerFunc(func(w http.ResponseWriter, req *http.Request) {
		if isClean(req.URL.EscapedPath()) {
			mux.ServeHTTP(w, req)
		} else {
			r.notFound(w, req)
		}
	}), nil
}

// isClean reports whether ServeMux serves the path without a redirect. Meeting Server
// follows no redirects, so a path such as //cdr or /cdr/../cdr is answered 404 instead.
func isClean(path string) bool {
	clean := pathpkg.Clean(path)
	return strings.HasPrefix(path, "/") && (path == clean || path == clean+"/" && clean != "/")
}

// notFound answers a request for another path. Meeting Server does not show answers,
// so only this log message reveals a mistyped receiver URI.
func (r *cdrReceiver) notFound(w http.ResponseWriter, req *http.Request) {
	rejection := answerNotFound
	rejection.detail = req.URL.Path
	r.logRejection(req, rejection, zap.String("path", r.config.Path))
	rejection.write(w)
}

// rejectedByServer answers a request that the collector's HTTP server rejects before it calls
// the handler: with the status 401 if http::auth does not accept it, else because its body
// cannot be decompressed.
func (r *cdrReceiver) rejectedByServer(w http.ResponseWriter, req *http.Request, problem string, status int) {
	rejection := answerBadEncoding(problem)
	if status == http.StatusUnauthorized {
		rejection = answerUnauthenticated(problem)
	} else if unauthorized, rejected := r.guard.check(req); rejected {
		rejection = unauthorized // a stranger is not a Call Bridge behind a proxy
	}
	r.logRejection(req, rejection)
	rejection.write(w)
	r.countDocument(req, rejection, 0, r.clock())
}

// handle answers a request. started and received are both its time of receipt: started by
// the system clock, from which the deadline counts, and received by the receiver's clock,
// which tests replace. size is the number of body bytes that were read.
func (r *cdrReceiver) handle(req *http.Request, started, received time.Time) (_ answer, size int) {
	if rejection, rejected := r.guard.check(req); rejected {
		return rejection, 0
	}
	switch req.Method {
	case http.MethodGet, http.MethodHead:
		return answerReachable, 0 // administrators test a URI in a browser
	case http.MethodPost:
	default:
		return answerBadMethod, 0
	}
	release, err := r.bodies.reserve(req.Context(), req.ContentLength)
	if err != nil {
		return answerNoMemory(err), 0
	}
	defer release()
	body, size, err := readBody(req, r.config.largestBody())
	if err != nil {
		return answerUnreadBody(req, err), size
	}
	doc := documentPool.Get().(*cdr.Document)
	defer func() {
		doc.Close()
		documentPool.Put(doc)
	}()
	if err := doc.Open(body); err != nil {
		return answerNotCDR(err), size
	}
	return r.answerDocument(req, doc, body, started, received), size
}

// documentPool reuses the memory of answered documents.
var documentPool = sync.Pool{New: func() any { return new(cdr.Document) }}

// answerDocument delivers the document. The context of the delivery does not end with the
// client's connection, so that a client that disconnects does not leave a document partly
// delivered. The deadline counts from the start of the request, so that the answer is
// sent before the write timeout.
func (r *cdrReceiver) answerDocument(req *http.Request, doc *cdr.Document, body string, started, received time.Time) answer {
	ctx, cancel := context.WithDeadline(context.WithoutCancel(req.Context()), started.Add(r.deliveryTimeout()))
	defer cancel()
	switch err := r.ingest(ctx, doc, body, senderOf(req), received); {
	case err == nil:
		return answerAccepted
	case errors.Is(err, errNotSaved):
		return answerNotSaved
	case errors.Is(err, errBusy), errors.Is(err, errEvicting):
		r.logger.Warn("Refused a document for now; its Call Bridge sends it again", zap.String("session", doc.Session), zap.Error(err))
		return answerBusy
	case errors.Is(err, errNoMemory), errors.Is(err, errTooManySessions):
		return answerNoMemory(err)
	case errors.Is(err, errUnfinished):
		return answerUnfinished
	default:
		return answerRefused
	}
}

// deliveryTimeout is the time from the start of a request until its document must be
// delivered. No answer can be sent after the server's write timeout, which is taken as 30
// seconds if there is none. The delivery may use four fifths of it, and a save a tenth.
func (r *cdrReceiver) deliveryTimeout() time.Duration {
	if timeout := r.config.HTTP.WriteTimeout; timeout > 0 {
		return timeout * 4 / 5
	}
	return 24 * time.Second
}

// senderOf returns what a request says about its sender.
func senderOf(req *http.Request) sender {
	from := sender{address: req.RemoteAddr}
	if req.URL.RawQuery != "" {
		query := req.URL.Query()
		from.systemID, from.parameters = sanitizeValue(query.Get("system_id")), parseParameters(query)
	}
	if addr, ok := remoteAddr(req); ok {
		from.address = addr.String()
	}
	return from
}
