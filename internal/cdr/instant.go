package cdr

import (
	"strings"
	"time"
)

// Limits of the length of an RFC 3339 time in bytes. maxTimeLength allows for many
// digits in the fraction of a second.
const (
	minTimeLength = len("2006-01-02T15:04:05Z")
	maxTimeLength = 64
)

// instant parses an RFC 3339 time of the years 1970 to 2261, whose nanoseconds since
// 1970 fit in an int64. An offset may lack its colon, and a second may be 60, which is
// the first one of the next minute. The length is checked first, because time.Parse
// copies a text that it cannot parse into its error.
func instant(s string) (time.Time, bool) {
	if len(s) < minTimeLength || len(s) > maxTimeLength {
		return time.Time{}, false
	}
	s, leap := normalize(s)
	t, err := time.Parse(time.RFC3339, s)
	t = t.UTC().Add(leap)
	return t, err == nil && t.Year() >= 1970 && t.Year() < 2262
}

// normalize returns the time in the form that time.Parse accepts, and the leap second
// to add.
func normalize(s string) (string, time.Duration) {
	const seconds, zone = len("2006-01-02T15:04:"), len("+0200")
	var leap time.Duration
	if s[seconds-1] == ':' && s[seconds:seconds+2] == "60" {
		s, leap = s[:seconds]+"59"+s[seconds+2:], time.Second
	}
	if sign := len(s) - zone; s[sign] == '+' || s[sign] == '-' {
		s = s[:sign+3] + ":" + s[sign+3:]
	}
	if strings.ContainsAny(s, "tz") {
		s = strings.ToUpper(s)
	}
	return s, leap
}
