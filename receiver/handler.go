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
		arrived := r.clock()
		answer, size := r.handle(req, guard, arrived)
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

// handle answers a request; size is that of the body that was read.
func (r *cdrReceiver) handle(req *http.Request, guard *guard, arrived time.Time) (_ answer, size int) {
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
	body, err := readBody(req)
	if err != nil {
		return r.bodyRefused(req, err), len(body)
	}
	doc, err := cdr.Open(body)
	if err != nil {
		r.logger.Warn("Not a CDR document", zap.String("from", req.RemoteAddr), zap.Error(err))
		return answerNotCDR(err), len(body)
	}
	// Detached from the client: one that hangs up must not leave a document half
	// delivered. Bound by a time that leaves room for the answer.
	ctx, cancel := context.WithTimeout(context.WithoutCancel(req.Context()), r.patience())
	defer cancel()
	switch err := r.ingest(ctx, doc, body, senderOf(req), arrived); {
	case errors.Is(err, errNotSaved), errors.Is(err, errLeaving):
		return answerNotSaved, len(body)
	case err != nil:
		return answerRefused, len(body)
	default:
		return answerAccepted, len(body)
	}
}

// patience is how long the pipelines may take: less than the server's write
// timeout, after which no answer would arrive.
func (r *cdrReceiver) patience() time.Duration {
	if timeout := r.config.HTTP.WriteTimeout; timeout > 0 {
		return timeout * 4 / 5
	}
	return 24 * time.Second
}

func senderOf(req *http.Request) sender {
	query := req.URL.Query()
	from := sender{systemID: idOf(query.Get("system_id")), address: req.RemoteAddr, parameters: parametersOf(query)}
	if addr, ok := remoteAddr(req); ok {
		from.address = addr.String()
	}
	return from
}
