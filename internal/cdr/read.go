package cdr

import (
	"fmt"
	"strings"
)

// readRecord parses the record whose start tag was scanned last.
func (d *Document) readRecord(start int) error {
	r, t := &d.record, &d.tree
	incomplete := d.readHeader(start)
	body, wantedElement := d.bodies.empty(r.Type)
	t.begin(wantedElement)
	if !t.read(&d.scan) {
		err := d.syntaxError(d.number)
		d.resume(start)
		return err
	}
	if incomplete != nil {
		return incomplete
	}
	if size := d.scan.pos - start; size > MaxRecord {
		return d.problem(start, fmt.Sprintf("a record of %d bytes, and %d are the most,", size, MaxRecord))
	}
	r.Element, r.Body, r.Raw = t.name, body, d.scan.src[start:d.scan.pos]
	r.Nodes, r.inside = t.nodes, t.to-t.from
	r.fill()
	if body != nil && r.ID == "" {
		return d.missing(start, wantedElement+" id")
	}
	if len(r.ID) > MaxID {
		return d.unreadable(start, wantedElement+" id", r.ID)
	}
	d.Replaced = d.scan.replaced
	return nil
}

// readHeader parses the attributes of <record>. Those that identify and date the
// record are required; other attributes with invalid values are kept as unknown ones.
func (d *Document) readHeader(start int) error {
	r := &d.record
	*r = Record{Attributes: r.Attributes[:0]}
	var moment, correlator string
	for _, a := range d.scan.attributes {
		known := true
		switch a.Name {
		case "type":
			r.Type = strings.TrimSpace(a.Value)
		case "time":
			moment = strings.TrimSpace(a.Value)
		case "correlatorIndex":
			correlator = strings.TrimSpace(a.Value)
		case "recordIndex":
			known = setCount(&r.Index, a.Value)
		case "numPreceedingRecordsMissing", "numPrecedingRecordsMissing":
			known = setCount(&r.PrecedingMissing, a.Value)
		default:
			known = false
		}
		if !known {
			r.Attributes = append(r.Attributes, a)
		}
	}
	r.CorrelatorIndex, d.legible = decimal(correlator)
	var ok bool
	switch r.Time, ok = instant(moment); {
	case r.Type == "":
		return d.missing(start, "type")
	case !ok:
		return d.unreadable(start, "time", moment)
	case !d.legible:
		return d.unreadable(start, "correlatorIndex", correlator)
	}
	return nil
}

// recordIndex returns the correlatorIndex of a record's start tag with a syntax error
// behind it. A repeated correlatorIndex is ignored.
func (s *scanner) recordIndex() (index uint64, legible bool) {
	if !beginsWith(s.src[s.start:], "<"+recordElement) || s.err.Problem == duplicate {
		return 0, false
	}
	for _, a := range s.attributes {
		if a.Name == "correlatorIndex" {
			return decimal(a.Value)
		}
	}
	return 0, false
}

func setCount(to *Optional[uint64], text string) bool {
	n, ok := decimal(text)
	if ok {
		*to = Optional[uint64]{Value: n, Present: true}
	}
	return ok
}

// fill sets the record's fields from its nodes.
func (r *Record) fill() {
	for i := 0; i < r.inside; i += 1 + r.Nodes[i].Size {
		n := &r.Nodes[i]
		switch {
		case strings.EqualFold(n.Name, "id"):
			n.Known = setGUID(&r.ID, n)
		case r.Body != nil:
			setField(r.Body, n, r.Nodes[i+1:i+1+n.Size])
		}
	}
}

func (d *Document) missing(start int, field string) error {
	if d.badErr != nil {
		return d.badErr
	}
	return &MissingError{Position: Position{Offset: start, Record: d.number}, Field: field}
}

func (d *Document) unreadable(start int, field, value string) error {
	switch {
	case d.badErr != nil:
		return d.badErr
	case value == "":
		return d.missing(start, field)
	}
	return &ValueError{
		Position: Position{Offset: start, Record: d.number},
		Field:    field, Value: excerpt(value),
	}
}
