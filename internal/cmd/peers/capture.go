package main

import (
	"context"

	"go.opentelemetry.io/collector/pdata/plog"
	"go.opentelemetry.io/collector/pdata/plog/plogotlp"
	"go.opentelemetry.io/collector/pdata/ptrace"
	"go.opentelemetry.io/collector/pdata/ptrace/ptraceotlp"

	"github.com/cmscdr/cmscdrreceiver/internal/testing/otlpsink"
)

// encodedDocuments holds what the receiver emits for documents, as OTLP requests in two
// encodings.
type encodedDocuments struct{ protobuf, json encodedRequests }

// encodedRequests are the OTLP requests of one encoding, by Call Bridge and in the order of
// the documents: logs has the requests with log records, all has those and the requests
// with spans.
type encodedRequests struct{ logs, all [][]request }

// add adds the requests of a document. The first of them has the log records.
func (e *encodedRequests) add(callBridge int, requests []request) {
	e.logs[callBridge] = append(e.logs[callBridge], requests[0])
	e.all[callBridge] = append(e.all[callBridge], requests...)
}

// capture posts the documents to the receiver and returns what it exports for each, so
// that the OTLP receiver gets the same content.
func capture(ctx context.Context, binary string, documents [][]request) (encoded encodedDocuments, err error) {
	// The exporter has no queue, so the sink sets these before the document is answered.
	var logs plog.Logs
	var traces []ptrace.Traces
	sink, err := otlpsink.Listen(
		func(_ string, exported plog.Logs) error { logs = exported; return nil },
		func(_ string, exported ptrace.Traces) error { traces = append(traces, exported); return nil },
	)
	if err != nil {
		return encoded, err
	}
	defer sink.Close()
	collector, err := startServer(ctx, binary, cdrReceiver, exportConfig(sink.URL))
	if err != nil {
		return encoded, err
	}
	defer collector.Kill()
	client, err := endpoint{address: collector.address, contentType: "application/xml"}.dial()
	if err != nil {
		return encoded, err
	}
	defer client.connection.Close()
	for _, e := range []*encodedRequests{&encoded.protobuf, &encoded.json} {
		e.logs, e.all = make([][]request, len(documents)), make([][]request, len(documents))
	}
	for i, list := range documents {
		for _, document := range list {
			traces = nil
			if err := client.post(document); err != nil {
				return encoded, err
			}
			protobuf, json, err := encode(logs, traces)
			if err != nil {
				return encoded, err
			}
			encoded.protobuf.add(i, protobuf)
			encoded.json.add(i, json)
		}
	}
	return encoded, nil
}

// encode returns, in both encodings, the request with the log records, followed by those
// with the spans.
func encode(logs plog.Logs, traces []ptrace.Traces) (protobuf, json []request, err error) {
	type exportRequest interface {
		MarshalProto() ([]byte, error)
		MarshalJSON() ([]byte, error)
	}
	add := func(path string, r exportRequest) error {
		inProtobuf, err := r.MarshalProto()
		if err != nil {
			return err
		}
		inJSON, err := r.MarshalJSON()
		protobuf, json = append(protobuf, request{path, inProtobuf}), append(json, request{path, inJSON})
		return err
	}
	err = add("/v1/logs", plogotlp.NewExportRequestFromLogs(logs))
	for i := 0; i < len(traces) && err == nil; i++ {
		err = add("/v1/traces", ptraceotlp.NewExportRequestFromTraces(traces[i]))
	}
	return protobuf, json, err
}
