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
// text is a part of the whole body.
func mergeText(into *string, from string) bool {
	from = bounded(from)
	if from == "" || from == *into {
		return false
	}
	*into = strings.Clone(from)
	return true
}

// mergeOptional reports whether the value was news.
func mergeOptional[T comparable](into *cdr.Optional[T], from cdr.Optional[T]) bool {
	if !from.Present || from == *into {
		return false
	}
	*into = from
	return true
}
