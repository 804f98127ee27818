package main

import (
	"fmt"
	"io"
	"os"
	"strings"
	"unicode/utf8"

	"golang.org/x/term"
)

// columns is the width of a page, which fits a usual terminal.
const columns = 100

// page prints lines of at most that width, in colour on a terminal.
type page struct {
	out    io.Writer
	colour bool
}

// newPage returns a page that uses colour if out is a terminal and NO_COLOR is not
// set (https://no-color.org).
func newPage(out io.Writer) *page {
	file, ok := out.(*os.File)
	return &page{out: out, colour: ok && os.Getenv("NO_COLOR") == "" && term.IsTerminal(int(file.Fd()))}
}

// ink is the escape sequence of a colour.
type ink string

const (
	plain  ink = ""
	bold   ink = "\x1b[1m"
	faint  ink = "\x1b[2m"
	red    ink = "\x1b[31m"
	yellow ink = "\x1b[33m"
	reset  ink = "\x1b[0m"
)

func (p *page) line(with ink, text string) {
	text = strings.TrimRight(text, " ")
	if p.colour && with != plain {
		text = string(with) + text + string(reset)
	}
	fmt.Fprintln(p.out, text)
}

// folded prints the clauses after the head. Clauses that do not fit continue on
// further lines after next, which is as wide as the head.
func (p *page) folded(with ink, head, next string, clauses []string) {
	line, empty := head, true
	for i, clause := range clauses {
		if i < len(clauses)-1 {
			clause += ","
		}
		if !empty && width(line)+1+width(clause) > columns {
			p.line(with, line)
			line, empty = next, true
		}
		if !empty {
			line += " "
		}
		line, empty = line+clause, false
	}
	p.line(with, line)
}

func width(text string) int { return utf8.RuneCountInString(text) }

// padded returns the text with spaces up to that width.
func padded(text string, to int) string {
	return text + strings.Repeat(" ", max(0, to-width(text)))
}
