package printed

import (
	"fmt"
	"io"
	"strings"

	"go.opentelemetry.io/collector/pdata/pcommon"
	"go.opentelemetry.io/collector/pdata/plog"
)

// Logs prints each log record with all it has, in the order they came. When it
// was received is left out.
func Logs(all []plog.Logs) string {
	var w strings.Builder
	eachLog(all, func(record plog.LogRecord) {
		fmt.Fprintf(&w, "%s %s", record.SeverityNumber(), record.EventName())
		if record.Timestamp() == record.ObservedTimestamp() {
			fmt.Fprintln(&w, " at its receipt")
		} else {
			fmt.Fprintf(&w, " at %s\n", instant(record.Timestamp()))
		}
		if !record.TraceID().IsEmpty() {
			fmt.Fprintf(&w, "  trace %s, span %s\n", record.TraceID(), record.SpanID())
		}
		attributes(&w, "  ", record.Attributes())
		fmt.Fprintf(&w, "  body %s\n", value(record.Body()))
	})
	return w.String()
}

// LogLines prints each log record on a line: when, what, and the record's body.
func LogLines(w io.Writer, all []plog.Logs) {
	eachLog(all, func(record plog.LogRecord) {
		at := record.Timestamp().AsTime().Format("15:04:05")
		fmt.Fprintf(w, "%s  %-5s %s", at, record.SeverityNumber(), record.EventName())
		if record.Body().Type() != pcommon.ValueTypeEmpty {
			fmt.Fprintf(w, "  %s", value(record.Body()))
		}
		fmt.Fprintln(w)
	})
}

func eachLog(all []plog.Logs, do func(plog.LogRecord)) {
	for _, logs := range all {
		for _, resource := range logs.ResourceLogs().All() {
			for _, scope := range resource.ScopeLogs().All() {
				for _, record := range scope.LogRecords().All() {
					do(record)
				}
			}
		}
	}
}
