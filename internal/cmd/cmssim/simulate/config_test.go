package simulate_test

import (
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/cmscdr/cmscdrreceiver/internal/cmd/cmssim/listener"
	"github.com/cmscdr/cmscdrreceiver/internal/cmd/cmssim/simulate"
)

func TestSettingsThatMakeNoSense(t *testing.T) {
	for want, change := range map[string]func(*simulate.Config){
		"target 0: name":      func(c *simulate.Config) { c.Targets = nil },
		"target 5: name":      func(c *simulate.Config) { c.Targets = make([]string, 5) },
		"target /cdr: use a":  func(c *simulate.Config) { c.Targets = []string{"/cdr"} },
		"bridges -1":          func(c *simulate.Config) { c.Bridges = -1 },
		"calls -1":            func(c *simulate.Config) { c.Meetings = -1 },
		"duration -1s":        func(c *simulate.Config) { c.Duration = -time.Second },
		"duration 0s: set it": func(c *simulate.Config) { c.Duration = 0 },
		"rate -2":             func(c *simulate.Config) { c.Rate = -2 },
		"speed -1":            func(c *simulate.Config) { c.Speed = -1 },
		"bundle -1":           func(c *simulate.Config) { c.Bundle = -1 },
		"buffer -1: at least": func(c *simulate.Config) { c.Buffer = -1 },
	} {
		config := to(&listener.Listener{})
		config.Duration = time.Minute
		change(&config)
		_, _, err := simulate.Run(t.Context(), config)
		var wrong *simulate.SettingError
		require.ErrorAs(t, err, &wrong, want)
		assert.ErrorContains(t, err, want)
	}
}

func TestSystemID(t *testing.T) {
	l := &listener.Listener{}
	config := to(l)
	config.Bridges, config.Meetings = 2, 12
	config.Targets = []string{
		"http://a.example.com/cdr", "http://a.example.com/key?token=%2Fx", "http://a.example.com/own?system_id=mine",
	}
	_, counts, err := simulate.Run(t.Context(), config)
	require.NoError(t, err)
	uris := map[string]int{}
	records := 0
	for _, d := range l.Documents() {
		uris[d.URI]++
		records += len(d.Records)
	}
	assert.Len(t, uris, 5)
	for _, uri := range []string{
		"/cdr?system_id=cms1", "/cdr?system_id=cms2", "/key?token=%2Fx&system_id=cms1", "/key?token=%2Fx&system_id=cms2",
		"/own?system_id=mine",
	} {
		assert.NotZero(t, uris[uri], uri)
	}
	assert.Equal(t, 3*counts.Acknowledged, records)
}

func TestCallBridgeOutsideClusters(t *testing.T) {
	for _, named := range []bool{false, true} {
		l := &listener.Listener{}
		config := to(l)
		config.Meetings, config.CallBridge = 1, named
		_, _, err := simulate.Run(t.Context(), config)
		require.NoError(t, err)
		assert.Equal(t, named, l.Documents()[0].CallBridge != "")
	}
}

func TestFaults(t *testing.T) {
	var f simulate.Faults
	require.NoError(t, f.Set("loss=0.01,repeat=0.5,restart=2,outage=1,scanner=1.5,"))
	require.NoError(t, f.Set("nomissing,losequeue"))
	assert.Equal(t, simulate.Faults{
		Loss: 0.01, Repeat: 0.5, Restarts: 2, Outages: 1, Scanner: 1.5, NoMissing: true, LoseQueue: true,
	}, f)
	var again simulate.Faults
	require.NoError(t, again.Set(f.String()))
	assert.Equal(t, f, again)
	assert.Empty(t, (&simulate.Faults{}).String())

	for _, wrong := range []string{
		"loss", "loss=1", "loss=-1", "loss=NaN", "repeat=x", "restart=1.5", "outage=-1", "scanner=-1", "scanner=x",
		"nomissing=1", "losequeue=yes", "gremlins=3",
	} {
		assert.ErrorContains(t, (&simulate.Faults{}).Set(wrong), wrong+": ", wrong)
	}
}
