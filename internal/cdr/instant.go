package cdr

import (
	"strings"
	"time"
)

// Lengths of RFC 3339 times: the shortest, and more than the longest.
const (
	shortest = len("2006-01-02T15:04:05Z")
	longest  = 64
)

// instant parses an RFC 3339 time. An offset may lack its colon, and a second may be
// 60, which is the first one of the next minute. The length is checked first, because
// the error of a failed parse would keep the text.
func instant(s string) (time.Time, bool) {
	if len(s) < shortest || len(s) > longest {
		return time.Time{}, false
	}
	s, leap := plain(s)
	t, err := time.Parse(time.RFC3339, s)
	t = t.UTC().Add(leap)
	return t, err == nil && t.Year() >= 1970 && t.Year() < 2262
}

// plain returns the time as Go can parse it, and the leap second to add.
func plain(s string) (string, time.Duration) {
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
