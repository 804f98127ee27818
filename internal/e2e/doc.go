// Package e2e has tests that run the collector that make build leaves, with its
// real storage and exporters, against programs on the loopback interface. The
// environment variable COLLECTOR names the collector; make e2e sets it.
package e2e
