// Package e2e has the end-to-end tests. Most of them run the collector that make build
// builds, with its storage and exporters, and with real programs such as Jaeger, Loki and
// Prometheus on the loopback interface. Environment variables have the paths of the
// programs; make e2e sets them. The tests TestRelease… test the files of make release in the
// folder RELEASE, which make e2e-release sets. A test without its program or folder is
// skipped.
package e2e
