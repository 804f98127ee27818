package checkpoint

import (
	"errors"
	"fmt"

	"github.com/fxamacker/cbor/v2"
)

// version of the form of all values. A release that changes a form counts it up,
// and keeps reading the forms before.
const version = 1

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

// decode reads a value of the version that it knows, all of it.
func decode(data []byte, into any) error {
	switch {
	case len(data) == 0:
		return errEmpty
	case data[0] != version:
		return &VersionError{Saved: int(data[0]), Known: version}
	}
	if err := cbor.Unmarshal(data[1:], into); err != nil {
		return fmt.Errorf("checkpoint: %w", err)
	}
	return nil
}
