package cmscdrreceiver

import (
	"fmt"
	"math"

	"github.com/dustin/go-humanize"
)

// MemoryConfig is what a user sets under memory:, budgets for all sessions together.
type MemoryConfig struct {
	// Open bounds what sessions hold: open calls, legs, recordings and streamings,
	// ids of ended ones, and which records came.
	Open ByteSize `mapstructure:"open"`
	// Bodies bounds the request bodies that are received and processed at a time.
	Bodies ByteSize `mapstructure:"bodies"`

	_ struct{}
}

// ByteSize is a number of bytes, written with a unit such as 256MiB.
type ByteSize int64

// UnmarshalText reads a number with a unit.
func (s *ByteSize) UnmarshalText(text []byte) error {
	n, err := humanize.ParseBytes(string(text))
	if err != nil || n > math.MaxInt64 {
		return fmt.Errorf(`%q is no size: write a number with a unit, such as "256MiB"`, text)
	}
	*s = ByteSize(n)
	return nil
}

// String writes the size with a unit.
func (s ByteSize) String() string { return humanize.IBytes(uint64(max(s, 0))) }

// minOpen is what a handful of Call Bridges need.
const minOpen = 1 << 20

func (c *Config) validateMemory() (errs []error) {
	if c.Memory.Open < minOpen {
		errs = append(errs, fmt.Errorf(`memory::open is %v: set at least %v, with its unit, such as "256MiB"`, c.Memory.Open, ByteSize(minOpen)))
	}
	if largest := c.largestBody(); int64(c.Memory.Bodies) < largest {
		errs = append(errs, fmt.Errorf("memory::bodies is %v and http::max_request_body_size is %v: raise the first or lower the second, "+
			"as the largest document must have room", c.Memory.Bodies, ByteSize(largest)))
	}
	return errs
}

// largestBody in bytes is the largest document that is accepted. confighttp takes 0
// for its default.
func (c *Config) largestBody() int64 {
	if size := c.HTTP.MaxRequestBodySize; size > 0 {
		return size
	}
	return 20 << 20
}
