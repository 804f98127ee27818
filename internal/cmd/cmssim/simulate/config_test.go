package simulate_test

import (
	"math"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/cmscdr/cmscdrreceiver/internal/cmd/cmssim/listener"
	"github.com/cmscdr/cmscdrreceiver/internal/cmd/cmssim/simulate"
)

// TestInvalidConfig checks that the error names the setting and says what to use.
func TestInvalidConfig(t *testing.T) {
	for want, change := range map[string]func(*simulate.Config){
		`target "": use a`:     func(c *simulate.Config) { c.Target = "" },
		`target "/cdr": use a`: func(c *simulate.Config) { c.Target = "/cdr" },
		"bridges -1: use":      func(c *simulate.Config) { c.Bridges = -1 },
		"calls -1: use":        func(c *simulate.Config) { c.Meetings = -1 },
		"duration -1s: use":    func(c *simulate.Config) { c.Duration = -time.Second },
		"duration 0s: set it":  func(c *simulate.Config) { c.Duration = 0 },
		"rate -2: use":         func(c *simulate.Config) { c.Rate = -2 },
		"rate +Inf: use":       func(c *simulate.Config) { c.Rate = math.Inf(1) },
		"speed -1: use":        func(c *simulate.Config) { c.Speed = -1 },
	} {
		config := configFor(&listener.Listener{})
		config.Duration = time.Minute
		change(&config)
		_, _, err := simulate.Run(t.Context(), config)
		assert.ErrorContains(t, err, want)
	}
}

// TestSystemID checks that each Call Bridge adds its own system_id to the target, unless the target has one.
func TestSystemID(t *testing.T) {
	for target, want := range map[string][]string{
		"http://a.example.com/cdr":                {"/cdr?system_id=cms1", "/cdr?system_id=cms2"},
		"http://a.example.com/key?token=%2Fx":     {"/key?token=%2Fx&system_id=cms1", "/key?token=%2Fx&system_id=cms2"},
		"http://a.example.com/own?system_id=mine": {"/own?system_id=mine"},
	} {
		l := &listener.Listener{}
		config := configFor(l)
		config.Target, config.Bridges, config.Meetings = target, 2, 12
		_, counts, err := simulate.Run(t.Context(), config)
		require.NoError(t, err)
		uris, records := map[string]bool{}, 0
		for _, d := range l.Documents() {
			uris[d.URI] = true
			records += len(d.Records)
		}
		assert.Len(t, uris, len(want))
		for _, uri := range want {
			assert.True(t, uris[uri], uri)
		}
		assert.Equal(t, counts.Acknowledged, records)
	}
}

// TestFaults checks the syntax of the list of faults.
func TestFaults(t *testing.T) {
	var f simulate.Faults
	require.NoError(t, f.Set("loss=0.01,repeat=0.5,restart=2"))
	require.NoError(t, f.Set("outage=1,scanner=1.5,"))
	require.NoError(t, f.Set(""))
	assert.Equal(t, simulate.Faults{Loss: 0.01, Repeat: 0.5, Restarts: 2, Outages: 1, Scanner: 1.5}, f)

	for _, invalid := range []string{
		"loss", "loss=1", "loss=-1", "loss=NaN", "repeat=x", "restart=1.5", "restart=1001", "outage=-1",
		"scanner=-1", "scanner=x", "gremlins=3",
	} {
		assert.ErrorContains(t, (&simulate.Faults{}).Set(invalid), `"`+invalid+`": `)
	}
}
