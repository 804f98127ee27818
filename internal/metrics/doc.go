// Package metrics counts the records and entities of each source, and returns all series
// on demand. An Aggregator holds the sources. A Stage collects
// what a transaction adds to the series of one source. The receiver commits the Stage when
// it commits the transaction.
package metrics
