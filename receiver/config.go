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

// Config is the configuration of the receiver.
type Config struct {
	// HTTP configures the server that Call Bridges post to. It is a named field under
	// its own key: newer releases of confighttp decode an embedded ServerConfig themselves,
	// and the keys beside it would be lost.
	HTTP confighttp.ServerConfig `mapstructure:"http"`
	// Path of the receiver URI. Paths below it are accepted too.
	Path string `mapstructure:"path"`
	// Secret is the required value of the query parameter secret; empty if none is
	// required.
	Secret configopaque.String `mapstructure:"secret"`
	// AllowedNetworks lists the addresses and CIDR networks that may post. If it is
	// empty, every address may.
	AllowedNetworks []string `mapstructure:"allowed_networks"`
	// Storage is the storage extension for what must survive a restart; nil keeps
	// everything in memory.
	Storage *component.ID `mapstructure:"storage"`
	// ExpireAfter is how long an entity whose end record may be lost is held without a
	// record. This concerns every entity of a silent session and, in a session with missing
	// or unreadable records, each entity without a record after the last of them.
	ExpireAfter time.Duration `mapstructure:"expire_after"`
	// MaxOpen limits the open entities of each kind in a session: calls, call legs,
	// recordings and streamings.
	MaxOpen int `mapstructure:"max_open"`
	// IncludeOriginal adds each record's XML to its log record. The XML contains
	// personal data.
	IncludeOriginal bool `mapstructure:"include_original"`
	// Metrics configures the emission of metrics.
	Metrics MetricsConfig `mapstructure:"metrics"`
	// Snapshots configures the log records that list who is in the open calls.
	Snapshots SnapshotsConfig `mapstructure:"snapshots"`
	// Memory limits the memory that the receiver uses.
	Memory MemoryConfig `mapstructure:"memory"`

	_ struct{}
}

// MetricsConfig is the configuration under metrics.
type MetricsConfig struct {
	// Interval between two emissions of all series.
	Interval time.Duration `mapstructure:"interval"`
	// Disabled lists the names of metrics that are not emitted.
	Disabled []string `mapstructure:"disabled"`

	_ struct{}
}

// SnapshotsConfig is the configuration under snapshots.
type SnapshotsConfig struct {
	// Interval between two snapshots of each open call; 0 disables snapshots.
	Interval time.Duration `mapstructure:"interval"`

	_ struct{}
}

