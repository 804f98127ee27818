package main

import (
	"math"
	"regexp"
	"strconv"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

// rule matches the selectors and the fill colour of a CSS rule.
var rule = regexp.MustCompile(`(?:^|[\s}])([a-z.]+(?:, [a-z.]+)*) \{[^}]*fill: (#[0-9a-f]{6})`)

// fills stores the fill colour of each selector of a style in colours. A later rule
// overrides an earlier one.
func fills(css string, colours map[string]string) {
	for _, found := range rule.FindAllStringSubmatch(css, -1) {
		for selector := range strings.SplitSeq(found[1], ", ") {
			colours[selector] = found[2]
		}
	}
}

// contrast returns the contrast of two colours as the Web Content Accessibility
// Guidelines define it.
func contrast(t *testing.T, a, b string) float64 {
	lighter, darker := luminance(t, a), luminance(t, b)
	if lighter < darker {
		lighter, darker = darker, lighter
	}
	return (lighter + 0.05) / (darker + 0.05)
}

func luminance(t *testing.T, colour string) (sum float64) {
	for i, weight := range []float64{0.2126, 0.7152, 0.0722} {
		part, err := strconv.ParseUint(colour[1+2*i:3+2*i], 16, 8)
		require.NoError(t, err, colour)
		share := float64(part) / 255
		if share <= 0.04045 {
			sum += weight * share / 12.92
		} else {
			sum += weight * math.Pow((share+0.055)/1.055, 2.4)
		}
	}
	return sum
}

// TestContrast checks that text and bars have the contrast with the background that
// the guidelines require, in light and dark.
func TestContrast(t *testing.T) {
	light, dark, found := strings.Cut(style, "@media (prefers-color-scheme: dark)")
	require.True(t, found)
	for scheme, css := range map[string][]string{"light": {light}, "dark": {light, dark}} {
		colours := map[string]string{}
		for _, part := range css {
			fills(part, colours)
		}
		require.Len(t, colours, 10, scheme)
		require.Equal(t, colours[".paper"], colours[".wait"], "%s: waiting is not drawn in the colour of the background", scheme)
		for selector, colour := range colours {
			switch {
			case selector == ".paper" || selector == ".wait":
			case strings.HasPrefix(selector, "text") || selector == ".small":
				require.Greater(t, contrast(t, colour, colours[".paper"]), 4.5, "%s: %s", scheme, selector)
			default:
				require.Greater(t, contrast(t, colour, colours[".paper"]), 3.0, "%s: %s", scheme, selector)
			}
		}
	}
}
