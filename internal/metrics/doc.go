// Package metrics counts records and the ended calls and legs of each source, and
// returns all series on demand. An Aggregator holds the sources; package receiver
// counts a transaction in a Stage, and commits it with the transaction.
package metrics
