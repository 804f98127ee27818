package cmscdrreceiver

import (
	"fmt"
	"net/http"
	"os"
	"reflect"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/cmscdr/cmscdrreceiver/internal/cdr"
)

// coverageRow is a row of docs/coverage.md: a field of the guide, an example of its
// value, and where each signal has the field.
type coverageRow struct{ chapter, record, field, example, log, span, metric string }

// TestCoverage posts one document with every field of the guide and checks that every
// value is where docs/coverage.md says.
func TestCoverage(t *testing.T) {
	rows := readCoverage(t)
	require.Greater(t, len(rows), 95)
	document := documentWithEveryField(rows)
	checkComplete(t, document)
	rig := newRig(t, nil)
	require.Equal(t, http.StatusOK, rig.post("/cdr", document).Code)
	checker := fieldChecker{rig: rig}
	for _, row := range rows {
		recordType := row.record
		if row.chapter == "2" {
			recordType = example(rows, "record", "type")
		}
		checker.id = example(rows, recordType, "id")
		checker.kind = map[string]string{"call": "call", "callLeg": "call_leg", "recording": "recording", "streaming": "streaming"}[elementName(recordType)]
		checker.checkLog(t, recordType, row)
		checker.checkSpan(t, row)
		checker.checkMetric(t, row)
	}
}

// readCoverage returns the rows of docs/coverage.md.
func readCoverage(t *testing.T) (rows []coverageRow) {
	page, err := os.ReadFile("../docs/coverage.md")
	require.NoError(t, err)
	for line := range strings.Lines(string(page)) {
		if !strings.HasPrefix(line, "| 2 |") && !strings.HasPrefix(line, "| 4 |") {
			continue
		}
		cells := strings.Split(strings.TrimSpace(line), "|")
		require.Len(t, cells, 9, line)
		for i := range cells {
			cells[i] = strings.TrimSpace(cells[i])
		}
		unquoted := func(i int) string { return strings.Trim(cells[i], "`") }
		rows = append(rows, coverageRow{cells[1], unquoted(2), unquoted(3), unquoted(4), cells[5], cells[6], cells[7]})
	}
	return rows
}

// example returns the example of a field, empty if the field is not listed.
func example(rows []coverageRow, record, field string) string {
	for _, row := range rows {
		if row.record == record && row.field == field {
			return row.example
		}
	}
	return ""
}

var recordSuffix = regexp.MustCompile("(Start|Update|End)$")

// elementName returns the name of the element that a record of that type contains.
func elementName(recordType string) string { return recordSuffix.ReplaceAllString(recordType, "") }

// documentWithEveryField returns a document with all rows. Each record of a call or leg
// is about its own entity, so that no value hides another, and an end record is added for
// each entity that would not end. A recording or streaming has a start and an end record.
// The type that the example of <record type> names comes last, with the example attributes
// of <record>.
func documentWithEveryField(rows []coverageRow) string {
	var order []string
	fieldsOfType := map[string][]coverageRow{}
	for _, row := range rows {
		if row.chapter != "4" {
			continue
		}
		if fieldsOfType[row.record] == nil {
			order = append(order, row.record)
		}
		fieldsOfType[row.record] = append(fieldsOfType[row.record], row)
	}
	var doc strings.Builder
	fmt.Fprintf(&doc, `<records session="%s" callBridge="%s">`, example(rows, "records", "session"), example(rows, "records", "callBridge"))
	index := 0
	write := func(recordType, attributes string, fields []coverageRow) {
		element := elementName(recordType)
		fmt.Fprintf(&doc, `<record type="%s" %s><%s id="%s">`, recordType, attributes, element, fields[0].example)
		writeFields(&doc, "", fields[1:])
		fmt.Fprintf(&doc, "</%s></record>\n", element)
		index++
	}
	nextAttributes := func() string { return fmt.Sprintf(`time="2026-03-02T08:%02d:00Z" correlatorIndex="%d"`, index, index) }
	lastType := example(rows, "record", "type")
	for _, recordType := range order {
		if recordType != lastType {
			write(recordType, nextAttributes(), fieldsOfType[recordType])
		}
		if recordType == "callStart" || strings.HasPrefix(recordType, "callLeg") && recordType != "callLegEnd" {
			write(elementName(recordType)+"End", nextAttributes(), fieldsOfType[recordType][:1])
		}
	}
	var attributes []string
	for _, row := range rows {
		if row.record == "record" && row.field != "type" {
			attributes = append(attributes, fmt.Sprintf(`%s="%s"`, row.field, row.example))
		}
	}
	write(lastType, strings.Join(attributes, " "), fieldsOfType[lastType])
	return doc.String() + "</records>"
}

