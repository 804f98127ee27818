package cmscdrreceiver

import (
	"context"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
	"go.opentelemetry.io/collector/config/confighttp"
	"go.opentelemetry.io/collector/confmap"
)

// yamlProvider resolves scheme:TEXT to the YAML value TEXT. The collector's provider of the
// scheme yaml does the same. For the scheme env, TEXT is the value of the variable instead of
// its name.
type yamlProvider struct{ scheme string }

func (p yamlProvider) Retrieve(_ context.Context, uri string, _ confmap.WatcherFunc) (*confmap.Retrieved, error) {
	return confmap.NewRetrievedFromYAML([]byte(strings.TrimPrefix(uri, p.scheme+":")))
}

func (p yamlProvider) Scheme() string               { return p.scheme }
func (yamlProvider) Shutdown(context.Context) error { return nil }

// loadYAML loads the text as the configuration below cms_cdr, as a collector does. A
// variable ${env:X} has the value X.
func loadYAML(t *testing.T, text string) (*Config, error) {
	t.Helper()
	provider := func(scheme string) confmap.ProviderFactory {
		return confmap.NewProviderFactory(func(confmap.ProviderSettings) confmap.Provider { return yamlProvider{scheme} })
	}
	document := "receivers:\n  cms_cdr:\n    " + strings.ReplaceAll(text, "\n", "\n    ")
	resolver, err := confmap.NewResolver(confmap.ResolverSettings{
		URIs:              []string{"yaml:" + document},
		ProviderFactories: []confmap.ProviderFactory{provider("yaml"), provider("env")},
	})
	require.NoError(t, err)
	conf, err := resolver.Resolve(t.Context())
	require.NoError(t, err)
	conf, err = conf.Sub("receivers::cms_cdr")
	require.NoError(t, err)
	cfg := NewFactory().CreateDefaultConfig()
	if err := conf.Unmarshal(&cfg); err != nil {
		return nil, err
	}
	return cfg.(*Config), confmap.Validate(cfg)
}

// ownText removes what confmap puts before the messages of Unmarshal.
var ownText = strings.NewReplacer("decoding failed due to the following error(s):\n\n", "", "'' ", "")

