package e2e

import (
	"bytes"
	"encoding/xml"
	"io"
	"maps"
	"net/http"
	"strings"
	"sync"
	"testing"
	"time"
	"unicode"

	"github.com/stretchr/testify/require"
)

// overheard is what Call Bridges told of calls and legs, read with nothing of the
// receiver's. It posts for them.
type overheard struct {
	mu    sync.Mutex
	calls map[string]*heardCall
	legs  map[string]*heardLeg
}

type heardCall struct {
	Name      string `xml:"name"`
	OwnerName string `xml:"ownerName"`
	Tenant    string `xml:"tenant"`
	CoSpace   string `xml:"coSpace"`
	CDRTag    string `xml:"cdrTag"`
	Seconds   int    `xml:"durationSeconds"`
	Legs      int    `xml:"callLegsCompleted"`
	ended     time.Time
}

type heardLeg struct {
	DisplayName   string     `xml:"displayName"`
	RemoteParty   string     `xml:"remoteParty"`
	RemoteAddress string     `xml:"remoteAddress"`
	Recording     bool       `xml:"recording"`
	Streaming     bool       `xml:"streaming"`
	SubType       string     `xml:"subType"`
	LyncSubType   string     `xml:"lyncSubType"`
	Call          string     `xml:"call"`
	Reason        string     `xml:"reason"`
	Seconds       int        `xml:"durationSeconds"`
	Alarms        []struct{} `xml:"alarm"`
	ended         time.Time
}

// isParticipant: neither a link between servers, nor a recorder, a streamer, a
// shared screen or a chat.
func (l *heardLeg) isParticipant() bool {
	return !l.Recording && !l.Streaming && l.SubType != "distributionLink" && l.SubType != "lyncdistribution" && l.LyncSubType != "applicationSharing" && l.LyncSubType != "instantMessaging"
}

func newOverheard() *overheard {
	return &overheard{calls: map[string]*heardCall{}, legs: map[string]*heardLeg{}}
}

// RoundTrip posts for the Call Bridges. Each document is accepted at once, or the
// test fails: none comes twice.
func (o *overheard) RoundTrip(req *http.Request) (*http.Response, error) {
	body, err := io.ReadAll(req.Body)
	if err != nil {
		return nil, err
	}
	req.Body = io.NopCloser(bytes.NewReader(body))
	answer, err := http.DefaultTransport.RoundTrip(req)
	if err == nil && answer.StatusCode == http.StatusOK {
		err = o.read(body)
	}
	return answer, err
}

// read lets later records add to what earlier ones told: elements that are absent
// leave the fields as they are.
func (o *overheard) read(body []byte) error {
	var document struct {
		Records []struct {
			Type     string    `xml:"type,attr"`
			Time     time.Time `xml:"time,attr"`
			Elements []struct {
				XMLName xml.Name
				ID      string `xml:"id,attr"`
				Inner   []byte `xml:",innerxml"`
			} `xml:",any"`
		} `xml:"record"`
	}
	if err := xml.Unmarshal(body, &document); err != nil {
		return err
	}
	o.mu.Lock()
	defer o.mu.Unlock()
	for _, record := range document.Records {
		for _, element := range record.Elements {
			inner := append(append([]byte("<e>"), element.Inner...), "</e>"...)
			switch element.XMLName.Local {
			case "call":
				call := heardOf(o.calls, element.ID)
				if err := xml.Unmarshal(inner, call); err != nil {
					return err
				}
				if record.Type == "callEnd" {
					call.ended = record.Time
				}
			case "callLeg":
				leg := heardOf(o.legs, element.ID)
				if err := xml.Unmarshal(inner, leg); err != nil {
					return err
				}
				if record.Type == "callLegEnd" {
					leg.ended = record.Time
				}
			}
		}
	}
	return nil
}

func heardOf[T any](all map[string]*T, id string) *T {
	if all[id] == nil {
		all[id] = new(T)
	}
	return all[id]
}

// callOf is the call that the leg was in last, an empty one if it was in none.
func (o *overheard) callOf(leg *heardLeg) *heardCall {
	if call := o.calls[leg.Call]; call != nil {
		return call
	}
	return &heardCall{}
}

// sum adds up a figure of the legs that are wanted, by a key; what is 0 is left
// out.
func (o *overheard) sum(wanted func(*heardLeg) bool, key func(*heardLeg) string, figure func(*heardLeg) int) map[string]int {
	sums := map[string]int{}
	for _, leg := range o.legs {
		if n := figure(leg); n > 0 && wanted(leg) {
			sums[key(leg)] += n
		}
	}
	return sums
}

func (o *overheard) tenant(leg *heardLeg) string { return o.callOf(leg).Tenant }

func (o *overheard) space(leg *heardLeg) string { return o.callOf(leg).CoSpace }

func (o *overheard) tag(leg *heardLeg) string { return o.callOf(leg).CDRTag }

func (l *heardLeg) seconds() int { return l.Seconds }

func (l *heardLeg) begun() time.Time { return l.ended.Add(-time.Duration(l.Seconds) * time.Second) }

func (c *heardCall) begun() time.Time { return c.ended.Add(-time.Duration(c.Seconds) * time.Second) }

func one(*heardLeg) int { return 1 }

// people are the texts that name somebody: what legs call themselves, their
// addresses, names of calls and of their owners. Short ones and numbers are left
// out, as they can be part of anything.
func (o *overheard) people(t *testing.T) map[string]bool {
	t.Helper()
	texts := map[string]bool{}
	for _, leg := range o.legs {
		texts[leg.DisplayName], texts[leg.RemoteParty], texts[leg.RemoteAddress] = true, true, true
	}
	for _, call := range o.calls {
		texts[call.Name], texts[call.OwnerName] = true, true
	}
	maps.DeleteFunc(texts, func(text string, _ bool) bool {
		return len(text) < 5 || !strings.ContainsFunc(text, unicode.IsLetter)
	})
	require.Greater(t, len(texts), 50)
	return texts
}
