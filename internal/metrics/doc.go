// Package metrics counts what records and ended calls and legs say, for each
// source, and gives all series of all sources on demand.
package metrics
