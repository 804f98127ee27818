// Package printed formats telemetry as text. Tests compare it with the text in scenario
// files, and the demonstration writes it to files.
package printed
