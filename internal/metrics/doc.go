// Package metrics counts the records and entities of each source, and returns all series
// on demand. An Aggregator holds the sources. The receiver counts each transaction in
// a Stage, and commits the Stage with the transaction.
package metrics
