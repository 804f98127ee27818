package cmscdrreceiver

import (
	"net/http"
	"net/http/httptest"
	"net/netip"
	"net/url"
	"testing"

	"github.com/stretchr/testify/require"
	"go.opentelemetry.io/collector/config/configopaque"
)

// TestAllowedNetworks checks which client addresses a network allows, also those of
// IPv4 clients of an IPv6 socket.
func TestAllowedNetworks(t *testing.T) {
	cases := []struct {
		network string
		allowed []string
		refused []string
	}{
		{"10.20.0.0/16", []string{"10.20.0.1", "10.20.255.255", "::ffff:10.20.3.4"}, []string{"10.21.0.1", "2001:db8::1", "::10.20.0.1"}},
		{"192.0.2.7", []string{"192.0.2.7", "::ffff:192.0.2.7"}, []string{"192.0.2.8"}},
		{"::ffff:10.20.0.0/112", []string{"10.20.0.1", "10.20.255.255", "::ffff:10.20.3.4"}, []string{"10.21.0.1", "2001:db8::1"}},
		{"::ffff:10.20.3.4/112", []string{"10.20.255.255"}, []string{"10.21.0.1"}},
		{"::ffff:192.0.2.7", []string{"192.0.2.7", "::ffff:192.0.2.7"}, []string{"192.0.2.8"}},
		{"::ffff:192.0.2.7/128", []string{"192.0.2.7"}, []string{"192.0.2.8"}},
		{"::ffff:0.0.0.0/96", []string{"192.0.2.7", "::ffff:192.0.2.7"}, []string{"2001:db8::1", "::1"}},
		{"::ffff:0.0.0.0/95", []string{"::fffe:0:1"}, []string{"192.0.2.7", "2001:db8::1"}},
		{"::/0", []string{"2001:db8::1", "::1"}, []string{"192.0.2.7", "::ffff:192.0.2.7"}},
		{"0.0.0.0/0", []string{"192.0.2.7", "::ffff:192.0.2.7"}, []string{"2001:db8::1"}},
		{"2001:db8::/32", []string{"2001:db8::1"}, []string{"2001:db9::1", "192.0.2.7"}},
		{"fe80::1", []string{"fe80::1%eth0"}, []string{"fe80::2%eth0"}},
	}
	for _, c := range cases {
		guard, err := newGuard(&Config{AllowedNetworks: []string{c.network}})
		require.NoError(t, err)
		allows := func(client string) bool {
			req := httptest.NewRequest("POST", "/cdr", nil)
			req.RemoteAddr = netip.AddrPortFrom(netip.MustParseAddr(client), 41000).String()
			_, refused := guard.check(req)
			return !refused
		}
		for _, client := range c.allowed {
			require.True(t, allows(client), "%s must be allowed by %s", client, c.network)
		}
		for _, client := range c.refused {
			require.False(t, allows(client), "%s must not be allowed by %s", client, c.network)
		}
	}
}

// TestSecretNeedsEscapes checks that a secret with characters that have a meaning in a query is
// accepted if they are escaped, and that otherwise the log message explains it: an
// administrator who compares the URI with the secret sees no difference.
func TestSecretNeedsEscapes(t *testing.T) {
	for _, secret := range []string{"a+b", "a&b", "a%41", "a;b"} {
		rig := newRig(t, func(cfg *Config) { cfg.Secret = configopaque.String(secret) })
		require.Equal(t, http.StatusOK, rig.post("/cdr?secret="+url.QueryEscape(secret), oneCall).Code)
		require.Equal(t, http.StatusUnauthorized, rig.post("/cdr?secret="+secret, oneCall).Code)
		require.Equal(t, 1, rig.warnings.FilterMessageSnippet("must be written as %2B").Len())
	}
}
