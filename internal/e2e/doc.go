// Package e2e has the end-to-end tests. They run the collector that make build
// builds, with its real storage and exporters, against programs on the loopback
// interface, such as a real Jaeger, Loki and Prometheus. Environment variables name
// the programs; make e2e sets them. A test whose program is not named is skipped.
package e2e
