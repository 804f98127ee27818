package main

import (
	"io"
	"net"
	"net/http"
	"sync"

	"go.opentelemetry.io/collector/pdata/plog"
	"go.opentelemetry.io/collector/pdata/plog/plogotlp"
	"go.opentelemetry.io/collector/pdata/ptrace"
	"go.opentelemetry.io/collector/pdata/ptrace/ptraceotlp"
)

// sink takes OTLP over HTTP and keeps it.
type sink struct {
	url    string
	server *http.Server

	mu     sync.Mutex
	logs   []plog.Logs
	traces []ptrace.Traces
}

func listen() (*sink, error) {
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return nil, err
	}
	s := &sink{url: "http://" + listener.Addr().String()}
	mux := http.NewServeMux()
	mux.HandleFunc("POST /v1/logs", s.take(func(body []byte) error {
		request := plogotlp.NewExportRequest()
		err := request.UnmarshalProto(body)
		s.logs = append(s.logs, request.Logs())
		return err
	}))
	mux.HandleFunc("POST /v1/traces", s.take(func(body []byte) error {
		request := ptraceotlp.NewExportRequest()
		err := request.UnmarshalProto(body)
		s.traces = append(s.traces, request.Traces())
		return err
	}))
	s.server = &http.Server{Handler: mux}
	go func() { _ = s.server.Serve(listener) }()
	return s, nil
}

func (s *sink) take(keep func([]byte) error) http.HandlerFunc {
	return func(w http.ResponseWriter, req *http.Request) {
		body, err := io.ReadAll(req.Body)
		if err == nil {
			s.mu.Lock()
			err = keep(body)
			s.mu.Unlock()
		}
		if err != nil {
			http.Error(w, err.Error(), http.StatusBadRequest)
		}
	}
}

func (s *sink) close() { _ = s.server.Close() }
