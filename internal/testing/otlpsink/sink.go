// Package otlpsink receives logs and traces in OTLP over HTTP, for tests, benchmarks and
// the demonstration. Functions of the caller accept or refuse them. It reads only protobuf
// and does not decompress, so exporters need compression: none.
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

// ErrRefusedForNow refuses a request with the status 503, so that an exporter retries it.
// Any other error refuses it permanently, with the status 400.
var ErrRefusedForNow = errors.New("refused for now")

// Sink is an OTLP receiver on a free port of the loopback interface.
type Sink struct {
	// URL is the endpoint to configure in exporters.
	URL    string
	server *http.Server
}

// Listen starts a sink that passes requests to the two functions. The argument name is that in
// URL/<name>/v1/…, which distinguishes exporters; it is empty for URL/v1/…. The functions are
// called concurrently. The caller must call Close.
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
		case errors.Is(err, ErrRefusedForNow):
			http.Error(w, err.Error(), http.StatusServiceUnavailable)
		case err != nil:
			http.Error(w, err.Error(), http.StatusBadRequest)
		}
	}
}

// Close stops the sink.
func (s *Sink) Close() { _ = s.server.Close() }
