// Package translate creates log records for CDR records and spans for ended entities,
// with the names in docs/telemetry.md, and divides them into payloads of limited size,
// because targets refuse large ones. It has no state beyond one transaction.
package translate
