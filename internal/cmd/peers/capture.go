package main

import (
	"context"
	"errors"

	"go.opentelemetry.io/collector/pdata/plog"
	"go.opentelemetry.io/collector/pdata/plog/plogotlp"
	"go.opentelemetry.io/collector/pdata/ptrace"

	"github.com/cmscdr/cmscdrreceiver/internal/testing/otlpsink"
)

// encoded are the requests by which an exporter hands on the log records of
// documents, in the order of the documents.
type encoded struct{ protobuf, json [callBridges][][]byte }

// capture lets the receiver make log records of the documents, and returns them as an
// exporter sends them: the same content for the peers.
func capture(ctx context.Context, binary string, documents [callBridges][][]byte) (all encoded, err error) {
	var last plog.Logs // no queue: it is there before a document is answered
	sink, err := otlpsink.Listen(
		func(_ string, logs plog.Logs) error { last = logs; return nil },
		func(string, ptrace.Traces) error { return errors.New("no traces are exported") },
	)
	if err != nil {
		return all, err
	}
	defer sink.Close()
	collector, err := startServer(ctx, binary, cdrReceiver, toSink(sink.URL))
	if err != nil {
		return all, err
	}
	defer collector.Kill()
	for i, list := range documents {
		for _, document := range list {
			if err := postAll(collector.address, cdrPath, cdrType, [][]byte{document}); err != nil {
				return all, err
			}
			request := plogotlp.NewExportRequestFromLogs(last)
			protobuf, err := request.MarshalProto()
			if err != nil {
				return all, err
			}
			json, err := request.MarshalJSON()
			if err != nil {
				return all, err
			}
			all.protobuf[i] = append(all.protobuf[i], protobuf)
			all.json[i] = append(all.json[i], json)
		}
	}
	return all, nil
}