// TestMistakes checks the whole message for each mistake.
func TestMistakes(t *testing.T) {
	const (
		unit   = ": write a unit, as in 30s, 15m or 24h; hours are the largest"
		metric = `metrics::disabled[0] is "%", and there is no such metric: `
	)
	cases := map[string][]string{
		// Keys in the wrong place.
		"endpoint: 0.0.0.0:8080":                      {"endpoint is not a key of cms_cdr: put it below http, as http::endpoint"},
		"tls: {cert_file: a, key_file: b}":            {"tls is not a key of cms_cdr: put it below http, as http::tls"},
		"auth: {authenticator: basicauth}":            {"auth is not a key of cms_cdr: put it below http, as http::auth"},
		"cors: {}":                                    {"cors is not a key of cms_cdr: put it below http, as http::cors"},
		"max_request_body_size: 5":                    {"max_request_body_size is not a key of cms_cdr: put it below http, as http::max_request_body_size"},
		"read_timeout: 5s":                            {"read_timeout is not a key of cms_cdr: put it below http, as http::read_timeout"},
		"endpoint: localhost:1\nwrite_timeout: 1s":    {"endpoint is not a key of cms_cdr: put it below http, as http::endpoint", "write_timeout is not a key of cms_cdr: put it below http, as http::write_timeout"},
		"middlewares: []\nsecert: x\nfoo: 1\nbaz: {}": {"middlewares is not a key of cms_cdr: put it below http, as http::middlewares", "secert is not a key: did you mean secret?", "'cmscdrreceiver.Config' has invalid keys: baz, foo"},
		// Misspelled and unknown keys, and metrics that do not exist.
		"allow_networks: [10.20.0.0/16]":                {"allow_networks is not a key: did you mean allowed_networks?"},
		"PATH: /cdr":                                    {"PATH is not a key: did you mean path?"},
		"Secret: x":                                     {"Secret is not a key: did you mean secret?"},
		"expireAfter: 24h":                              {"expireAfter is not a key: did you mean expire_after?"},
		"http: {endpiont: 'localhost:1'}":               {"http::endpiont is not a key: did you mean http::endpoint?"},
		"http: {read_timeot: 1s}":                       {"http::read_timeot is not a key: did you mean http::read_timeout?"},
		"http: {tls: {cert_fle: a}}":                    {"http::tls::cert_fle is not a key: did you mean http::tls::cert_file?"},
		"metrics: {intervall: 15s}":                     {"metrics::intervall is not a key: did you mean metrics::interval?"},
		"snapshot: {interval: 30s}":                     {"snapshot is not a key: did you mean snapshots?"},
		"snapshots: {every: 30s}":                       {"'snapshots' has invalid keys: every"},
		"foo: 1":                                        {"'cmscdrreceiver.Config' has invalid keys: foo"},
		"http: {foo: 1}":                                {"'http' has invalid keys: foo"},
		"metrics: {disable: [x], unwanted: 1}":          {"metrics::disable is not a key: did you mean metrics::disabled?", "'metrics' has invalid keys: unwanted"},
		"metrics: {disabled: [cisco.cms.call_leg.end]}": {strings.Replace(metric, "%", "cisco.cms.call_leg.end", 1) + `did you mean "cisco.cms.call_leg.ends"?`},
		"metrics: {disabled: [foo]}":                    {strings.Replace(metric, "%", "foo", 1) + "docs/metrics.md lists all"},
		"paht: /x":                                      {"paht is not a key: did you mean path?"},
		// Durations.
		"expire_after: 24":          {"expire_after is 24" + unit},
		"expire_after: 1.5":         {"expire_after is 1.5" + unit},
		"expire_after: '24'":        {`expire_after is "24"` + unit},
		"expire_after: 1d":          {`expire_after is "1d"` + unit},
		"expire_after: ${env:24}":   {"expire_after is 24" + unit},
		"expire_after: 0":           {"expire_after is 0s: set at least 1m0s; what is closed too early gets a second span at its end"},
		"http: {read_timeout: 20}":  {"http::read_timeout is 20" + unit},
		"snapshots: {interval: 30}": {"snapshots::interval is 30" + unit},
		"metrics: {interval: 15}":   {"metrics::interval is 15" + unit},
		"http: {tls: {cert_file: a, key_file: b, reload_interval: 30}}": {"http::tls::reload_interval is 30" + unit},
		"metrics: {interval: a while}":                                  {`metrics::interval is "a while"` + unit},
		"http: {write_timeout: 1ms}":                                    {"http::write_timeout is 1ms: set at least 1s, because a document that takes longer gets no answer"},
		// Endpoints and the path.
		"http: {endpoint: ''}":              {`http::endpoint is empty: set the address to listen on, such as "0.0.0.0:8080"`},
		"http: {endpoint: 0.0.0.0}":         {`http::endpoint is "0.0.0.0", which is not an address with a port: write it as "0.0.0.0:8080"`},
		"http: {endpoint: '2001:db8::1'}":   {`http::endpoint is "2001:db8::1", which is not an address with a port: write it as "[2001:db8::1]:8080"`},
		"http: {endpoint: '[2001:db8::1]'}": {`http::endpoint is "[2001:db8::1]", which is not an address with a port: write it as "[2001:db8::1]:8080"`},
		"http: {endpoint: '::1'}":           {`http::endpoint is "::1", which is not an address with a port: write it as "[::1]:8080"`},
		"http: {endpoint: '[::1]'}":         {`http::endpoint is "[::1]", which is not an address with a port: write it as "[::1]:8080"`},
		"path: //":                          {`path is "//", which is never served: did you mean "/"?`},
		"http: {endpoint: 'http://cms:80'}": {`http::endpoint is "http://cms:80", which is not an address with a port: write it as "0.0.0.0:8080"`},
		"http: {endpoint: 'localhost:'}":    {`http::endpoint is "localhost:", and its port is "": set a port from 1 to 65535, as in "localhost:8080"`},
		"http: {endpoint: ':99999'}":        {`http::endpoint is ":99999", and its port is "99999": set a port from 1 to 65535, as in ":8080"`},
		"http: {endpoint: 'localhost:cdr'}": {`http::endpoint is "localhost:cdr", and its port is "cdr": set a port from 1 to 65535, as in "localhost:8080"`},
		// Compressions.
		"http: {compression_algorithms: [gzip]}":    {`http::compression_algorithms is ["gzip"]: add "", because Call Bridges do not compress and would be refused`},
		"http: {compression_algorithms: ['', gzp]}": {`http::compression_algorithms[1] is "gzp", and there is no such compression: set some of ["" "gzip" "zstd" "zlib" "deflate" "snappy" "x-snappy-framed" "lz4"]`},
		// Empty values, as those of a variable that is not set.
		"secret: ''":                {"secret is empty: set the environment variable that it comes from, or leave the key out to let everybody post"},
		"secret: ${env:}":           {"secret is empty: set the environment variable that it comes from, or leave the key out to let everybody post"},
		"allowed_networks: ''":      {"allowed_networks is empty: set the environment variable that it comes from, or leave the key out to let everybody post"},
		"allowed_networks:":         {"allowed_networks is empty: set the environment variable that it comes from, or leave the key out to let everybody post"},
		"allowed_networks: ${env:}": {"allowed_networks is empty: set the environment variable that it comes from, or leave the key out to let everybody post"},
		"allowed_networks: ['']":    {`allowed_networks[0] is "": give a network such as "10.20.0.0/16" or an address`},
		"http: {transport: unix, endpoint: /run/cdr.sock}\nallowed_networks: [10.0.0.0/8]": {`allowed_networks must be left out, because http::transport is "unix": its clients have no address, and all would be refused`},
		// Transports without connections.
		"http: {transport: udp}":                                 {`http::transport is "udp": leave it out, or set "unix" for a Unix socket, because HTTP needs connections`},
		"http: {transport: ip4}\nallowed_networks: [10.0.0.0/8]": {`http::transport is "ip4": leave it out, or set "unix" for a Unix socket, because HTTP needs connections`},
		"http: {transport: unixgram, endpoint: /run/cdr.sock}":   {`http::transport is "unixgram": leave it out, or set "unix" for a Unix socket, because HTTP needs connections`},
		"http: {transport: unixpacket, endpoint: /run/cdr.sock}": {`http::transport is "unixpacket": leave it out, or set "unix" for a Unix socket, because HTTP needs connections`},
		// Every invalid network has its message.
		"allowed_networks: [10.0.0.0/8, 10.20/16, cms1]": {
			`allowed_networks[1] is "10.20/16": give a network such as "10.20.0.0/16" or an address`,
			`allowed_networks[2] is "cms1": give a network such as "10.20.0.0/16" or an address`,
		},
	}
	require.Len(t, cases, 61)
	// From v0.160 on, confighttp decodes its keys itself and accepts unknown ones.
	if _, decodesItself := any(new(confighttp.ServerConfig)).(confmap.Unmarshaler); decodesItself {
		const unknown = "http: {foo: 1}"
		require.Contains(t, cases, unknown)
		delete(cases, unknown)
		_, err := loadYAML(t, unknown)
		require.NoError(t, err)
	}
	for text, want := range cases {
		t.Run(text, func(t *testing.T) {
			_, err := loadYAML(t, text)
			require.Error(t, err)
			require.Equal(t, strings.Join(want, "\n"), ownText.Replace(err.Error()))
		})
	}
}

// TestNoMistakes checks that valid configurations are accepted.
func TestNoMistakes(t *testing.T) {
	cases := []string{
		"",
		"http: {endpoint: 'localhost:0', read_timeout: 0}",
		"http: {endpoint: '[::1]:8080', tls: {cert_file: a, key_file: b, min_version: '1.3'}}",
		"http: {endpoint: 'localhost:http'}",
		"http: {transport: unix, endpoint: /run/cdr.sock}",
		"http: {cors: {allowed_origins: [a]}, auth: {authenticator: basicauth}}",
		"secret: ${env:123}\nexpire_after: ${env:48h}\nmetrics: {interval: 1m30s}",
		"http:\nmetrics:\nallowed_networks: []",
		"snapshots: {interval: 5s}",
		"http: {compression_algorithms: ['', gzip, zstd]}",
		"http: {compression_algorithms: []}",
	}
	require.Len(t, cases, 11)
	for _, text := range cases {
		t.Run(text, func(t *testing.T) {
			_, err := loadYAML(t, text)
			require.NoError(t, err)
		})
	}
}
