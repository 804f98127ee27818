// Package e2e has tests that run the collector that make build leaves, with its
// real storage and exporters, against programs on the loopback interface: a real
// Jaeger, Loki and Prometheus among them. Environment variables name the programs,
// COLLECTOR the collector; make e2e sets them. What is not named is not tested.
package e2e
