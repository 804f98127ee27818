package main

import (
	"fmt"
	"io"
	"slices"
	"time"
)

// spread is the minimum, the median and the maximum of values.
type spread struct{ minimum, median, maximum float64 }

func spreadOf(values []float64) spread {
	sorted := slices.Sorted(slices.Values(values))
	middle := len(sorted) / 2
	median := sorted[middle]
	if len(sorted)%2 == 0 {
		median = (sorted[middle-1] + sorted[middle]) / 2
	}
	return spread{sorted[0], median, sorted[len(sorted)-1]}
}

// result holds the costs of a record at one peer, by round.
type result struct {
	name  string
	costs []cost
}

// ratios returns the processor time of other divided by that of first. It compares within
// each round, because the speed of a machine changes between rounds.
func ratios(first, other []cost) spread {
	var values []float64
	for i := range first {
		values = append(values, float64(other[i].processor)/float64(first[i].processor))
	}
	return spreadOf(values)
}

// rates returns records per second.
func rates(costs []cost) spread {
	var values []float64
	for _, c := range costs {
		values = append(values, float64(time.Second)/float64(c.elapsed))
	}
	return spreadOf(values)
}

// processorTimes returns microseconds per record.
func processorTimes(costs []cost) spread {
	var values []float64
	for _, c := range costs {
		values = append(values, float64(c.processor)/float64(time.Microsecond))
	}
	return spreadOf(values)
}

const tableHead = `| records per document | receiver | ratio of processor time | processor time per record, µs | records/s |
| --- | --- | --- | --- | --- |
`

// report prints the rows of a Markdown table for one size of documents. Each value is a
// median with the minimum and the maximum.
func report(out io.Writer, perDocument int, results []result) {
	for _, r := range results {
		ratio, processor, rate := ratios(results[0].costs, r.costs), processorTimes(r.costs), rates(r.costs)
		fmt.Fprintf(out, "| %d | %s | %.2f (%.2f to %.2f) | %.1f (%.1f to %.1f) | %.0f (%.0f to %.0f) |\n", perDocument, r.name,
			ratio.median, ratio.minimum, ratio.maximum, processor.median, processor.minimum, processor.maximum, rate.median, rate.minimum, rate.maximum)
	}
}
