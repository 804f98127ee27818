package cmscdrreceiver

import (
	"fmt"
	"net/http"
	"net/url"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

// TestParameters: what of a receiver URI's query says more of the source, and in what
// bounds. The secret is never among it.
func TestParameters(t *testing.T) {
	var many []string
	var first []parameter
	for i := range 12 {
		many = append(many, fmt.Sprintf("p%02d=%d", 11-i, 11-i))
		if i < maxParameters {
			first = append(first, parameter{fmt.Sprintf("p%02d", i), fmt.Sprint(i)})
		}
	}
	name := strings.Repeat("n", 32)
	cases := map[string]struct {
		query string
		want  []parameter
	}{
		"none":                  {"", nil},
		"what has a meaning":    {"secret=hidden&system_id=cms1", nil},
		"by name":               {"site=tokyo&floor=3", []parameter{{"floor", "3"}, {"site", "tokyo"}}},
		"escaped":               {"site=%E6%9D%B1%E4%BA%AC+1", []parameter{{"site", "東京 1"}}},
		"bad UTF-8":             {"site=a%FFb", []parameter{{"site", "a\uFFFDb"}}},
		"trimmed":               {"site=%20a%20", []parameter{{"site", "a"}}},
		"empty":                 {"site=&floor", nil},
		"twice":                 {"site=a&site=b", []parameter{{"site", "a"}}},
		"other names":           {"Site=a&s-ite=b&s.ite=c&sit%C3%A9=d&=e&SECRET=f", nil},
		"a name of 32":          {name + "=a", []parameter{{name, "a"}}},
		"a longer name":         {name + "n=a", nil},
		"a long value":          {"site=" + strings.Repeat("%C3%A9", 100), []parameter{{"site", strings.Repeat("é", 64)}}},
		"too many":              {strings.Join(many, "&"), first},
		"a wrong query is part": {"site=a;b&floor=3", []parameter{{"floor", "3"}}},
	}
	require.Len(t, cases, 14)
	for name, c := range cases {
		t.Run(name, func(t *testing.T) {
			from := &url.URL{RawQuery: c.query}
			require.Equal(t, c.want, parseParameters(from.Query()))
		})
	}
}

// TestParametersOverARestart: they are on the resource of a session that goes on after a
// restart of the receiver, too.
func TestParametersOverARestart(t *testing.T) {
	on := newDisk()
	require.Equal(t, http.StatusOK, newRigOn(t, on).post("/cdr?system_id=cms1&site=tokyo", oneCall).Code)
	rig := newRigOn(t, on)
	end := strings.NewReplacer("callStart", "callEnd", `correlatorIndex="0"`, `correlatorIndex="1"`).Replace(oneCall)
	require.Equal(t, http.StatusOK, rig.post("/cdr?system_id=cms1", end).Code)
	site, has := rig.logs.AllLogs()[0].ResourceLogs().At(0).Resource().Attributes().Get("cisco.cms.uri.site")
	require.True(t, has)
	require.Equal(t, "tokyo", site.Str())
}
