package cmscdrreceiver

import (
	"fmt"
	"math"

	"github.com/dustin/go-humanize"
)

// MemoryConfig is the configuration under memory. Each value is a limit for all
// sessions together.
type MemoryConfig struct {
	// Open limits what sessions hold: mostly open entities, the ids of ended ones, the
	// indices of accepted, unreadable and missing records, and uncommitted items.
	Open ByteSize `mapstructure:"open"`
	// Bodies limits the request bodies that are read and processed at the same time.
	Bodies ByteSize `mapstructure:"bodies"`

	_ struct{}
}

// ByteSize is a number of bytes. In the configuration it can have a unit, such as 256MiB.
type ByteSize int64

// UnmarshalText parses a number with a unit, such as 256MiB. A number without a unit
// is in bytes.
func (s *ByteSize) UnmarshalText(text []byte) error {
	n, err := humanize.ParseBytes(string(text))
	if err != nil || n > math.MaxInt64 {
		return fmt.Errorf(`%q is not a size: write a number with a unit, such as "256MiB"`, text)
	}
	*s = ByteSize(n)
	return nil
}

// String formats the size with a binary unit, rounded.
func (s ByteSize) String() string { return humanize.IBytes(uint64(max(s, 0))) }

// minMemoryOpen is the lowest value of memory::open in bytes, enough for a few Call Bridges.
const minMemoryOpen = 1 << 20

func (c *Config) validateMemory() (errs []error) {
	if c.Memory.Open < minMemoryOpen {
		errs = append(errs, fmt.Errorf(`memory::open is %v: set at least %v, with a unit, such as "256MiB"`, c.Memory.Open, ByteSize(minMemoryOpen)))
	}
	if largest := c.largestBody(); int64(c.Memory.Bodies) < largest {
		errs = append(errs, fmt.Errorf("memory::bodies is %v (%d bytes) and http::max_request_body_size is %v (%d bytes): raise the first or lower the second, "+
			"because the largest document must fit", c.Memory.Bodies, int64(c.Memory.Bodies), ByteSize(largest), largest))
	}
	return errs
}

// largestBody returns the size limit of a document in bytes. confighttp replaces 0 and
// negative values by its default of 20 MiB.
func (c *Config) largestBody() int64 {
	if size := c.HTTP.MaxRequestBodySize; size > 0 {
		return size
	}
	return 20 << 20
}
