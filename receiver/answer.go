package cmscdrreceiver

import (
	"fmt"
	"net/http"
)

// answer is the response to a request. Meeting Server only checks whether the status
// is 200; the text is for administrators who test a URI. The outcome is the value of the
// attribute outcome in the receiver's own metrics; a request without one is not counted.
// A rejection has a cause, which is logged with the detail.
type answer struct {
	status  int
	outcome string
	text    string
	header  string
	value   string
	cause   *cause
	detail  string
}

// outcomes lists every outcome of a document.
var outcomes = []string{
	answerAccepted.outcome, "bad_encoding", answerBadMethod.outcome, answerForbidden.outcome, "not_cdr", answerNotSaved.outcome,
	"no_memory", answerRefused.outcome, answerTooLarge.outcome, "truncated", answerUnauthorized.outcome,
	answerUnfinished.outcome,
}

// The answers, each with the reaction of Meeting Server.
var (
	// It forgets the records.
	answerAccepted = answer{status: http.StatusOK, outcome: "accepted"}
	// An administrator opened the URI in a browser: the path is right.
	answerReachable = answer{status: http.StatusOK}
	// It sends the records again until its receiver URI has the right path. The
	// answer does not reveal the path, because the client may be a stranger.
	answerNotFound = answer{
		status: http.StatusNotFound, cause: causeWrongPath,
		text: "no call detail records are received at this path: compare the receiver URI with path in the collector's configuration",
	}
	// Meeting Server never gets this answer, because it always posts.
	answerBadMethod = answer{
		status: http.StatusMethodNotAllowed, outcome: "bad_method", cause: causeBadMethod,
		text: "POST call detail records here", header: "Allow", value: "GET, HEAD, POST",
	}
	// It sends the records again until its receiver URI has the secret.
	answerUnauthorized = answer{
		status: http.StatusUnauthorized, outcome: "unauthorized", cause: causeUnauthorized,
		text: "the query parameter secret is missing or wrong",
	}
	// It sends the records again until its address is in allowed_networks.
	answerForbidden = answer{
		status: http.StatusForbidden, outcome: "forbidden", cause: causeForbidden,
		text: "this address is in none of allowed_networks",
	}
	// It sends the document again until http::max_request_body_size is raised.
	answerTooLarge = answer{
		status: http.StatusRequestEntityTooLarge, outcome: "too_large", cause: causeTooLarge,
		text: "the document is larger than http::max_request_body_size",
	}
	// It keeps the records and sends them again. The collector's log has the reason,
	// which is not for the client. Retry-After is in seconds; Meeting Server ignores it.
	answerRefused = answer{
		status: http.StatusServiceUnavailable, outcome: "refused",
		text: "the pipelines cannot take records now", header: "Retry-After", value: "5",
	}
)

// answerBusy means that the lock of the session or of its predecessor was not released in
// time, or that the session is being evicted. Meeting Server sends the records again.
var answerBusy = answer{
	status: http.StatusServiceUnavailable, outcome: answerRefused.outcome,
	text: "the session of the records is busy", header: "Retry-After", value: "5",
}

// answerUnfinished means that a part of the document, or the closing of a part of the entities of
// the predecessor, is committed and saved. Meeting Server sends the document again, and the
// receiver continues with the rest.
var answerUnfinished = answer{
	status: http.StatusServiceUnavailable, outcome: "unfinished",
	text: "only a part was processed in time: send the document again for the rest", header: "Retry-After", value: "1",
}

// answerNotSaved means that the storage failed, possibly before the whole document was
// processed. Meeting Server sends the records again until they are saved.
var answerNotSaved = answer{
	status: http.StatusServiceUnavailable, outcome: "not_saved",
	text: "the records cannot be saved now", header: "Retry-After", value: "5",
}

// answerNoMemory means that memory::bodies or memory::open is used up, or that there are
// too many sessions. Meeting Server sends the records again.
func answerNoMemory(err error) answer {
	return answer{
		status: http.StatusServiceUnavailable, outcome: "no_memory", cause: causeNoMemory,
		text: "too much is being received now", detail: err.Error(), header: "Retry-After", value: "5",
	}
}

// answerTruncated means that the body could not be read to its end: the connection ended,
// http::read_timeout passed, or the decompression failed after the beginning of the body.
// Meeting Server sends the document again.
func answerTruncated(err error) answer {
	return answer{
		status: http.StatusBadRequest, outcome: "truncated", cause: causeTruncated,
		text: fmt.Sprintf("the body was cut short: %v", err), detail: err.Error(),
	}
}

// answerBadEncoding means that the encoding of the body is not accepted, or that its
// decompression failed at the beginning. A Call Bridge behind a proxy that compresses sends the document again until the proxy no longer
// does, or http::compression_algorithms has the encoding.
func answerBadEncoding(problem string) answer {
	return answer{status: http.StatusBadRequest, outcome: "bad_encoding", cause: causeBadEncoding, text: problem, detail: problem}
}

// answerUnauthenticated means that http::auth does not accept the request. Meeting Server sends
// the records again until its receiver URI has what the authenticator requires.
func answerUnauthenticated(problem string) answer {
	return answer{
		status: http.StatusUnauthorized, outcome: answerUnauthorized.outcome, cause: causeUnauthenticated,
		text: problem, detail: problem,
	}
}

// answerNotCDR means that the body was not sent by a Call Bridge.
func answerNotCDR(err error) answer {
	text := "not a CDR document: " + err.Error()
	return answer{status: http.StatusBadRequest, outcome: "not_cdr", cause: causeNotCDR, text: text, detail: err.Error()}
}

func (a answer) write(w http.ResponseWriter) {
	if a.header != "" {
		w.Header().Set(a.header, a.value)
	}
	if a.text == "" {
		w.WriteHeader(a.status)
		return
	}
	http.Error(w, a.text, a.status)
}
