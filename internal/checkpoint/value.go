package checkpoint

import (
	"errors"
	"fmt"

	"github.com/fxamacker/cbor/v2"
)

// version of the form of all values. A release that changes a form counts it up,
// and keeps reading the forms before.
const formatVersion = 2

// VersionError is a value that another release saved.
type VersionError struct{ Saved, Known int }

func (e *VersionError) Error() string {
	return fmt.Sprintf("checkpoint: saved in form %d, and this release knows form %d", e.Saved, e.Known)
}

var errEmpty = errors.New("checkpoint: the value is empty")

// encode writes a value with its version.
func encode(value any) ([]byte, error) {
	out, err := cbor.Marshal(value)
	if err != nil {
		return nil, fmt.Errorf("checkpoint: %w", err)
	}
	return append([]byte{formatVersion}, out...), nil
}

// decode reads a value, all of it, into the target of its version: the first is
// that of form 1. It returns the version.
func decode(data []byte, forms ...any) (int, error) {
	switch {
	case len(data) == 0:
		return 0, errEmpty
	case data[0] == 0 || int(data[0]) > len(forms):
		return 0, &VersionError{Saved: int(data[0]), Known: len(forms)}
	}
	if err := cbor.Unmarshal(data[1:], forms[data[0]-1]); err != nil {
		return 0, fmt.Errorf("checkpoint: %w", err)
	}
	return int(data[0]), nil
}
