package cmscdrreceiver

import (
	"fmt"
	"net/http"
	"net/url"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

// TestParameters checks which parameters of a receiver URI describe the source, that the
// secret is none of them, and how many and how long they may be.
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
		"no query":             {"", nil},
		"interpreted":          {"secret=hidden&system_id=cms1", nil},
		"sorted by name":       {"site=tokyo&floor=3", []parameter{{"floor", "3"}, {"site", "tokyo"}}},
		"escaped":              {"site=%E6%9D%B1%E4%BA%AC+1", []parameter{{"site", "東京 1"}}},
		"bad UTF-8":            {"site=a%FFb", []parameter{{"site", "a\uFFFDb"}}},
		"trimmed":              {"site=%20a%20", []parameter{{"site", "a"}}},
		"empty":                {"site=&floor", nil},
		"repeated":             {"site=a&site=b", []parameter{{"site", "a"}}},
		"invalid names":        {"Site=a&s-ite=b&s.ite=c&sit%C3%A9=d&=e&SECRET=f", nil},
		"longest name":         {name + "=a", []parameter{{name, "a"}}},
		"name too long":        {name + "n=a", nil},
		"long value":           {"site=a" + strings.Repeat("%C3%A9", 100), []parameter{{"site", "a" + strings.Repeat("é", 63)}}},
		"too many":             {strings.Join(many, "&"), first},
		"partly invalid query": {"site=a;b&floor=3", []parameter{{"floor", "3"}}},
	}
	require.Len(t, cases, 14)
	for name, c := range cases {
		t.Run(name, func(t *testing.T) {
			from := &url.URL{RawQuery: c.query}
			require.Equal(t, c.want, parseParameters(from.Query()))
		})
	}
}

// TestParametersAfterRestart checks that a session keeps its parameters after a restart of
// the receiver, even if later documents do not have them.
func TestParametersAfterRestart(t *testing.T) {
	disk := newDisk()
	require.Equal(t, http.StatusOK, newRigOn(t, disk).post("/cdr?system_id=cms1&site=tokyo", oneCall).Code)
	rig := newRigOn(t, disk)
	end := strings.NewReplacer("callStart", "callEnd", `correlatorIndex="0"`, `correlatorIndex="1"`).Replace(oneCall)
	require.Equal(t, http.StatusOK, rig.post("/cdr?system_id=cms1", end).Code)
	site, has := rig.logs.AllLogs()[0].ResourceLogs().At(0).Resource().Attributes().Get("cisco.cms.uri.site")
	require.True(t, has)
	require.Equal(t, "tokyo", site.Str())
}