// createDefaultConfig returns the defaults that README documents.
func createDefaultConfig() component.Config {
	http := confighttp.NewDefaultServerConfig()
	http.NetAddr.Endpoint = "localhost:8080"
	// A client that stops in the middle of a document must not block a connection or
	// the collector's shutdown forever.
	http.ReadTimeout = 20 * time.Second
	// Meeting Server does not compress, and decoders allocate memory before the receiver
	// can refuse a body. The empty name is a body without compression.
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

// Unmarshal rejects a secret or networks that are set but empty: the environment variable
// that they come from is missing, and everybody could post. The list [] is accepted, because
// nobody writes it by mistake. Unmarshal suggests the right keys for misplaced and misspelled
// ones, and rejects durations without a unit. confmap reports other unknown keys.
func (c *Config) Unmarshal(conf *confmap.Conf) error {
	errs := errors.Join(mistakes(conf)...)
	if err := errors.Join(errs, conf.Unmarshal(c)); err != nil {
		return err
	}
	const help = "set the environment variable that it comes from, or leave the key out to let everybody post"
	if conf.IsSet("secret") && c.Secret == "" {
		return errors.New("secret is empty: " + help)
	}
	if networks := conf.Get("allowed_networks"); conf.IsSet("allowed_networks") && (networks == nil || networks == "") {
		return errors.New("allowed_networks is empty: " + help)
	}
	return nil
}

// Validate returns an error for each wrong value, with its key and what to set.
func (c *Config) Validate() error {
	var errs []error
	if err := validateEndpoint(c.HTTP.NetAddr); err != nil {
		errs = append(errs, err)
	}
	if err := validatePath(c.Path); err != nil {
		errs = append(errs, err)
	}
	if secret := string(c.Secret); strings.TrimSpace(secret) != secret {
		errs = append(errs, errors.New("secret begins or ends with white space, such as the line break at the end of a file: remove it, because no receiver URI has it"))
	}
	if _, err := parseNetworks(c.AllowedNetworks); err != nil {
		errs = append(errs, err)
	}
	if transport := c.HTTP.NetAddr.Transport; len(c.AllowedNetworks) > 0 && !isTCP(transport) && !isPacket(transport) {
		errs = append(errs, fmt.Errorf("allowed_networks must be left out, because http::transport is %q: its clients have no address, and all would be refused", transport))
	}
	if c.ExpireAfter < minExpire {
		errs = append(errs, fmt.Errorf("expire_after is %v: set at least %v; what is closed too early gets a second span at its end", c.ExpireAfter, minExpire))
	}
	if c.MaxOpen < 1 {
		errs = append(errs, fmt.Errorf("max_open is %d: set how many calls, and how many call legs, a Call Bridge may have open, such as 100000", c.MaxOpen))
	}
	errs = append(errs, c.validateMemory()...)
	errs = append(errs, validateCompression(c.HTTP.CompressionAlgorithms)...)
	if timeout := c.HTTP.WriteTimeout; timeout > 0 && timeout < minWriteTimeout {
		errs = append(errs, fmt.Errorf("http::write_timeout is %v: set at least %v, because a document that takes longer gets no answer", timeout, minWriteTimeout))
	}
	if c.Metrics.Interval < minInterval || c.Metrics.Interval > maxInterval {
		errs = append(errs, fmt.Errorf("metrics::interval is %v: set it between %v and %v, as Prometheus exporters forget series after five minutes",
			c.Metrics.Interval, minInterval, maxInterval))
	}
	if interval := c.Snapshots.Interval; interval != 0 && interval < minSnapshots {
		errs = append(errs, fmt.Errorf("snapshots::interval is %v: set at least %v, because a log record of every open call is emitted at each interval, or 0s for no snapshots",
			interval, minSnapshots))
	}
	for i, name := range c.Metrics.Disabled {
		if names := metrics.Names(); !slices.Contains(names, name) {
			hint := "docs/metrics.md lists all"
			if similar, found := nearest(name, names); found {
				hint = fmt.Sprintf("did you mean %q?", similar)
			}
			errs = append(errs, fmt.Errorf("metrics::disabled[%d] is %q, and there is no such metric: %s", i, name, hint))
		}
	}
	return errors.Join(errs...)
}

const (
	minInterval     = time.Second
	maxInterval     = 4 * time.Minute
	minExpire       = time.Minute
	minSnapshots    = 5 * time.Second
	minWriteTimeout = time.Second
)

// validateEndpoint requires a transport with connections, and a port. Without these the
// server fails to listen, with an error that names no key.
func validateEndpoint(addr confignet.AddrConfig) error {
	if isPacket(addr.Transport) {
		return fmt.Errorf(`http::transport is %q: leave it out, or set "unix" for a Unix socket, because HTTP needs connections`, addr.Transport)
	}
	if addr.Endpoint == "" {
		return errors.New(`http::endpoint is empty: set the address to listen on, such as "0.0.0.0:8080"`)
	}
	if !isTCP(addr.Transport) {
		return nil // a Unix socket or a named pipe
	}
	if host, port, err := net.SplitHostPort(addr.Endpoint); err == nil {
		if _, err := net.LookupPort(string(addr.Transport), port); err == nil && port != "" {
			return nil
		}
		return fmt.Errorf("http::endpoint is %q, and its port is %q: set a port from 1 to 65535, as in %q",
			addr.Endpoint, port, net.JoinHostPort(host, "8080"))
	}
	host := strings.Trim(addr.Endpoint, "[]")
	if _, err := netip.ParseAddr(host); err != nil && strings.Contains(host, ":") {
		host = "0.0.0.0"
	}
	return fmt.Errorf("http::endpoint is %q, which is not an address with a port: write it as %q", addr.Endpoint, net.JoinHostPort(host, "8080"))
}

// compressions lists the names that confighttp accepts in compression_algorithms. The empty one
// is a body without compression.
var compressions = []string{"", "gzip", "zstd", "zlib", "deflate", "snappy", "x-snappy-framed", "lz4"}

// validateCompression requires known names, because confighttp panics at each request with an
// encoding that is listed and unknown, and the empty name, because a list without it refuses all
// documents of Call Bridges. An empty list turns decompression off.
func validateCompression(names []string) (errs []error) {
	for i, name := range names {
		if !slices.Contains(compressions, name) {
			errs = append(errs, fmt.Errorf("http::compression_algorithms[%d] is %q, and there is no such compression: set some of %q", i, name, compressions))
		}
	}
	if len(names) > 0 && !slices.Contains(names, "") {
		errs = append(errs, fmt.Errorf(`http::compression_algorithms is %q: add "", because Call Bridges do not compress and would be refused`, names))
	}
	return errs
}

func isTCP(transport confignet.TransportType) bool {
	return strings.HasPrefix(string(transport), "tcp")
}

// isPacket reports whether confignet accepts the transport, but HTTP cannot use it. Without
// a check the start fails, with an error that does not name the key, or, for unixpacket, each
// document above 4 KiB hangs, because a read loses what a packet has beyond the buffer.
func isPacket(transport confignet.TransportType) bool {
	name := string(transport)
	return strings.HasPrefix(name, "udp") || strings.HasPrefix(name, "ip") || name == "unixgram" || name == "unixpacket"
}

// validatePath requires a path that the handler serves.
func validatePath(path string) error {
	switch {
	case !strings.HasPrefix(path, "/"):
		return fmt.Errorf(`path is %q: it must begin with a slash, as in "/cdr"`, path)
	case strings.ContainsAny(path, "?#{} \t\r\n"):
		return fmt.Errorf(`path is %q: leave out the query, spaces and braces, as in "/cdr"`, path)
	case !isClean(path):
		return fmt.Errorf(`path is %q, which is never served: did you mean %q?`, path, pathpkg.Clean(path))
	default:
		return nil
	}
}

// parseNetworks parses CIDR networks and addresses, and reports every text that is
// neither.
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

// unmapped returns the IPv4 network of an IPv4-mapped IPv6 network, and any other network
// unchanged. A network wider than ::ffff:0:0/96, such as ::/0, is not IPv4-mapped.
func unmapped(network netip.Prefix) netip.Prefix {
	if addr := network.Addr(); addr.Is4In6() && network.Bits() >= 96 {
		return netip.PrefixFrom(addr.Unmap(), network.Bits()-96)
	}
	return network
}
