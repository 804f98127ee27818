package main

import "path/filepath"

// variant is a receiver with the configuration with which it is measured.
type variant struct {
	name string
	// receiver is the configuration of the receiver, in which %s is the address to listen on.
	// configs are further configurations of its collector.
	receiver string
	configs  []string
	endpoint endpoint // without the address
	// encoding selects the OTLP requests of a run; nil if the receiver gets CDR documents.
	encoding func(*encodedDocuments) [][]request
}

// variants returns the receivers to compare. Each is compared with the first. Their
// storage and the certificate are in the folder. sink is the URL to export to.
func variants(folder, sink string) ([]variant, error) {
	cdr := endpoint{contentType: "application/xml"}
	cdrOverTLS := cdr
	cdrOverTLS.secure = true
	tlsConfig, err := writeTLSConfig(folder)
	if err != nil {
		return nil, err
	}
	nop := nopConfig("cms_cdr")
	return []variant{
		{name: "cms_cdr", receiver: cdrReceiver, configs: []string{nop}, endpoint: cdr},
		otlp("otlp, protobuf, logs", "application/x-protobuf", func(d *encodedDocuments) [][]request { return d.protobuf.logs }),
		otlp("otlp, protobuf, logs and traces", "application/x-protobuf", func(d *encodedDocuments) [][]request { return d.protobuf.all }),
		otlp("otlp, JSON, logs", "application/json", func(d *encodedDocuments) [][]request { return d.json.logs }),
		otlp("otlp, JSON, logs and traces", "application/json", func(d *encodedDocuments) [][]request { return d.json.all }),
		{name: "cms_cdr, TLS", receiver: cdrReceiver, configs: []string{nop, tlsConfig}, endpoint: cdrOverTLS},
		{
			name: "cms_cdr, file_storage", receiver: cdrReceiver, endpoint: cdr,
			configs: []string{nop, storageConfig(filepath.Join(folder, "storage"), false)},
		},
		{
			name: "cms_cdr, file_storage with fsync", receiver: cdrReceiver, endpoint: cdr,
			configs: []string{nop, storageConfig(filepath.Join(folder, "fsync"), true)},
		},
		{
			name: "cms_cdr, exporting as in durable.yaml", receiver: cdrReceiver, endpoint: cdr,
			configs: []string{storageConfig(filepath.Join(folder, "durable"), true), storedQueueConfig(sink)},
		},
	}, nil
}

// otlp returns a variant of the collector's own OTLP receiver, which gets the requests
// that encoding selects.
func otlp(name, contentType string, encoding func(*encodedDocuments) [][]request) variant {
	return variant{
		name: name, receiver: otlpReceiver, configs: []string{nopConfig("otlp")},
		endpoint: endpoint{contentType: contentType}, encoding: encoding,
	}
}
