package main

import "path/filepath"

// variant is a receiver with the configuration that it is measured with.
type variant struct {
	name, receiver string
	configs        []string
	endpoint       endpoint // its address is not known yet
	encoding       func(*encodedLogs) [][][]byte
}

// variants returns the receivers to compare; the others are compared with the first.
// Their storage and the certificate are in the folder, the sink takes exports.
func variants(folder, sink string) ([]variant, error) {
	cdr := endpoint{path: "/cdr", contentType: "application/xml"}
	secure := cdr
	secure.secure = true
	certificate, err := serveTLS(folder)
	if err != nil {
		return nil, err
	}
	nop := toNop("cms_cdr")
	return []variant{
		{name: "cms_cdr", receiver: cdrReceiver, configs: []string{nop}, endpoint: cdr},
		{name: "cms_cdr, TLS", receiver: cdrReceiver, configs: []string{nop, certificate}, endpoint: secure},
		{
			name: "cms_cdr, file_storage", receiver: cdrReceiver, endpoint: cdr,
			configs: []string{nop, withStorage(filepath.Join(folder, "storage"), false)},
		},
		{
			name: "cms_cdr, file_storage with fsync", receiver: cdrReceiver, endpoint: cdr,
			configs: []string{nop, withStorage(filepath.Join(folder, "fsync"), true)},
		},
		{
			name: "cms_cdr, exporting as in durable.yaml", receiver: cdrReceiver, endpoint: cdr,
			configs: []string{withStorage(filepath.Join(folder, "durable"), true), toStoredQueue(sink)},
		},
		{
			name: "otlp, protobuf", receiver: otlpReceiver, configs: []string{toNop("otlp")},
			endpoint: endpoint{path: "/v1/logs", contentType: "application/x-protobuf"},
			encoding: func(logs *encodedLogs) [][][]byte { return logs.protobuf },
		},
		{
			name: "otlp, JSON", receiver: otlpReceiver, configs: []string{toNop("otlp")},
			endpoint: endpoint{path: "/v1/logs", contentType: "application/json"},
			encoding: func(logs *encodedLogs) [][][]byte { return logs.json },
		},
	}, nil
}
