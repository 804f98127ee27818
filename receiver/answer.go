package cmscdrreceiver

import (
	"fmt"
	"net/http"
)

// answer is what a request is told. Meeting Server reads the status only, and
// of that whether it is 200: the text is for whoever tests a URI by hand. The
// outcome is what the receiver's own metrics call it; empty is not counted. A
// rejection has a cause, which is logged with its detail.
type answer struct {
	status  int
	outcome string
	text    string
	header  string
	value   string
	cause   *cause
	detail  string
}

// outcomes are all that documents can have.
var outcomes = []string{
	answerAccepted.outcome, answerBadMethod.outcome, answerForbidden.outcome, "not_cdr", answerNotSaved.outcome,
	"no_memory", answerRefused.outcome, answerTooLarge.outcome, "truncated", answerUnauthorized.outcome,
	answerUnfinished.outcome,
}

// The answers, with what Meeting Server makes of each.
var (
	// It forgets the records.
	answerAccepted = answer{status: http.StatusOK, outcome: "accepted"}
	// A browser's GET: the path is right.
	answerReachable = answer{status: http.StatusOK}
	// It sends the records again until its receiver URI has the right path. Where
	// that is, a stranger need not know.
	answerNotFound = answer{
		status: http.StatusNotFound, cause: causeWrongPath,
		text: "no call detail records are received at this path: compare the receiver URI with path in the collector's configuration",
	}
	// Not from Meeting Server, which posts.
	answerBadMethod = answer{
		status: http.StatusMethodNotAllowed, outcome: "bad_method", cause: causeBadMethod,
		text: "POST call detail records here", header: "Allow", value: "GET, HEAD, POST",
	}
	// It sends the records again until its receiver URI has the secret.
	answerUnauthorized = answer{
		status: http.StatusUnauthorized, outcome: "unauthorized", cause: causeUnauthorized,
		text: "the query parameter secret is missing or wrong",
	}
	// It sends them again until its network is allowed.
	answerForbidden = answer{
		status: http.StatusForbidden, outcome: "forbidden", cause: causeForbidden,
		text: "this address is in none of allowed_networks",
	}
	// It sends them again until http::max_request_body_size is raised.
	answerTooLarge = answer{
		status: http.StatusRequestEntityTooLarge, outcome: "too_large", cause: causeTooLarge,
		text: "the document is larger than http::max_request_body_size",
	}
	// It keeps the records and sends them again. Why is in the collector's log
	// and none of the sender's business. Retry-After, in seconds, is a courtesy:
	// Meeting Server has a pace of its own.
	answerRefused = answer{
		status: http.StatusServiceUnavailable, outcome: "refused",
		text: "the pipelines cannot take records now", header: "Retry-After", value: "5",
	}
)

// answerUnfinished: a part of the document is committed and saved. Meeting Server
// sends it again, and the rest is taken then.
var answerUnfinished = answer{
	status: http.StatusServiceUnavailable, outcome: "unfinished",
	text: "the document is not taken whole yet: send it again", header: "Retry-After", value: "1",
}

// answerNotSaved: the pipelines have the records, and a crash would forget that.
// Meeting Server sends them again until they are saved.
var answerNotSaved = answer{
	status: http.StatusServiceUnavailable, outcome: "not_saved",
	text: "the records cannot be saved now", header: "Retry-After", value: "5",
}

// answerNoMemory: other documents take the memory that bodies may have, or open calls
// that of all sessions. Meeting Server sends the records again.
func answerNoMemory(err error) answer {
	return answer{
		status: http.StatusServiceUnavailable, outcome: "no_memory", cause: causeNoMemory,
		text: "too much is being received now", detail: err.Error(), header: "Retry-After", value: "5",
	}
}

// answerTruncated: the body broke off; Meeting Server sends it again.
func answerTruncated(err error) answer {
	return answer{
		status: http.StatusBadRequest, outcome: "truncated", cause: causeTruncated,
		text: fmt.Sprintf("the body was cut short: %v", err), detail: err.Error(),
	}
}

// answerNotCDR: no Call Bridge sent this.
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
