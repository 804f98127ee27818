package cdr

import (
	"fmt"
	"strings"
)

// readRecord parses the record whose start tag was scanned last.
func (d *Document) readRecord(start int) error {
	r, t := &d.record, &d.tree
	headerErr := d.readHeader(start)
	body, wantedElement := d.bodies.forType(r.Type)
	t.begin(wantedElement)
	if !t.read(&d.scan) {
		err := d.syntaxError(d.recordNumber)
		d.resume(start)
		return err
	}
	if headerErr != nil {
		return headerErr
	}
	// A comma ends these two problems, because SyntaxError adds " in element" after them.
	if size := d.scan.pos - start; size > MaxRecord {
		return d.notAllowed(start, fmt.Sprintf("a record of %d bytes, more than %d,", size, MaxRecord))
	}
	r.Element, r.Body, r.Raw = t.name, body, d.scan.src[start:d.scan.pos]
	r.Nodes, r.elementNodes = t.nodes, t.to-t.from
	r.fill()
	if body != nil && r.ID == "" {
		return d.missing(start, wantedElement+" id")
	}
	if len(r.ID) > MaxID {
		return d.notAllowed(start, fmt.Sprintf("an id of %d bytes, more than %d,", len(r.ID), MaxID))
	}
	d.Replaced = d.scan.replaced
	return nil
}

// readHeader parses the attributes of <record>. type, time and correlatorIndex are
// required. Other attributes are kept in Attributes if the guide does not list them or
// their values cannot be parsed.
func (d *Document) readHeader(start int) error {
	r := &d.record
	*r = Record{Attributes: r.Attributes[:0]}
	var eventTime, correlator string
	for _, a := range d.scan.attributes {
		listed := true
		switch a.Name {
		case "type":
			r.Type = strings.TrimSpace(a.Value)
		case "time":
			eventTime = strings.TrimSpace(a.Value)
		case "correlatorIndex":
			correlator = strings.TrimSpace(a.Value)
		case "recordIndex":
			listed = setUint(&r.RecordIndex, a.Value)
		case "numPreceedingRecordsMissing", "numPrecedingRecordsMissing":
			listed = setUint(&r.PrecedingMissing, a.Value)
		default:
			listed = false
		}
		if !listed {
			r.Attributes = append(r.Attributes, a)
		}
	}
	r.CorrelatorIndex, d.indexParsed = decimal(correlator)
	var ok bool
	switch r.Time, ok = instant(eventTime); {
	case r.Type == "":
		return d.missing(start, "type")
	case !ok:
		return d.unreadable(start, "time", eventTime)
	case !d.indexParsed:
		return d.unreadable(start, "correlatorIndex", correlator)
	}
	return nil
}

// correlatorIndex returns the correlatorIndex of a record's start tag that has a syntax
// error after this attribute. If the error is a repeated attribute, it returns none,
// because the repeated one may be the correlatorIndex.
func (s *scanner) correlatorIndex() (index uint64, ok bool) {
	if !beginsWith(s.src[s.start:], "<"+recordElement) || s.err.Problem == repeated {
		return 0, false
	}
	for _, a := range s.attributes {
		if a.Name == "correlatorIndex" {
			return decimal(a.Value)
		}
	}
	return 0, false
}

func setUint(to *Optional[uint64], text string) bool {
	n, ok := decimal(text)
	if ok {
		*to = Optional[uint64]{Value: n, Present: true}
	}
	return ok
}

// fill sets ID and the fields of Body from the nodes.
func (r *Record) fill() {
	for i := 0; i < r.elementNodes; i += 1 + r.Nodes[i].Size {
		n := &r.Nodes[i]
		switch {
		case strings.EqualFold(n.Name, "id"):
			n.Known = setGUID(&r.ID, n)
		case r.Body != nil:
			setField(r.Body, n, r.Nodes[i+1:i+1+n.Size])
		}
	}
}

// missing returns the error for a required field that is absent or empty. In a
// malformed part it returns the part's first error, as syntaxError does.
func (d *Document) missing(start int, field string) error {
	if d.malformedErr != nil {
		return d.malformedErr
	}
	return &MissingError{Position: Position{Offset: start, Record: d.recordNumber}, Field: field}
}

// unreadable returns the error for a required field whose value cannot be parsed. In a
// malformed part it returns the part's first error, as syntaxError does.
func (d *Document) unreadable(start int, field, value string) error {
	switch {
	case d.malformedErr != nil:
		return d.malformedErr
	case value == "":
		return d.missing(start, field)
	}
	return &ValueError{
		Position: Position{Offset: start, Record: d.recordNumber},
		Field:    field, Value: excerpt(value),
	}
}
