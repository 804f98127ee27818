package main

import (
	"crypto/x509"
	"encoding/pem"
	"fmt"
	"net/http/httptest"
	"os"
	"path/filepath"
)

// The receivers' configurations, each for an address.
const (
	cdrReceiver  = "receivers: {cms_cdr: {http: {endpoint: '%s'}}}"
	otlpReceiver = "receivers: {otlp: {protocols: {http: {endpoint: '%s'}}}}"
)

const quiet = "telemetry: {logs: {level: warn}, metrics: {level: none}}"

// toNop drops what the receiver emits, so that no exporter is measured.
func toNop(receiver string) string {
	return fmt.Sprintf(`
exporters: {nop: {}}
service:
  %[2]s
  pipelines:
    logs: {receivers: [%[1]s], exporters: [nop]}
    traces: {receivers: [%[1]s], exporters: [nop]}
    metrics: {receivers: [%[1]s], exporters: [nop]}
`, receiver, quiet)
}

// toSink exports the log records and spans of each document before it is answered.
func toSink(url string) string {
	return fmt.Sprintf(`
exporters: {otlp_http: {endpoint: '%s', compression: none, sending_queue: {enabled: false}}}
service:
  %s
  pipelines:
    logs: {receivers: [cms_cdr], exporters: [otlp_http]}
    traces: {receivers: [cms_cdr], exporters: [otlp_http]}
`, url, quiet)
}

// toStoredQueue exports logs and traces through queues on disk, as examples/durable.yaml
// does.
func toStoredQueue(url string) string {
	return fmt.Sprintf(`
exporters:
  nop: {}
  otlp_http:
    endpoint: '%s'
    sending_queue: {storage: file_storage, queue_size: 10000}
    retry_on_failure: {max_elapsed_time: 0}
service:
  %s
  pipelines:
    logs: {receivers: [cms_cdr], exporters: [otlp_http]}
    traces: {receivers: [cms_cdr], exporters: [otlp_http]}
    metrics: {receivers: [cms_cdr], exporters: [nop]}
`, url, quiet)
}

// toTarget exports logs and traces over gRPC with the exporter's defaults.
func toTarget(address string) string {
	return fmt.Sprintf(`
exporters:
  nop: {}
  otlp_grpc: {endpoint: '%s', tls: {insecure: true}}
service:
  %s
  pipelines:
    logs: {receivers: [cms_cdr], exporters: [otlp_grpc]}
    traces: {receivers: [cms_cdr], exporters: [otlp_grpc]}
    metrics: {receivers: [cms_cdr], exporters: [nop]}
`, address, quiet)
}

// withStorage saves the receiver's state in the folder.
func withStorage(folder string, fsync bool) string {
	return fmt.Sprintf(`
receivers: {cms_cdr: {storage: file_storage}}
extensions: {file_storage: {directory: '%s', create_directory: true, fsync: %t}}
service: {extensions: [file_storage]}
`, folder, fsync)
}

// serveTLS writes the certificate of Go's test server into the folder, and returns the
// configuration that serves it.
func serveTLS(folder string) (string, error) {
	server := httptest.NewTLSServer(nil)
	certificate := server.TLS.Certificates[0]
	server.Close()
	key, err := x509.MarshalPKCS8PrivateKey(certificate.PrivateKey)
	if err != nil {
		return "", err
	}
	certFile, keyFile := filepath.Join(folder, "cert.pem"), filepath.Join(folder, "key.pem")
	for file, block := range map[string]*pem.Block{
		certFile: {Type: "CERTIFICATE", Bytes: certificate.Certificate[0]}, keyFile: {Type: "PRIVATE KEY", Bytes: key},
	} {
		if err := os.WriteFile(file, pem.EncodeToMemory(block), 0o600); err != nil {
			return "", err
		}
	}
	return fmt.Sprintf("receivers: {cms_cdr: {http: {tls: {cert_file: '%s', key_file: '%s'}}}}", certFile, keyFile), nil
}
