package main

import (
	"crypto/x509"
	"encoding/pem"
	"fmt"
	"net/http/httptest"
	"os"
	"path/filepath"
)

// The configurations of the receivers. %s is the address to listen on.
const (
	cdrReceiver  = "receivers: {cms_cdr: {http: {endpoint: '%s'}}}"
	otlpReceiver = "receivers: {otlp: {protocols: {http: {endpoint: '%s'}}}}"
)

// quiet configures the collector's own telemetry: logs from warnings up, and no metrics.
const quiet = "telemetry: {logs: {level: warn}, metrics: {level: none}}"

// nopConfig returns a configuration that discards what the receiver emits, so that no
// exporter is measured.
func nopConfig(receiver string) string {
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

// exportConfig returns a configuration that exports the log records and spans of each
// document to the URL before the document is answered.
func exportConfig(url string) string {
	return fmt.Sprintf(`
exporters: {otlp_http: {endpoint: '%s', compression: none, sending_queue: {enabled: false}}}
service:
  %s
  pipelines:
    logs: {receivers: [cms_cdr], exporters: [otlp_http]}
    traces: {receivers: [cms_cdr], exporters: [otlp_http]}
`, url, quiet)
}

// storedQueueConfig returns a configuration that exports logs and traces to the URL
// through queues on disk, with the queue settings of examples/durable.yaml. It needs
// storageConfig, which configures file_storage.
func storedQueueConfig(url string) string {
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

// grpcConfig returns a configuration that exports logs and traces to the address over
// gRPC, with the defaults of the exporter.
func grpcConfig(address string) string {
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

// storageConfig returns a configuration that saves the receiver's state in the folder.
func storageConfig(folder string, fsync bool) string {
	return fmt.Sprintf(`
receivers: {cms_cdr: {storage: file_storage}}
extensions: {file_storage: {directory: '%s', create_directory: true, fsync: %t}}
service: {extensions: [file_storage]}
`, folder, fsync)
}

// writeTLSConfig writes the certificate of Go's test server and its key into the folder,
// and returns a configuration with which the receiver serves TLS with them.
func writeTLSConfig(folder string) (string, error) {
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
