package printed

import (
	"fmt"
	"strings"

	"go.opentelemetry.io/collector/pdata/plog"
)

// Logs formats what the receiver sets in each log record, except the observed timestamp and
// the text of the severity, in the order of the payloads.
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

func eachLog(all []plog.Logs, visit func(plog.LogRecord)) {
	for _, logs := range all {
		for _, resource := range logs.ResourceLogs().All() {
			for _, scope := range resource.ScopeLogs().All() {
				for _, record := range scope.LogRecords().All() {
					visit(record)
				}
			}
		}
	}
}
