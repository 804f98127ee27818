package main

import (
	"fmt"
	"io"
	"slices"
	"time"
)

// spread is the least, the median and the most of what rounds found.
type spread struct{ least, median, most float64 }

func spreadOf(values []float64) spread {
	sorted := slices.Sorted(slices.Values(values))
	middle := len(sorted) / 2
	median := sorted[middle]
	if len(sorted)%2 == 0 {
		median = (sorted[middle-1] + sorted[middle]) / 2
	}
	return spread{sorted[0], median, sorted[len(sorted)-1]}
}

// found are the costs of one peer, round by round.
type found struct {
	name  string
	costs []cost
}

// ratios compare processor time within each round: above 1 the other takes more than
// the first. Rounds are minutes apart, and the speed of a machine changes.
func ratios(first, other []cost) spread {
	var all []float64
	for i := range first {
		all = append(all, float64(other[i].processor)/float64(first[i].processor))
	}
	return spreadOf(all)
}

func rates(costs []cost) spread {
	var all []float64
	for _, of := range costs {
		all = append(all, float64(time.Second)/float64(of.elapsed))
	}
	return spreadOf(all)
}

func processorTimes(costs []cost) spread {
	var all []float64
	for _, of := range costs {
		all = append(all, float64(of.processor)/float64(time.Microsecond))
	}
	return spreadOf(all)
}

const tableHead = `| records a document | receiver | ratio of processor time | processor time a record, µs | records/s |
| --- | --- | --- | --- | --- |
`

// report prints the lines of one size as a part of a Markdown table.
func report(out io.Writer, size int, all []found) {
	for _, of := range all {
		ratio, processor, rate := ratios(all[0].costs, of.costs), processorTimes(of.costs), rates(of.costs)
		fmt.Fprintf(out, "| %d | %s | %.2f (%.2f to %.2f) | %.1f (%.1f to %.1f) | %.0f (%.0f to %.0f) |\n", size, of.name,
			ratio.median, ratio.least, ratio.most, processor.median, processor.least, processor.most, rate.median, rate.least, rate.most)
	}
}
