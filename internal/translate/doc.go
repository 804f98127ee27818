// Package translate creates log records for CDR records, observations and snapshots, and
// spans for closed entities and ended meetings, with the names in docs/telemetry.md. It
// distributes them to payloads of limited size, because targets refuse large ones. It has no
// state beyond one transaction.
package translate
