package checkpoint

import (
	"errors"
	"fmt"

	"github.com/fxamacker/cbor/v2"
)

// formatVersion is the version of all values. A release that changes the format
// increments it and keeps decoding the older versions.
const formatVersion = 2

// VersionError is a value with an unknown format version.
type VersionError struct{ Saved, Known int }

func (e *VersionError) Error() string {
	return fmt.Sprintf("checkpoint: the format version is %d, and this release knows versions up to %d", e.Saved, e.Known)
}

var errEmpty = errors.New("checkpoint: the value is empty")

// encode encodes a value after its version.
func encode(value any) ([]byte, error) {
	out, err := cbor.Marshal(value)
	if err != nil {
		return nil, fmt.Errorf("checkpoint: %w", err)
	}
	return append([]byte{formatVersion}, out...), nil
}

// decode decodes the whole value into the target for its version; the first one is
// for version 1. It returns the version.
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
