package main

import "path/filepath"

// variant is a receiver with the configuration that it is measured with.
type variant struct {
	name, receiver string
	configs        []string
	endpoint       endpoint // its address is not known yet
	encoding       func(*encodedDocuments) [][]request
}

// variants returns the receivers to compare; the others are compared with the first.
// Their storage and the certificate are in the folder, the sink takes exports.
func variants(folder, sink string) ([]variant, error) {
	cdr := endpoint{contentType: "application/xml"}
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
		otlp("otlp, protobuf, logs", "application/x-protobuf", func(d *encodedDocuments) [][]request { return d.protobuf.logs }),
		otlp("otlp, protobuf, logs and traces", "application/x-protobuf", func(d *encodedDocuments) [][]request { return d.protobuf.all }),
		otlp("otlp, JSON, logs", "application/json", func(d *encodedDocuments) [][]request { return d.json.logs }),
		otlp("otlp, JSON, logs and traces", "application/json", func(d *encodedDocuments) [][]request { return d.json.all }),
	}, nil
}

// otlp is the collector's own receiver with requests of that encoding.
func otlp(name, contentType string, encoding func(*encodedDocuments) [][]request) variant {
	return variant{
		name: name, receiver: otlpReceiver, configs: []string{toNop("otlp")},
		endpoint: endpoint{contentType: contentType}, encoding: encoding,
	}
}
