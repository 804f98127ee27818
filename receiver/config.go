package cmscdrreceiver

import (
	"errors"
	"fmt"
	"net"
	"net/netip"
	pathpkg "path"
	"slices"
	"strings"
	"time"

	"go.opentelemetry.io/collector/component"
	"go.opentelemetry.io/collector/config/confighttp"
	"go.opentelemetry.io/collector/config/confignet"
	"go.opentelemetry.io/collector/config/configopaque"
	"go.opentelemetry.io/collector/confmap"

	"github.com/cmscdr/cmscdrreceiver/internal/metrics"
)

// Config is what a user sets under receivers: cms_cdr:.
type Config struct {
	// HTTP is the server that Call Bridges post to: endpoint, tls, auth, limits.
	// A named field under its own key: embedded, newer releases of confighttp
	// would swallow the keys beside it.
	HTTP confighttp.ServerConfig `mapstructure:"http"`
	// Path of the receiver URI; sub-paths are accepted too.
	Path string `mapstructure:"path"`
	// Secret must come as query parameter secret, if set.
	Secret configopaque.String `mapstructure:"secret"`
	// AllowedNetworks are addresses or CIDR networks that may post; empty: all.
	AllowedNetworks []string `mapstructure:"allowed_networks"`
	// Storage is the extension that keeps what must survive a restart, if any.
	Storage *component.ID `mapstructure:"storage"`
	// ExpireAfter is how long what may be over is held without a record: all of a
	// session that is silent, and what had no record in one that lost some.
	ExpireAfter time.Duration `mapstructure:"expire_after"`
	// MaxOpen bounds the calls that a session holds until their end, the legs, the
	// recordings and the streamings, each.
	MaxOpen int `mapstructure:"max_open"`
	// IncludeOriginal keeps each record's XML in its log record. Personal data.
	IncludeOriginal bool `mapstructure:"include_original"`
	// Metrics says how the metrics are emitted.
	Metrics MetricsConfig `mapstructure:"metrics"`
	// Snapshots says how often is told who is in the calls that are open.
	Snapshots SnapshotsConfig `mapstructure:"snapshots"`
	// Memory bounds what the receiver holds.
	Memory MemoryConfig `mapstructure:"memory"`

	_ struct{}
}

// MetricsConfig is what a user sets under metrics:.
type MetricsConfig struct {
	// Interval between two emissions of all series.
	Interval time.Duration `mapstructure:"interval"`
	// Disabled are names of metrics that are not wanted.
	Disabled []string `mapstructure:"disabled"`

	_ struct{}
}

// SnapshotsConfig is what a user sets under snapshots:.
type SnapshotsConfig struct {
	// Interval between two snapshots of each open call; 0: there are none.
	Interval time.Duration `mapstructure:"interval"`

	_ struct{}
}

func createDefaultConfig() component.Config {
	http := confighttp.NewDefaultServerConfig()
	http.NetAddr.Endpoint = "localhost:8080"
	// A sender that falls silent in the middle of a document must not hold a
	// connection, nor the collector's shutdown, for ever.
	http.ReadTimeout = 20 * time.Second
	// Meeting Server compresses nothing, and decoders allocate before the receiver
	// can refuse. The empty name stands for a body that is not compressed.
	http.CompressionAlgorithms = []string{""}
	return &Config{
		HTTP:        http,
		Path:        "/cdr",
		ExpireAfter: 24 * time.Hour,
		MaxOpen:     100_000,
		Metrics:     MetricsConfig{Interval: 15 * time.Second},
		Memory:      MemoryConfig{Open: 256 << 20, Bodies: 128 << 20},
	}
}

// Unmarshal refuses a secret that is there and empty: the variable that it comes
// from is not set, and without a secret everybody could post. For keys that are
// misplaced or misspelled it says what to write instead; confmap tells of the rest.
func (c *Config) Unmarshal(conf *confmap.Conf) error {
	errs := errors.Join(mistakes(conf)...)
	if err := errors.Join(errs, conf.Unmarshal(c)); err != nil {
		return err
	}
	if conf.IsSet("secret") && c.Secret == "" {
		return errors.New("secret is empty: set the environment variable that it comes from, or leave the key out to let everybody post")
	}
	return nil
}

