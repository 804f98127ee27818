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

// covered is a row of docs/coverage.md: a field of the guide, an example of its
// value, and where that is found.
type covered struct{ chapter, record, field, example, log, span, metric string }

// TestCoverage posts one document with every field of the guide and finds every
// value where docs/coverage.md says.
func TestCoverage(t *testing.T) {
	rows := coverage(t)
	require.Greater(t, len(rows), 95)
	document := everyField(rows)
	checkComplete(t, document)
	rig := newRig(t, nil)
	require.Equal(t, http.StatusOK, rig.post("/cdr", document).Code)
	out := found{rig: rig}
	for _, row := range rows {
		of := row.record
		if row.chapter == "2" {
			of = example(rows, "record", "type")
		}
		out.id = example(rows, of, "id")
		out.kind = map[string]string{"call": "call", "callLeg": "call_leg", "recording": "recording", "streaming": "streaming"}[elementOf(of)]
		out.log(t, of, row)
		out.span(t, row)
		out.metric(t, row)
	}
}

func coverage(t *testing.T) (rows []covered) {
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
		bare := func(i int) string { return strings.Trim(cells[i], "`") }
		rows = append(rows, covered{cells[1], bare(2), bare(3), bare(4), cells[5], cells[6], cells[7]})
	}
	return rows
}

// example is that of a field.
func example(rows []covered, record, field string) string {
	for _, row := range rows {
		if row.record == record && row.field == field {
			return row.example
		}
	}
	return ""
}

var ends = regexp.MustCompile("(Start|Update|End)$")

func elementOf(recordType string) string { return ends.ReplaceAllString(recordType, "") }

// everyField is a document with all rows: a record of each type about a call, leg,
// recording or streaming of its own, so that no value hides another, and ends of those
// that would have none. The record of the type that the rows of <record> tell comes
// last, with what they tell.
func everyField(rows []covered) string {
	var order []string
	inside := map[string][]covered{}
	for _, row := range rows {
		if row.chapter != "4" {
			continue
		}
		if inside[row.record] == nil {
			order = append(order, row.record)
		}
		inside[row.record] = append(inside[row.record], row)
	}
	var doc strings.Builder
	fmt.Fprintf(&doc, `<records session="%s" callBridge="%s">`, example(rows, "records", "session"), example(rows, "records", "callBridge"))
	index := 0
	write := func(recordType, attributes string, fields []covered) {
		element := elementOf(recordType)
		fmt.Fprintf(&doc, `<record type="%s" %s><%s id="%s">`, recordType, attributes, element, fields[0].example)
		writeFields(&doc, "", fields[1:])
		fmt.Fprintf(&doc, "</%s></record>\n", element)
		index++
	}
	at := func() string { return fmt.Sprintf(`time="2026-03-02T08:%02d:00Z" correlatorIndex="%d"`, index, index) }
	last := example(rows, "record", "type")
	for _, recordType := range order {
		if recordType != last {
			write(recordType, at(), inside[recordType])
		}
		if recordType == "callStart" || strings.HasPrefix(recordType, "callLeg") && recordType != "callLegEnd" {
			write(elementOf(recordType)+"End", at(), inside[recordType][:1])
		}
	}
	var attributes []string
	for _, row := range rows {
		if row.record == "record" && row.field != "type" {
			attributes = append(attributes, fmt.Sprintf(`%s="%s"`, row.field, row.example))
		}
	}
	write(last, strings.Join(attributes, " "), inside[last])
	return doc.String() + "</records>"
}

// writeFields writes the elements below a path; those of one container stand together.
func writeFields(doc *strings.Builder, path string, fields []covered) {
	for len(fields) > 0 {
		name, _, container := strings.Cut(strings.TrimPrefix(fields[0].field, path), "/")
		if !container {
			fmt.Fprintf(doc, "<%s>%s</%[1]s>", name, fields[0].example)
			fields = fields[1:]
			continue
		}
		below := path + name + "/"
		end := slices.IndexFunc(fields, func(row covered) bool { return !strings.HasPrefix(row.field, below) })
		if end < 0 {
			end = len(fields)
		}
		fmt.Fprintf(doc, "<%s>", name)
		writeFields(doc, below, fields[:end])
		fmt.Fprintf(doc, "</%s>", name)
		fields = fields[end:]
	}
}

// unlisted are fields that the decoder reads and the guide does not list there.
var unlisted = map[string]bool{
	"CallLegStart.IVR": true,
	"RxAudio.MaxWidth": true, "RxAudio.MaxHeight": true, "TxAudio.MaxWidth": true, "TxAudio.MaxHeight": true,
	"TxAudio.LossBursts": true, "TxAudio.Gaps": true, "TxVideo.LossBursts": true, "TxVideo.Gaps": true,
}

// checkComplete checks that the document sets each field that the decoder knows, and
// no other. What any record may say of a call or a leg, its start record says.
func checkComplete(t *testing.T, document string) {
	d, err := cdr.Open(document)
	require.NoError(t, err)
	types := map[string]bool{}
	for record, malformed := range d.Records() {
		require.Nil(t, malformed, "%v", malformed)
		for _, node := range record.Nodes {
			require.True(t, node.Known, "%s: the decoder does not know %s", record.Type, node.Name)
		}
		if len(record.Nodes) == 1 && !strings.HasPrefix(record.Type, "recording") && !strings.HasPrefix(record.Type, "streaming") {
			continue // an end of what has no other
		}
		types[record.Type] = true
		body := reflect.ValueOf(record.Body).Elem()
		for of, value := range body.Fields() {
			if !of.Anonymous {
				requireSet(t, record.Type, of.Name, value)
			} else if strings.HasSuffix(record.Type, "Start") {
				requireSet(t, record.Type, "", value)
			}
		}
	}
	require.Len(t, types, 9)
}

func requireSet(t *testing.T, recordType, path string, value reflect.Value) {
	if unlisted[path] || unlisted[strings.ToUpper(recordType[:1])+recordType[1:]+"."+path] {
		return
	}
	if value.Kind() == reflect.Slice && value.Len() > 0 {
		value = value.Index(0)
	}
	if value.Kind() != reflect.Struct || strings.HasPrefix(value.Type().Name(), "Optional") {
		require.False(t, value.IsZero(), "docs/coverage.md has no %s of %s", path, recordType)
		return
	}
	for of, inner := range value.Fields() {
		requireSet(t, recordType, strings.TrimPrefix(path+"."+of.Name, "."), inner)
	}
}
