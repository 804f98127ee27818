// Package printed formats telemetry as text. Tests compare it with the text in scenario
// files, and the demonstration shows it on a terminal.
package printed
