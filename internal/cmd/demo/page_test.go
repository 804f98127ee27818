package main

import (
	"bytes"
	"os"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

// TestWrapped checks that clauses that do not fit continue on the next line, and that a
// clause is never divided.
func TestWrapped(t *testing.T) {
	var out bytes.Buffer
	p := newPage(&out)
	fifty := strings.Repeat("x", 50)
	p.wrapped(red, "head ", "     ", []string{fifty, "ü" + fifty[9:], "short", strings.Repeat("y", 101), "end"})
	require.Equal(t, []string{
		"head " + fifty + ", ü" + fifty[9:] + ",", // 100 columns, more bytes
		"     short,",
		"     " + strings.Repeat("y", 101) + ",",
		"     end", "",
	}, strings.Split(out.String(), "\n"))
	require.Equal(t, columns, width(strings.SplitN(out.String(), "\n", 2)[0]))
}

// TestColour checks that a coloured line ends with the reset of the colour, and that a file
// and a device that is not a terminal get no colour.
func TestColour(t *testing.T) {
	var out bytes.Buffer
	(&page{out: &out, colour: true}).line(red, "lost  ")
	require.Equal(t, "\x1b[31mlost\x1b[0m\n", out.String())

	file, err := os.Create(t.TempDir() + "/out")
	require.NoError(t, err)
	defer file.Close()
	require.False(t, newPage(file).colour)
	null, err := os.OpenFile(os.DevNull, os.O_WRONLY, 0)
	require.NoError(t, err)
	defer null.Close()
	require.False(t, newPage(null).colour, "a device that is not a terminal")
}
