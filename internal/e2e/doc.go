// Package e2e has the end-to-end tests. They run the collector that make build builds, with
// its storage and exporters, and with real programs such as Jaeger, Loki and Prometheus on
// the loopback interface. Environment variables have the paths of the programs; make e2e
// sets them. A test without its program is skipped.
package e2e
