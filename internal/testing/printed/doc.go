// Package printed shows telemetry as text that a person reads: in scenario
// files, where it is compared, and on a terminal.
package printed
