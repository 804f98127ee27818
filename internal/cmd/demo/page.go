package main

import (
	"fmt"
	"io"
	"os"
	"strings"
	"unicode/utf8"

	"golang.org/x/term"
)

// columns is the width of a page in characters.
const columns = 100

// page prints lines, in colour on a terminal. It wraps only between clauses, so a line with
// a long clause can be wider than columns.
type page struct {
	out    io.Writer
	colour bool
}

// newPage returns a page that uses colour if out is a terminal and NO_COLOR is unset
// or empty (https://no-color.org).
func newPage(out io.Writer) *page {
	file, ok := out.(*os.File)
	return &page{out: out, colour: ok && os.Getenv("NO_COLOR") == "" && term.IsTerminal(int(file.Fd()))}
}

// textStyle is the escape sequence of a colour or a weight.
type textStyle string

const (
	plain  textStyle = ""
	bold   textStyle = "\x1b[1m"
	faint  textStyle = "\x1b[2m"
	red    textStyle = "\x1b[31m"
	yellow textStyle = "\x1b[33m"
	reset  textStyle = "\x1b[0m"
)

// line prints a line without the spaces at its end.
func (p *page) line(style textStyle, text string) {
	text = strings.TrimRight(text, " ")
	if p.colour && style != plain {
		text = string(style) + text + string(reset)
	}
	fmt.Fprintln(p.out, text)
}

// wrapped prints the clauses after the head. Clauses that do not fit continue on further
// lines that begin with next, which is as wide as the head.
func (p *page) wrapped(style textStyle, head, next string, clauses []string) {
	line, empty := head, true
	for i, clause := range clauses {
		if i < len(clauses)-1 {
			clause += ","
		}
		if !empty && width(line)+1+width(clause) > columns {
			p.line(style, line)
			line, empty = next, true
		}
		if !empty {
			line += " "
		}
		line, empty = line+clause, false
	}
	p.line(style, line)
}

// width returns the width of a text in columns. It counts each character as one column.
func width(text string) int { return utf8.RuneCountInString(text) }

// padded returns the text with spaces up to a width.
func padded(text string, to int) string {
	return text + strings.Repeat(" ", max(0, to-width(text)))
}
