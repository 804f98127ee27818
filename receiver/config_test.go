package cmscdrreceiver

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"go.opentelemetry.io/collector/config/configopaque"
	"go.opentelemetry.io/collector/confmap"
)

// load returns the configuration with the given values, unmarshalled and validated.
func load(values map[string]any) (*Config, error) {
	cfg := createDefaultConfig().(*Config)
	if err := confmap.NewFromStringMap(values).Unmarshal(cfg); err != nil {
		return nil, err
	}
	return cfg, confmap.Validate(cfg)
}

// TestConfigAllKeys checks that each key except storage sets its field.
func TestConfigAllKeys(t *testing.T) {
	cfg, err := load(map[string]any{
		"http":             map[string]any{"endpoint": "0.0.0.0:8443", "max_request_body_size": 1 << 20},
		"path":             "/cms/cdr",
		"secret":           "s3cret",
		"allowed_networks": []any{"10.20.0.0/16", "192.0.2.7"},
		"expire_after":     "48h",
		"max_open":         500,
		"include_original": true,
		"metrics":          map[string]any{"interval": "1m", "disabled": []any{"cisco.cms.record.duplicate"}},
		"snapshots":        map[string]any{"interval": "30s"},
		"memory":           map[string]any{"open": "300MiB", "bodies": 64_000_000},
	})
	require.NoError(t, err)
	require.Equal(t, "0.0.0.0:8443", cfg.HTTP.NetAddr.Endpoint)
	require.EqualValues(t, 1<<20, cfg.HTTP.MaxRequestBodySize)
	require.Equal(t, "/cms/cdr", cfg.Path)
	require.Equal(t, configopaque.String("s3cret"), cfg.Secret)
	require.Equal(t, []string{"10.20.0.0/16", "192.0.2.7"}, cfg.AllowedNetworks)
	require.Equal(t, 48*time.Hour, cfg.ExpireAfter)
	require.Equal(t, 500, cfg.MaxOpen)
	require.True(t, cfg.IncludeOriginal)
	require.Equal(t, time.Minute, cfg.Metrics.Interval)
	require.Equal(t, []string{"cisco.cms.record.duplicate"}, cfg.Metrics.Disabled)
	require.Equal(t, 30*time.Second, cfg.Snapshots.Interval)
	require.EqualValues(t, 300<<20, cfg.Memory.Open)
	require.EqualValues(t, 64_000_000, cfg.Memory.Bodies)
}

// TestConfigDefaultsAreValid checks that a configuration without keys is valid and
// has the documented defaults.
func TestConfigDefaultsAreValid(t *testing.T) {
	cfg, err := load(nil)
	require.NoError(t, err)
	require.Equal(t, "localhost:8080", cfg.HTTP.NetAddr.Endpoint)
	require.EqualValues(t, 20<<20, cfg.largestBody())
	require.Equal(t, []string{""}, cfg.HTTP.CompressionAlgorithms)
	require.Equal(t, 20*time.Second, cfg.HTTP.ReadTimeout)
	require.Equal(t, 30*time.Second, cfg.HTTP.WriteTimeout)
	require.Equal(t, "/cdr", cfg.Path)
	require.Empty(t, cfg.Secret)
	require.Empty(t, cfg.AllowedNetworks)
	require.Nil(t, cfg.Storage)
	require.Equal(t, 24*time.Hour, cfg.ExpireAfter)
	require.Equal(t, 100_000, cfg.MaxOpen)
	require.EqualValues(t, 256<<20, cfg.Memory.Open)
	require.EqualValues(t, 128<<20, cfg.Memory.Bodies)
	require.False(t, cfg.IncludeOriginal)
	require.Zero(t, cfg.Snapshots.Interval)
	require.Equal(t, 15*time.Second, cfg.Metrics.Interval)
	require.Empty(t, cfg.Metrics.Disabled)
}

