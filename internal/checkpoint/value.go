package checkpoint

import (
	"errors"
	"fmt"

	"github.com/fxamacker/cbor/v2"
)

// version of the form of all values. A release that changes a form counts it up,
// and keeps reading the forms before.
const version = 2

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
	return append([]byte{version}, out...), nil
}

// decode reads a value of one of the forms, which are in the order of their versions,
// all of it, and returns the version.
func decode(data []byte, forms ...any) (saved int, _ error) {
	if len(data) == 0 {
		return 0, errEmpty
	}
	saved = int(data[0])
	if saved < 1 || saved > len(forms) {
		return saved, &VersionError{Saved: saved, Known: version}
	}
	if err := cbor.Unmarshal(data[1:], forms[saved-1]); err != nil {
		return saved, fmt.Errorf("checkpoint: %w", err)
	}
	return saved, nil
}
