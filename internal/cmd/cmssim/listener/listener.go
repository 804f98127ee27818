// Package listener is the receiver in the tests of the simulator. Tests choose its answers. It parses documents
// with encoding/xml, so that tests check what package wire writes.
package listener

import (
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"slices"
	"sync"
)

// The results of Listener.Answer that are not a status.
const (
	AnswerLost  = -1 // the document is received, but the answer is lost
	Unreachable = -2 // the document is not received
)

// Listener keeps all documents that it receives. It is the handler of a server, or the transport of a client without
// a network. It is safe for concurrent use.
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

// Documents returns the documents that were received so far. It parses them here and not on receipt, so that a run
// does not take longer.
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
		d.Err = errors.Join(err, fmt.Errorf("Content-Length is %d, but the body has %d bytes", r.ContentLength, len(raw)))
	}
	l.documents = append(l.documents, d)
	return status
}
