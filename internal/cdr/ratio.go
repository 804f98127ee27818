package cdr

import (
	"math"
	"strconv"
)

// Ratio converts a percentage to the exact decimal ratio: 48.7 % is 0.487, where a
// division by 100 returns 0.48700000000000004.
func Ratio(percentage float64) float64 {
	// A percentage with at most three decimals is n thousandths. A float64 holds n and
	// 100,000 exactly, so their quotient is the float64 nearest to the ratio. From 1e15 on,
	// n has 16 digits or more, and several n can give the same percentage.
	if n := math.Round(percentage * 1000); math.Abs(n) < 1e15 && n/1000 == percentage {
		return n / 100_000
	}
	var digits [64]byte
	text := append(strconv.AppendFloat(digits[:0], percentage, 'f', -1, 64), "e-2"...)
	ratio, _ := strconv.ParseFloat(string(text), 64) // a formatted number can be parsed
	return ratio
}
