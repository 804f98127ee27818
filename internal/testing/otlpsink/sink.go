// Package otlpsink receives logs and traces by OTLP over HTTP, for tests, benchmarks and
// the demonstration. The functions of its caller accept or refuse them.
package otlpsink

import (
	"errors"
	"io"
	"net"
	"net/http"

	"go.opentelemetry.io/collector/pdata/plog"
	"go.opentelemetry.io/collector/pdata/plog/plogotlp"
	"go.opentelemetry.io/collector/pdata/ptrace"
	"go.opentelemetry.io/collector/pdata/ptrace/ptraceotlp"
)

// ErrForNow refuses a request that the exporter then retries. Any other error refuses it
// permanently.
var ErrForNow = errors.New("refused for now")

// Sink is a server on a free port of the loopback interface.
type Sink struct {
	// URL is the endpoint for exporters.
	URL    string
	server *http.Server
}

// Listen starts a sink. Requests below URL/<name>/ are passed on with that name, which
// distinguishes exporters. The functions are called concurrently.
func Listen(logs func(name string, logs plog.Logs) error, traces func(name string, traces ptrace.Traces) error) (*Sink, error) {
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return nil, err
	}
	handleLogs := handle(func(name string, body []byte) error {
		request := plogotlp.NewExportRequest()
		if err := request.UnmarshalProto(body); err != nil {
			return err
		}
		return logs(name, request.Logs())
	})
	handleTraces := handle(func(name string, body []byte) error {
		request := ptraceotlp.NewExportRequest()
		if err := request.UnmarshalProto(body); err != nil {
			return err
		}
		return traces(name, request.Traces())
	})
	mux := http.NewServeMux()
	mux.HandleFunc("POST /v1/logs", handleLogs)
	mux.HandleFunc("POST /{name}/v1/logs", handleLogs)
	mux.HandleFunc("POST /v1/traces", handleTraces)
	mux.HandleFunc("POST /{name}/v1/traces", handleTraces)
	s := &Sink{URL: "http://" + listener.Addr().String(), server: &http.Server{Handler: mux}}
	go func() { _ = s.server.Serve(listener) }()
	return s, nil
}

func handle(consume func(name string, body []byte) error) http.HandlerFunc {
	return func(w http.ResponseWriter, req *http.Request) {
		body, err := io.ReadAll(req.Body)
		if err == nil {
			err = consume(req.PathValue("name"), body)
		}
		switch {
		case errors.Is(err, ErrForNow):
			http.Error(w, err.Error(), http.StatusServiceUnavailable)
		case err != nil:
			http.Error(w, err.Error(), http.StatusBadRequest)
		}
	}
}

// Close stops the sink.
func (s *Sink) Close() { _ = s.server.Close() }
