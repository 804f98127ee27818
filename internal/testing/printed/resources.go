package printed

import (
	"strings"

	"go.opentelemetry.io/collector/pdata/plog"
)

// Resources formats each distinct resource of the payloads.
func Resources(all []plog.Logs) string {
	var w strings.Builder
	written := map[string]bool{}
	for _, logs := range all {
		for _, resource := range logs.ResourceLogs().All() {
			var lines strings.Builder
			attributes(&lines, "", resource.Resource().Attributes())
			if text := lines.String(); !written[text] {
				written[text] = true
				w.WriteString(text)
			}
		}
	}
	return w.String()
}
