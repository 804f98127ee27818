package cmscdrreceiver

import (
	"crypto/subtle"
	"net/http"
	"net/netip"
	"slices"
)

// guard authorizes requests by the client's address and by the parameter secret of the
// receiver URI. Call Bridges send no credentials.
type guard struct {
	networks []netip.Prefix
	secret   []byte
}

func newGuard(cfg *Config) (*guard, error) {
	networks, err := parseNetworks(cfg.AllowedNetworks)
	return &guard{networks: networks, secret: []byte(cfg.Secret)}, err
}

// check returns the answer to a request that is not authorized, and whether there is
// one.
func (g *guard) check(req *http.Request) (answer, bool) {
	if len(g.networks) > 0 && !g.allows(req) {
		return answerForbidden, true
	}
	if len(g.secret) > 0 {
		secret := []byte(req.URL.Query().Get("secret"))
		if subtle.ConstantTimeCompare(secret, g.secret) != 1 {
			return answerUnauthorized, true
		}
	}
	return answer{}, false
}

func (g *guard) allows(req *http.Request) bool {
	addr, ok := remoteAddr(req)
	return ok && slices.ContainsFunc(g.networks, func(network netip.Prefix) bool { return network.Contains(addr) })
}

// remoteAddr returns the client's address without its port and zone.
func remoteAddr(req *http.Request) (netip.Addr, bool) {
	at, err := netip.ParseAddrPort(req.RemoteAddr)
	return at.Addr().Unmap().WithZone(""), err == nil
}
