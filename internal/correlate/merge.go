package correlate

import (
	"strings"

	"github.com/cmscdr/cmscdrreceiver/internal/cdr"
)

// mergeText reports whether the value was news. It is cloned, as a record's
// text is a part of the whole body.
func mergeText(into *string, from string) bool {
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
