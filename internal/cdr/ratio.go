package cdr

import "strconv"

// Ratio converts a percentage to the exact decimal ratio: 48.7 % is 0.487, where a
// division by 100 returns 0.48700000000000004.
func Ratio(percentage float64) float64 {
	var digits [64]byte
	text := append(strconv.AppendFloat(digits[:0], percentage, 'f', -1, 64), "e-2"...)
	ratio, _ := strconv.ParseFloat(string(text), 64) // a formatted number can be parsed
	return ratio
}
