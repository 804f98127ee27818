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

// parameter is one of the query of a receiver URI that has no meaning here: whoever
// gave Meeting Server the URI says more of the source with it.
type parameter struct{ name, value string }

// maxParameters bounds them; values are bounded as ids are.
const maxParameters = 8

// parameterName are the names that become attributes. Others are left out.
var parameterName = regexp.MustCompile(`^[a-z0-9_]{1,32}$`)

// parametersOf are the parameters of a query but those that have a meaning, by name.
func parseParameters(query url.Values) (all []parameter) {
	for _, name := range slices.Sorted(maps.Keys(query)) {
		value := sanitizeID(query.Get(name))
		if name == "secret" || name == "system_id" || value == "" || !parameterName.MatchString(name) {
			continue
		}
		if all = append(all, parameter{strings.Clone(name), strings.Clone(value)}); len(all) == maxParameters {
			break
		}
	}
	return all
}

// idOf is a text of a query as it is used: trimmed, of whole characters, and no longer
// than an id.
func sanitizeID(text string) string {
	text = strings.TrimSpace(strings.ToValidUTF8(text, "\uFFFD"))
	if len(text) > cdr.MaxID {
		text = strings.ToValidUTF8(text[:cdr.MaxID], "")
	}
	return text
}

// writeParameters puts them on the resource of a source.
func writeParameters(all []parameter, resource pcommon.Resource) {
	for _, of := range all {
		resource.Attributes().PutStr("cisco.cms.uri."+of.name, of.value)
	}
}

// flatParameters are names and values in turn, to be saved.
func saveParameters(all []parameter) (flat []string) {
	for _, of := range all {
		flat = append(flat, of.name, of.value)
	}
	return flat
}

// savedParameters reads what flatParameters wrote.
func loadParameters(flat []string) (all []parameter) {
	for pair := range slices.Chunk(flat, 2) {
		if len(pair) == 2 {
			all = append(all, parameter{pair[0], pair[1]})
		}
	}
	return all
}
