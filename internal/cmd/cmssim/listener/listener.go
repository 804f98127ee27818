// Package listener is a receiver for tests: it answers as it is told to, and reads what it gets with
// encoding/xml and nothing of cmssim's own.
package listener

import (
	"errors"
	"io"
	"net/http"
	"net/http/httptest"
	"slices"
	"sync"
)

// The answers that are no status.
const (
	Lost        = -1 // the document arrives, its answer does not
	Unreachable = -2 // the document does not arrive either
)

// Listener keeps all documents that arrive. It is a handler for a server, and a transport for a client that
// does without one.
type Listener struct {
	// Answer decides on the n-th POST, counted from 0; nil says 200 to all. It is called with a lock held.
	Answer func(n int, uri string) int
	// During is called, if set, while a POST is in the air.
	During func()

	mu        sync.Mutex
	posts     int
	flying    map[string]int
	overlaps  int
	documents []Document
	read      int // how many of them are
}

var errNoAnswer = errors.New("no answer")

// RoundTrip answers a POST without a network.
func (l *Listener) RoundTrip(r *http.Request) (*http.Response, error) {
	response, status := httptest.NewRecorder(), l.take(r)
	if status < 0 {
		return nil, errNoAnswer
	}
	response.WriteHeader(status)
	return response.Result(), nil
}

// ServeHTTP answers a POST; one that is to get no answer has its connection cut.
func (l *Listener) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	status := l.take(r)
	if status < 0 {
		panic(http.ErrAbortHandler)
	}
	w.WriteHeader(status)
}

// Documents are what arrived so far. They are read only when somebody asks.
func (l *Listener) Documents() []Document {
	l.mu.Lock()
	defer l.mu.Unlock()
	for ; l.read < len(l.documents); l.read++ {
		l.documents[l.read].parse()
	}
	return slices.Clone(l.documents)
}

// Overlaps is how often a POST came while another one to the same URI was in the air.
func (l *Listener) Overlaps() int {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.overlaps
}

func (l *Listener) take(r *http.Request) int {
	uri := r.URL.RequestURI()
	status := l.lift(uri)
	defer l.land(uri)
	raw, err := io.ReadAll(r.Body)
	if l.During != nil {
		l.During()
	}
	if status == Unreachable {
		return status
	}
	d := Document{URI: uri, ContentType: r.Header.Get("Content-Type"), Status: status, Raw: raw}
	if err != nil || r.ContentLength != int64(len(raw)) {
		d.Err = errors.Join(err, errors.New("Content-Length is wrong or missing"))
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	l.documents = append(l.documents, d)
	return status
}

func (l *Listener) lift(uri string) int {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.flying == nil {
		l.flying = map[string]int{}
	}
	if l.flying[uri] > 0 {
		l.overlaps++
	}
	l.flying[uri]++
	l.posts++
	if l.Answer == nil {
		return http.StatusOK
	}
	return l.Answer(l.posts-1, uri)
}

func (l *Listener) land(uri string) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.flying[uri]--
}
