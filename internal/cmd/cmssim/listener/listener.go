// Package listener is the receiver in the simulator's own tests. It gives scripted answers, and reads documents
// with encoding/xml and without package wire, so that it checks what wire writes.
package listener

import (
	"errors"
	"io"
	"net/http"
	"net/http/httptest"
	"slices"
	"sync"
)

// The answers of Listener.Answer that are no status.
const (
	AnswerLost  = -1 // the document arrives, its answer does not
	Unreachable = -2 // the document does not arrive
)

// Listener keeps all documents that arrive. It is the handler of a server, or the transport of a client that
// uses no network.
type Listener struct {
	// Answer returns the status of the n-th POST, counted from 0. Every answer is 200 if Answer is nil. It is
	// called with a lock held.
	Answer func(n int) int

	mu        sync.Mutex
	posts     int
	documents []Document
	parsed    int // how many of the documents are parsed
}

var errNoAnswer = errors.New("no answer")

// RoundTrip answers a POST without a network.
func (l *Listener) RoundTrip(r *http.Request) (*http.Response, error) {
	status := l.receive(r)
	if status < 0 {
		return nil, errNoAnswer
	}
	response := httptest.NewRecorder()
	response.WriteHeader(status)
	return response.Result(), nil
}

// ServeHTTP answers a POST. It closes the connection of a POST that gets no answer.
func (l *Listener) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	status := l.receive(r)
	if status < 0 {
		panic(http.ErrAbortHandler)
	}
	w.WriteHeader(status)
}

// Documents returns the documents that arrived so far. It parses them, which would cost the run time.
func (l *Listener) Documents() []Document {
	l.mu.Lock()
	defer l.mu.Unlock()
	for ; l.parsed < len(l.documents); l.parsed++ {
		l.documents[l.parsed].parse()
	}
	return slices.Clone(l.documents)
}

func (l *Listener) receive(r *http.Request) int {
	raw, err := io.ReadAll(r.Body)
	l.mu.Lock()
	defer l.mu.Unlock()
	status := http.StatusOK
	if l.Answer != nil {
		status = l.Answer(l.posts)
	}
	l.posts++
	if status == Unreachable {
		return status
	}
	d := Document{URI: r.URL.RequestURI(), ContentType: r.Header.Get("Content-Type"), Raw: raw}
	if err != nil || r.ContentLength != int64(len(raw)) {
		d.Err = errors.Join(err, errors.New("Content-Length is wrong or missing"))
	}
	l.documents = append(l.documents, d)
	return status
}
