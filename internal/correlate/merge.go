package correlate

import (
	"strings"

	"github.com/cmscdr/cmscdrreceiver/internal/cdr"
)

// maxText in bytes bounds each text that is kept until its span goes out. The
// log record has it whole.
const maxText = 1024

// bounded is the text, cut where it is longer than any that the guide has.
func bounded(text string) string {
	if len(text) <= maxText {
		return text
	}
	return strings.ToValidUTF8(text[:maxText], "")
}

// mergeText reports whether the value was news. It is cloned, as a record's
// text is a part of the whole body. What a late record says is news only where
// nothing was known.
func mergeText(into *string, from string, late bool) bool {
	from = bounded(from)
	if from == "" || from == *into || late && *into != "" {
		return false
	}
	*into = strings.Clone(from)
	return true
}

// mergeOptional reports whether the value was news.
func mergeOptional[T comparable](into *cdr.Optional[T], from cdr.Optional[T], late bool) bool {
	if !from.Present || from == *into || late && into.Present {
		return false
	}
	*into = from
	return true
}
