package cmscdrreceiver

import (
	"maps"
	"net/url"
	"regexp"
	"slices"
	"strings"

	"go.opentelemetry.io/collector/pdata/pcommon"

	"github.com/cmscdr/cmscdrreceiver/internal/cdr"
)

// parameter is a query parameter of a receiver URI that the receiver does not
// interpret. Administrators describe the source with it.
type parameter struct{ name, value string }

// maxParameters limits the parameters of a source. Values are limited to cdr.MaxID bytes.
const maxParameters = 8

// parameterName matches the names that become attributes. Other parameters are
// ignored.
var parameterName = regexp.MustCompile(`^[a-z0-9_]{1,32}$`)

// parseParameters returns parameters of a query, sorted by name: the first maxParameters in
// that order, after it has omitted those that the receiver interprets, those without a value,
// and those whose name does not match parameterName.
func parseParameters(query url.Values) (all []parameter) {
	for _, name := range slices.Sorted(maps.Keys(query)) {
		value := sanitizeValue(query.Get(name))
		if name == "secret" || name == "system_id" || value == "" || !parameterName.MatchString(name) {
			continue
		}
		if all = append(all, parameter{strings.Clone(name), strings.Clone(value)}); len(all) == maxParameters {
			break
		}
	}
	return all
}

// sanitizeValue returns a text of a query without surrounding spaces, with U+FFFD for invalid
// UTF-8, and cut to cdr.MaxID bytes.
func sanitizeValue(text string) string {
	text = strings.TrimSpace(strings.ToValidUTF8(text, "\uFFFD"))
	if len(text) > cdr.MaxID {
		text = strings.TrimSpace(strings.ToValidUTF8(text[:cdr.MaxID], ""))
	}
	return text
}

// writeParameters adds the parameters to the resource of a source.
func writeParameters(all []parameter, resource pcommon.Resource) {
	for _, p := range all {
		resource.Attributes().PutStr("cisco.cms.uri."+p.name, p.value)
	}
}

// saveParameters returns names and values alternately, as they are saved.
func saveParameters(all []parameter) (flat []string) {
	for _, p := range all {
		flat = append(flat, p.name, p.value)
	}
	return flat
}

// loadParameters parses the result of saveParameters.
func loadParameters(flat []string) (all []parameter) {
	for pair := range slices.Chunk(flat, 2) {
		if len(pair) == 2 {
			all = append(all, parameter{pair[0], pair[1]})
		}
	}
	return all
}