// Validate names the key and the value of everything that is wrong.
func (c *Config) Validate() error {
	var errs []error
	if err := validateEndpoint(c.HTTP.NetAddr); err != nil {
		errs = append(errs, err)
	}
	if err := validatePath(c.Path); err != nil {
		errs = append(errs, err)
	}
	if _, err := parseNetworks(c.AllowedNetworks); err != nil {
		errs = append(errs, err)
	}
	if c.ExpireAfter < minExpire {
		errs = append(errs, fmt.Errorf("expire_after is %v: set at least %v; what is closed too early gets a second span at its end", c.ExpireAfter, minExpire))
	}
	if c.MaxOpen < 1 {
		errs = append(errs, fmt.Errorf("max_open is %d: set how many calls, and how many call legs, a Call Bridge may have open, such as 100000", c.MaxOpen))
	}
	errs = append(errs, c.validateMemory()...)
	if c.Metrics.Interval < minInterval || c.Metrics.Interval > maxInterval {
		errs = append(errs, fmt.Errorf("metrics::interval is %v: set it between %v and %v, as Prometheus exporters forget series after five minutes",
			c.Metrics.Interval, minInterval, maxInterval))
	}
	if every := c.Snapshots.Interval; every != 0 && every < minSnapshots {
		errs = append(errs, fmt.Errorf("snapshots::interval is %v: set at least %v, as each one is a log record of every open call, or 0s for none",
			every, minSnapshots))
	}
	for i, name := range c.Metrics.Disabled {
		if names := metrics.Names(); !slices.Contains(names, name) {
			hint := "docs/metrics.md lists all"
			if like, found := nearest(name, names); found {
				hint = fmt.Sprintf("did you mean %q?", like)
			}
			errs = append(errs, fmt.Errorf("metrics::disabled[%d] is %q, and there is no such metric: %s", i, name, hint))
		}
	}
	return errors.Join(errs...)
}

const (
	minInterval  = time.Second
	maxInterval  = 4 * time.Minute
	minExpire    = time.Minute
	minSnapshots = 5 * time.Second
)

// validateEndpoint looks for a port: without one, the server fails to listen with
// an error that names no key.
func validateEndpoint(at confignet.AddrConfig) error {
	if at.Endpoint == "" {
		return errors.New(`http::endpoint is empty: set the address to listen on, such as "0.0.0.0:8080"`)
	}
	if !strings.HasPrefix(string(at.Transport), "tcp") {
		return nil // the path of a socket
	}
	if host, port, err := net.SplitHostPort(at.Endpoint); err == nil {
		if _, err := net.LookupPort(string(at.Transport), port); err == nil && port != "" {
			return nil
		}
		return fmt.Errorf("http::endpoint is %q, and its port is %q: set a port from 1 to 65535, as in %q",
			at.Endpoint, port, net.JoinHostPort(host, "8080"))
	}
	host := strings.Trim(at.Endpoint, "[]:")
	if addr, err := netip.ParseAddr(host); strings.Contains(host, ":") && (err != nil || !addr.Is6()) {
		host = "0.0.0.0"
	}
	return fmt.Errorf("http::endpoint is %q, which is no address with a port: write it as %q", at.Endpoint, net.JoinHostPort(host, "8080"))
}

func validatePath(path string) error {
	switch {
	case !strings.HasPrefix(path, "/"):
		return fmt.Errorf(`path is %q: it must begin with a slash, as in "/cdr"`, path)
	case strings.ContainsAny(path, "?#{} \t"):
		return fmt.Errorf(`path is %q: leave out the query, spaces and braces, as in "/cdr"`, path)
	case path != "/" && pathpkg.Clean(path) != strings.TrimSuffix(path, "/"):
		return fmt.Errorf(`path is %q, which no request has: did you mean %q?`, path, pathpkg.Clean(path))
	default:
		return nil
	}
}

// parseNetworks takes CIDR networks and single addresses, and tells of all that
// are neither.
func parseNetworks(texts []string) ([]netip.Prefix, error) {
	networks := make([]netip.Prefix, 0, len(texts))
	var errs []error
	for i, text := range texts {
		network, err := netip.ParsePrefix(text)
		if addr, addrErr := netip.ParseAddr(text); addrErr == nil {
			network, err = netip.PrefixFrom(addr, addr.BitLen()), nil
		}
		if err != nil {
			errs = append(errs, fmt.Errorf(`allowed_networks[%d] is %q: give a network such as "10.20.0.0/16" or an address`, i, text))
			continue
		}
		networks = append(networks, unmapped(network).Masked())
	}
	return networks, errors.Join(errs...)
}

// unmapped is the IPv4 network that an IPv4-mapped one means. Wider networks that
// hold all mapped addresses among others, such as ::/0, are IPv6 networks.
func unmapped(network netip.Prefix) netip.Prefix {
	if addr := network.Addr(); addr.Is4In6() && network.Bits() >= 96 {
		return netip.PrefixFrom(addr.Unmap(), network.Bits()-96)
	}
	return network
}
