// Package simulate runs Call Bridges in simulated time. They host meetings, have faults, and post their records to
// a receiver. The command cmssim, the demonstration and tests call it.
package simulate

import (
	"fmt"
	"net/http"
	"net/url"
	"strings"
	"time"

	"github.com/cmscdr/cmscdrreceiver/internal/cmd/cmssim/bridge"
	"github.com/cmscdr/cmscdrreceiver/internal/cmd/cmssim/meeting"
)

// Config describes a run. A number that is 0 selects the default that its comment names.
type Config struct {
	Target  string // receiver URI
	Bridges int    // number of Call Bridges; default 1

	Meetings int           // number of meetings; 0 for as many as start within Duration
	Duration time.Duration // simulated time after which the run ends, even in the middle of meetings; 0 for no limit
	Rate     float64       // meetings that start on each Call Bridge in a simulated hour, on average; default 60
	Demo     bool          // one fixed meeting on two Call Bridges; Bridges, Meetings, Duration and Rate are ignored
	Speed    float64       // simulated time divided by real time; 0 for as fast as the receiver answers
	Start    time.Time     // simulated start; by default the simulated end is the real time of the run's end, or with Speed 0 the real time of the run's start
	Seed     uint64        // the same seed and Start give the same records
	Faults   Faults

	Client  *http.Client                    // default is a client like that of a Meeting Server
	Backoff func(attempt int) time.Duration // delay before a retry; default bridge.Backoff
	GiveUp  time.Duration                   // how long POSTs may fail, without one that is acknowledged, before Run fails; 0 for no limit
	Warn    func(string)                    // is called with the first failure of the receiver; may be nil
}

// maxRate limits Rate, so that simulated time advances from meeting to meeting and a run with a Duration ends.
const maxRate = 1e6

// Validate reports the first setting that is out of range.
func (c Config) Validate() error {
	for _, check := range []struct {
		ok      bool
		setting string // name of the flag of cmssim
		value   any
		hint    string
	}{
		{c.Bridges >= 0, "bridges", c.Bridges, "use a number above 0"},
		{c.Meetings >= 0, "calls", c.Meetings, "use 0 to limit the run by its duration"},
		{c.Duration >= 0, "duration", c.Duration, "use a positive time"},
		{c.Demo || c.Meetings > 0 || c.Duration > 0, "duration", c.Duration, "set it, or a number of calls, so that the run ends"},
		{c.Rate >= 0 && c.Rate <= maxRate, "rate", c.Rate, "use meetings per hour above 0, up to a million"},
		{c.Speed >= 0, "speed", c.Speed, "use a factor above 0, or max"},
	} {
		if !check.ok {
			return fmt.Errorf("%s %v: %s", check.setting, check.value, check.hint)
		}
	}
	if u, err := url.Parse(c.Target); err != nil || u.Host == "" || u.Scheme != "http" && u.Scheme != "https" {
		return fmt.Errorf("target %q: use a URI such as http://127.0.0.1:8080/cdr", c.Target)
	}
	return nil
}

// withDefaults returns the config with its defaults filled in.
func (c Config) withDefaults() Config {
	if c.Demo {
		c.Bridges, c.Meetings, c.Duration = meeting.DemoBridges, 1, 0
	}
	setDefault(&c.Bridges, 1)
	setDefault(&c.Rate, 60)
	setDefault(&c.Client, newClient())
	if c.Backoff == nil {
		c.Backoff = bridge.Backoff
	}
	if c.Warn == nil {
		c.Warn = func(string) {}
	}
	return c
}

func setDefault[T comparable](setting *T, value T) {
	var zero T
	if *setting == zero {
		*setting = value
	}
}

// newClient returns a client that behaves like a Meeting Server: it uses HTTP/1.1, keeps connections open, and does
// not follow redirects.
func newClient() *http.Client {
	protocols := new(http.Protocols)
	protocols.SetHTTP1(true)
	return &http.Client{
		Transport: &http.Transport{
			Proxy: http.ProxyFromEnvironment, Protocols: protocols, MaxIdleConnsPerHost: 1024,
		},
		CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
	}
}

// receiverURI returns the receiver URI of a Call Bridge: the target, to which a system_id is added unless it has one.
func receiverURI(target string, number int) string {
	u, err := url.Parse(target)
	if err != nil || u.Query().Has("system_id") {
		return target
	}
	u.RawQuery = strings.TrimPrefix(fmt.Sprintf("%s&system_id=cms%d", u.RawQuery, number+1), "&")
	return u.String()
}
