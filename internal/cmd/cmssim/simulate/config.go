// Package simulate runs Call Bridges through a stretch of made-up time: it lets meetings happen, things go
// wrong, and records be posted.
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

// Config describes a run. What is zero has the default that stands with it, if any.
type Config struct {
	Targets []string // receiver URIs, one to four
	Bridges int      // Call Bridges; 1

	Meetings int           // how many; 0 for as many as fit
	Duration time.Duration // of the run in its own time; 0 for as long as the meetings last
	Rate     float64       // meetings that begin on each Call Bridge in an hour of that time; 60
	Demo     bool          // one fixed meeting on two Call Bridges, in place of all above
	Speed    float64       // how much faster than real that time goes; 0 for as fast as the receivers answer
	Start    time.Time     // when that time begins; by default so that it ends with the real one
	Seed     uint64        // the same seed and Start make the same records
	Faults   Faults

	Bundle     int  // most records in a document; 0 for no bound
	Bytes      int  // about the most bytes in a document; 4 MiB
	Buffer     int  // records that a Call Bridge keeps for each target; 100000
	CallBridge bool // name the callBridge even if there is only one

	Client  *http.Client
	Backoff func(attempt int) time.Duration // before a document is sent again; bridge.Backoff
	GiveUp  time.Duration                   // without any success until the run fails; 0 for never

	IDs      bool          // list the ids of what ended
	Warn     func(string)  // told what is wrong with a target, once for each
	Progress func(Summary) // told how far the run is, some times a second at most
}

// SettingError is a setting that makes no sense, spelled like its flag.
type SettingError struct {
	Setting string
	Value   any
	Hint    string
}

func (e *SettingError) Error() string { return fmt.Sprintf("%s %v: %s", e.Setting, e.Value, e.Hint) }

// settled fills in the defaults and looks for mistakes.
func (c Config) settled() (Config, error) {
	if c.Demo {
		c.Bridges, c.Meetings, c.Duration = meeting.DemoBridges, 1, 0
	}
	setDefault(&c.Bridges, 1)
	setDefault(&c.Rate, 60)
	setDefault(&c.Bytes, 4<<20)
	setDefault(&c.Buffer, 100_000)
	setDefault(&c.Client, newClient())
	if c.Backoff == nil {
		c.Backoff = bridge.Backoff
	}
	if c.Warn == nil {
		c.Warn = func(string) {}
	}
	if c.Progress == nil {
		c.Progress = func(Summary) {}
	}
	for _, check := range []struct {
		ok      bool
		setting string
		value   any
		hint    string
	}{
		{len(c.Targets) >= 1 && len(c.Targets) <= 4, "target", len(c.Targets), "name one to four receiver URIs"},
		{c.Bridges > 0, "bridges", c.Bridges, "at least one Call Bridge is needed"},
		{c.Meetings >= 0, "calls", c.Meetings, "use 0 to go by the duration"},
		{c.Duration >= 0, "duration", c.Duration, "it cannot be negative"},
		{c.Meetings > 0 || c.Duration > 0, "duration", c.Duration, "set it, or a number of calls, so that the run ends"},
		{c.Rate > 0, "rate", c.Rate, "meetings an hour must be above 0"},
		{c.Speed >= 0, "speed", c.Speed, `use a factor above 0, or "max"`},
		{c.Bundle >= 0, "bundle", c.Bundle, "use 0 for no bound"},
		{c.Buffer > 0, "buffer", c.Buffer, "at least one record must be kept"},
	} {
		if !check.ok {
			return c, &SettingError{check.setting, check.value, check.hint}
		}
	}
	for _, target := range c.Targets {
		if u, err := url.Parse(target); err != nil || u.Host == "" || u.Scheme != "http" && u.Scheme != "https" {
			return c, &SettingError{"target", target, "use a URI such as http://127.0.0.1:8080/cdr"}
		}
	}
	return c, nil
}

func setDefault[T comparable](setting *T, value T) {
	var zero T
	if *setting == zero {
		*setting = value
	}
}

// newClient speaks HTTP/1.1, keeps connections open, and follows no redirect: no more does a Meeting Server.
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

// receivers are the targets as a Call Bridge has them: with its system_id in the query, unless one is there.
func receivers(targets []string, number int) []string {
	uris := make([]string, len(targets))
	for i, target := range targets {
		uris[i] = target
		u, err := url.Parse(target)
		if err != nil || u.Query().Has("system_id") {
			continue
		}
		u.RawQuery = strings.TrimPrefix(fmt.Sprintf("%s&system_id=cms%d", u.RawQuery, number+1), "&")
		uris[i] = u.String()
	}
	return uris
}
