package printed

import (
	"strings"

	"go.opentelemetry.io/collector/pdata/plog"
)

// Resources prints the resource of each payload, one that came before left out.
func Resources(all []plog.Logs) string {
	var w strings.Builder
	seen := map[string]bool{}
	for _, logs := range all {
		for _, of := range logs.ResourceLogs().All() {
			var one strings.Builder
			attributes(&one, "", of.Resource().Attributes())
			if text := one.String(); !seen[text] {
				seen[text] = true
				w.WriteString(text)
			}
		}
	}
	return w.String()
}