// writeFields writes the elements below a path. Fields of one container are adjacent.
func writeFields(doc *strings.Builder, path string, fields []coverageRow) {
	for len(fields) > 0 {
		name, _, container := strings.Cut(strings.TrimPrefix(fields[0].field, path), "/")
		if !container {
			fmt.Fprintf(doc, "<%s>%s</%[1]s>", name, fields[0].example)
			fields = fields[1:]
			continue
		}
		prefix := path + name + "/"
		end := slices.IndexFunc(fields, func(row coverageRow) bool { return !strings.HasPrefix(row.field, prefix) })
		if end < 0 {
			end = len(fields)
		}
		fmt.Fprintf(doc, "<%s>", name)
		writeFields(doc, prefix, fields[:end])
		fmt.Fprintf(doc, "</%s>", name)
		fields = fields[end:]
	}
}

// notInGuide holds fields that the decoder reads and that the guide does not list for
// that type of record or that media stream.
var notInGuide = map[string]bool{
	"CallLegStart.IVR": true,
	"RxAudio.MaxWidth": true, "RxAudio.MaxHeight": true, "TxAudio.MaxWidth": true, "TxAudio.MaxHeight": true,
	"TxAudio.LossBursts": true, "TxAudio.Gaps": true, "TxVideo.LossBursts": true, "TxVideo.Gaps": true,
}

// checkComplete checks that the document sets each field that the decoder knows, and
// has no unknown elements. Fields that several types of records share are checked on
// start records.
func checkComplete(t *testing.T, document string) {
	d, err := cdr.Open(document)
	require.NoError(t, err)
	types := map[string]bool{}
	for record, malformed := range d.Records() {
		require.Nil(t, malformed, "every record must be readable: %v", malformed)
		for _, node := range record.Nodes {
			require.True(t, node.Known, "%s: the decoder must know %s", record.Type, node.Name)
		}
		if len(record.Nodes) == 1 && !strings.HasPrefix(record.Type, "recording") && !strings.HasPrefix(record.Type, "streaming") {
			continue // an end record that was added
		}
		types[record.Type] = true
		body := reflect.ValueOf(record.Body).Elem()
		for field, value := range body.Fields() {
			if !field.Anonymous {
				requireSet(t, record.Type, field.Name, value)
			} else if strings.HasSuffix(record.Type, "Start") {
				requireSet(t, record.Type, "", value)
			}
		}
	}
	require.Len(t, types, 9)
}

// requireSet checks that a field and the fields in it are not zero.
func requireSet(t *testing.T, recordType, path string, value reflect.Value) {
	if notInGuide[path] || notInGuide[strings.ToUpper(recordType[:1])+recordType[1:]+"."+path] {
		return
	}
	if value.Kind() == reflect.Slice && value.Len() > 0 {
		value = value.Index(0)
	}
	if value.Kind() != reflect.Struct || strings.HasPrefix(value.Type().Name(), "Optional") {
		require.False(t, value.IsZero(), "docs/coverage.md must list %s of %s", path, recordType)
		return
	}
	for field, inner := range value.Fields() {
		requireSet(t, recordType, strings.TrimPrefix(path+"."+field.Name, "."), inner)
	}
}
