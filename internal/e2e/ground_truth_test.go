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

// groundTruth holds what the simulated Call Bridges reported about calls and legs, parsed
// without the code of the receiver. It is the transport through which they post.
type groundTruth struct {
	mu    sync.Mutex
	calls map[string]*reportedCall
	legs  map[string]*reportedLeg
}

type reportedCall struct {
	Name      string `xml:"name"`
	OwnerName string `xml:"ownerName"`
	Tenant    string `xml:"tenant"`
	CoSpace   string `xml:"coSpace"`
	CDRTag    string `xml:"cdrTag"`
	Seconds   int    `xml:"durationSeconds"`
	Legs      int    `xml:"callLegsCompleted"`
	ended     time.Time
}

type reportedLeg struct {
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

// isParticipant reports whether the leg is that of a person or a room, and not a link between
// servers, a recorder, a streamer, a shared screen or a chat.
func (l *reportedLeg) isParticipant() bool {
	return !l.Recording && !l.Streaming && l.SubType != "distributionLink" && l.SubType != "lyncdistribution" && l.LyncSubType != "applicationSharing" && l.LyncSubType != "instantMessaging"
}

func newGroundTruth() *groundTruth {
	return &groundTruth{calls: map[string]*reportedCall{}, legs: map[string]*reportedLeg{}}
}

// RoundTrip posts a document of a Call Bridge, and reads it if it is accepted. It
// does not recognise duplicates: in a run that repeats accepted records, the alarms of legs are
// counted twice.
func (o *groundTruth) RoundTrip(req *http.Request) (*http.Response, error) {
	body, err := io.ReadAll(req.Body)
	if err != nil {
		return nil, err
	}
	req.Body = io.NopCloser(bytes.NewReader(body))
	answer, err := http.DefaultTransport.RoundTrip(req)
	if err != nil || answer.StatusCode != http.StatusOK {
		return answer, err
	}
	if err := o.read(body); err != nil {
		_ = answer.Body.Close()
		return nil, err
	}
	return answer, nil
}

// read merges the records of a document into the calls and legs. An absent element does
// not change an earlier value.
func (o *groundTruth) read(body []byte) error {
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
				call := reported(o.calls, element.ID)
				if err := xml.Unmarshal(inner, call); err != nil {
					return err
				}
				if record.Type == "callEnd" {
					call.ended = record.Time
				}
			case "callLeg":
				leg := reported(o.legs, element.ID)
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

// reported returns the entity with an id, and creates it at its first record.
func reported[T any](all map[string]*T, id string) *T {
	if all[id] == nil {
		all[id] = new(T)
	}
	return all[id]
}

// callOf returns the last call of a leg, or an empty one if it was in none.
func (o *groundTruth) callOf(leg *reportedLeg) *reportedCall {
	if call := o.calls[leg.Call]; call != nil {
		return call
	}
	return &reportedCall{}
}

// sum returns the sums of a value of the selected legs by a key. It omits sums of 0.
func (o *groundTruth) sum(selects func(*reportedLeg) bool, key func(*reportedLeg) string, value func(*reportedLeg) int) map[string]int {
	sums := map[string]int{}
	for _, leg := range o.legs {
		if n := value(leg); n > 0 && selects(leg) {
			sums[key(leg)] += n
		}
	}
	return sums
}

func (o *groundTruth) tenant(leg *reportedLeg) string { return o.callOf(leg).Tenant }

func (o *groundTruth) space(leg *reportedLeg) string { return o.callOf(leg).CoSpace }

func (o *groundTruth) tag(leg *reportedLeg) string { return o.callOf(leg).CDRTag }

func (l *reportedLeg) seconds() int { return l.Seconds }

func (l *reportedLeg) start() time.Time { return l.ended.Add(-time.Duration(l.Seconds) * time.Second) }

func (c *reportedCall) start() time.Time { return c.ended.Add(-time.Duration(c.Seconds) * time.Second) }

// countOne returns 1 for each leg. With it as value, sum counts legs.
func countOne(*reportedLeg) int { return 1 }

// people returns the texts that can name a person: names and addresses of legs, names of
// calls and of their owners. It leaves out short texts and numbers, because they can be part
// of other texts.
func (o *groundTruth) people(t *testing.T) map[string]bool {
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
