package checkpoint

import (
	"errors"
	"fmt"

	"github.com/fxamacker/cbor/v2"
)

// formatVersion is the version of all values that this release encodes. A release that
// changes the format increments it and keeps decoding the older versions.
const formatVersion = 2

// VersionError reports a value with an unknown format version. Known is the highest
// version that this release can decode.
type VersionError struct{ Saved, Known int }

func (e *VersionError) Error() string {
	return fmt.Sprintf("checkpoint: the format version is %d, and this release knows versions 1 to %d", e.Saved, e.Known)
}

var errEmpty = errors.New("checkpoint: the value is empty")

// encode encodes a value. The first byte of the result is the format version.
func encode(value any) ([]byte, error) {
	encoded, err := cbor.Marshal(value)
	if err != nil {
		return nil, fmt.Errorf("checkpoint: %w", err)
	}
	return append([]byte{formatVersion}, encoded...), nil
}

// decode decodes a value into targets[version-1], and returns its version.
func decode(data []byte, targets ...any) (version int, _ error) {
	if len(data) == 0 {
		return 0, errEmpty
	}
	version = int(data[0])
	if version == 0 || version > len(targets) {
		return 0, &VersionError{Saved: version, Known: len(targets)}
	}
	if err := cbor.Unmarshal(data[1:], targets[version-1]); err != nil {
		return 0, fmt.Errorf("checkpoint: %w", err)
	}
	return version, nil
}