// TestConfigMistakes checks that the message for each invalid configuration names the
// key, and contains the value or says that it is empty. The value of a secret is not in its
// message.
func TestConfigMistakes(t *testing.T) {
	cases := map[string]struct {
		values map[string]any
		want   []string
	}{
		"no endpoint":     {map[string]any{"http": map[string]any{"endpoint": ""}}, []string{"http::endpoint is empty", "0.0.0.0:8080"}},
		"relative path":   {map[string]any{"path": "cdr"}, []string{"path", `"cdr"`}},
		"path with query": {map[string]any{"path": "/cdr?x=1"}, []string{"path", `"/cdr?x=1"`}},
		"path with dots":  {map[string]any{"path": "/a/../cdr"}, []string{"path", `"/a/../cdr"`, `"/cdr"`}},
		"network":         {map[string]any{"allowed_networks": []any{"10.0.0.0/8", "10.20/16"}}, []string{"allowed_networks[1]", `"10.20/16"`}},
		"host name":       {map[string]any{"allowed_networks": []any{"cms1.example.com"}}, []string{"allowed_networks[0]", `"cms1.example.com"`}},
		"interval":        {map[string]any{"metrics": map[string]any{"interval": "10m"}}, []string{"metrics::interval", "10m0s"}},
		"no interval":     {map[string]any{"metrics": map[string]any{"interval": "0s"}}, []string{"metrics::interval is 0s"}},
		"path from file":  {map[string]any{"path": "/cdr\n"}, []string{"path", `"/cdr\n"`, "spaces"}},
		"secret of file":  {map[string]any{"secret": "abc\n"}, []string{"secret begins or ends with white space", "line break"}},
		"spacious secret": {map[string]any{"secret": " abc"}, []string{"secret begins or ends with white space"}},
		"empty secret":    {map[string]any{"secret": ""}, []string{"secret is empty", "environment variable"}},
		"expires at once": {map[string]any{"expire_after": "1s"}, []string{"expire_after is 1s", "1m0s"}},
		"nothing open":    {map[string]any{"max_open": 0}, []string{"max_open is 0", "100000"}},
		"no such metric":  {map[string]any{"metrics": map[string]any{"disabled": []any{"cisco.cms.call.duration", "cisco.cms.call_leg.end"}}}, []string{"metrics::disabled[1]", `"cisco.cms.call_leg.end"`, `did you mean "cisco.cms.call_leg.ends"`}},
		"many snapshots":  {map[string]any{"snapshots": map[string]any{"interval": "1s"}}, []string{"snapshots::interval is 1s", "at least 5s"}},
		"below zero":      {map[string]any{"snapshots": map[string]any{"interval": "-1m"}}, []string{"snapshots::interval is -1m0s", "or 0s"}},
		"no size":         {map[string]any{"memory": map[string]any{"open": "plenty"}}, []string{"memory.open", `"plenty" is not a size`}},
		"little memory":   {map[string]any{"memory": map[string]any{"open": "1KiB"}}, []string{"memory::open is 1.0 KiB", "at least 1.0 MiB"}},
		"small bodies":    {map[string]any{"memory": map[string]any{"bodies": "1MiB"}}, []string{"memory::bodies is 1.0 MiB", "http::max_request_body_size is 20 MiB"}},
		"size with unit":  {map[string]any{"http": map[string]any{"max_request_body_size": "40MiB"}}, []string{"http::max_request_body_size is", "in bytes", "41943040"}},
		"several at once": {map[string]any{"path": "x", "metrics": map[string]any{"interval": "1h"}}, []string{`path is "x"`, "metrics::interval is 1h0m0s"}},
	}
	require.Len(t, cases, 22)
	for name, c := range cases {
		t.Run(name, func(t *testing.T) {
			_, err := load(c.values)
			require.Error(t, err)
			for _, part := range c.want {
				require.ErrorContains(t, err, part)
			}
		})
	}
}
