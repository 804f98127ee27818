package main

import (
	"context"
	"errors"

	"go.opentelemetry.io/collector/pdata/plog"
	"go.opentelemetry.io/collector/pdata/plog/plogotlp"
	"go.opentelemetry.io/collector/pdata/ptrace"

	"github.com/cmscdr/cmscdrreceiver/internal/testing/otlpsink"
)

// encodedLogs holds OTLP requests with the log records of documents, by Call Bridge and
// in the order of the documents.
type encodedLogs struct{ protobuf, json [][][]byte }

// capture posts the documents to the receiver and returns the log records that it
// exports, so that all peers receive the same content.
func capture(ctx context.Context, binary string, documents [][][]byte) (encoded encodedLogs, err error) {
	var last plog.Logs // the exporter has no queue: last is set before a document is answered
	sink, err := otlpsink.Listen(
		func(_ string, logs plog.Logs) error { last = logs; return nil },
		func(string, ptrace.Traces) error { return errors.New("no traces are exported") },
	)
	if err != nil {
		return encoded, err
	}
	defer sink.Close()
	collector, err := startServer(ctx, binary, cdrReceiver, toSink(sink.URL))
	if err != nil {
		return encoded, err
	}
	defer collector.Kill()
	client, err := endpoint{address: collector.address, path: "/cdr", contentType: "application/xml"}.dial()
	if err != nil {
		return encoded, err
	}
	defer client.connection.Close()
	encoded = encodedLogs{protobuf: make([][][]byte, len(documents)), json: make([][][]byte, len(documents))}
	for i, list := range documents {
		for _, document := range list {
			if err := client.post(document); err != nil {
				return encoded, err
			}
			request := plogotlp.NewExportRequestFromLogs(last)
			protobuf, err := request.MarshalProto()
			if err != nil {
				return encoded, err
			}
			json, err := request.MarshalJSON()
			if err != nil {
				return encoded, err
			}
			encoded.protobuf[i] = append(encoded.protobuf[i], protobuf)
			encoded.json[i] = append(encoded.json[i], json)
		}
	}
	return encoded, nil
}
