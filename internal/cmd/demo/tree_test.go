package main

import (
	"bytes"
	"encoding/xml"
	"errors"
	"io"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"go.opentelemetry.io/collector/pdata/pcommon"
	"go.opentelemetry.io/collector/pdata/ptrace"
)

var noon = time.Date(2026, 3, 2, 12, 0, 0, 0, time.UTC)

// spanSpec describes a span. Times are in seconds after noon.
type spanSpec struct {
	id, parent byte
	name       string
	from, to   int
	attributes map[string]any
	events     []eventSpec
	failed     bool
}

type eventSpec struct {
	name string
	at   int
}

func after(seconds int) pcommon.Timestamp {
	return pcommon.NewTimestampFromTime(noon.Add(time.Duration(seconds) * time.Second))
}

func spansOf(specs ...spanSpec) []ptrace.Traces {
	traces := ptrace.NewTraces()
	resource := traces.ResourceSpans().AppendEmpty()
	resource.Resource().Attributes().PutStr("service.instance.id", "83ce583c-d7d1-4120-aa23-36397e8ee34c")
	for _, s := range specs {
		span := resource.ScopeSpans().AppendEmpty().Spans().AppendEmpty()
		span.SetName(s.name)
		span.SetTraceID(pcommon.TraceID{1})
		span.SetSpanID(pcommon.SpanID{s.id})
		if s.parent != 0 {
			span.SetParentSpanID(pcommon.SpanID{s.parent})
		}
		span.SetStartTimestamp(after(s.from))
		span.SetEndTimestamp(after(s.to))
		if err := span.Attributes().FromRaw(s.attributes); err != nil {
			panic(err)
		}
		for _, m := range s.events {
			event := span.Events().AppendEmpty()
			event.SetName("cisco.cms.call_leg." + m.name)
			event.SetTimestamp(after(m.at))
		}
		if s.failed {
			span.Status().SetCode(ptrace.StatusCodeError)
		}
	}
	return []ptrace.Traces{traces}
}

// wardRound returns the spans of a meeting, with at least one span for each result of
// classOf. Children come before their parents, because a leg ends before its call.
func wardRound() []ptrace.Traces {
	participant := func(name string) map[string]any {
		return map[string]any{"cisco.cms.call_leg.display_name": name, "cisco.cms.call_leg.role": "participant"}
	}
	cart := participant("Ward 4 <cart>")
	cart["cisco.cms.alarm.packet_loss.duration_ratio"] = 0.063
	cart["cisco.cms.alarm.excessive_jitter.duration_ratio"] = 0.0
	failed := participant("Physiotherapy")
	failed["error.type"] = "timeout"
	call := map[string]any{"cisco.cms.call.name": "Ward round"}
	return spansOf(
		spanSpec{id: 5, parent: 3, name: "participant incoming", from: 60, to: 912, attributes: failed, failed: true, events: []eventSpec{
			{"connected", 60}, {"joined", 60}, {"activated", 60},
		}},
		spanSpec{id: 4, parent: 3, name: "participant incoming", from: 5, to: 1183, attributes: cart, events: []eventSpec{
			{"connected", 6}, {"ivr", 6}, {"joined", 22}, {"lobby", 22}, {"activated", 36},
		}},
		spanSpec{id: 6, parent: 2, name: "participant: Maren", from: 31, to: 90, attributes: participant("Maren"), events: []eventSpec{
			{"joined", 31}, {"lobby", 32},
		}},
		spanSpec{id: 7, parent: 2, name: "recording", from: 40, to: 3700},
		spanSpec{id: 3, parent: 1, name: "call coSpace", from: 22, to: 1183, attributes: call},
		spanSpec{id: 2, parent: 1, name: "call coSpace", from: 0, to: 1200, attributes: call},
		spanSpec{id: 1, name: "meeting", from: 0, to: 1200, attributes: call},
	)
}

func TestTree(t *testing.T) {
	var out bytes.Buffer
	showTree(&page{out: &out}, rows(wardRound()))
	require.Equal(t, `meeting  Ward round                        20 min 0 s   began 12:00:00
├─ call coSpace  Ward round                20 min 0 s   began 12:00:00, bridge 83ce583c
│  ├─ participant: Maren                   59 s         joined 12:00:31, lobby 58 s
│  └─ recording                            1 h 1 min    began 12:00:40
└─ call coSpace  Ward round                19 min 21 s  began 12:00:22, bridge 83ce583c
   ├─ participant incoming  Ward 4 <cart>  19 min 38 s  menu 16 s, joined 12:00:22, lobby 14 s,
   │                                                    packet loss 6.3 %
   └─ participant incoming  Physiotherapy  14 min 12 s  joined 12:01:00, ✗ timeout
`, out.String())
}

// TestFailedRow checks that the failed leg is also marked by colour.
func TestFailedRow(t *testing.T) {
	var out bytes.Buffer
	showTree(&page{out: &out, colour: true}, rows(wardRound()))
	require.Equal(t, 1, bytes.Count(out.Bytes(), []byte(red)))
	require.Regexp(t, `(?m)^\x1b\[31m.*Physiotherapy.*timeout\x1b\[0m$`, out.String())
}

// TestDrawing checks that the drawing is well-formed XML, with a row and a bar for each
// span, and a pale bar for each visit to the voice menu or the lobby.
func TestDrawing(t *testing.T) {
	texts, classes := map[string]int{}, map[string]int{}
	decoder := xml.NewDecoder(bytes.NewBufferString(drawing(rows(wardRound()))))
	for {
		token, err := decoder.Token()
		if errors.Is(err, io.EOF) {
			break
		}
		require.NoError(t, err)
		switch token := token.(type) {
		case xml.CharData:
			texts[string(token)]++
		case xml.StartElement:
			for _, attribute := range token.Attr {
				if attribute.Name.Local == "class" {
					classes[token.Name.Local+" "+attribute.Value]++
				}
			}
		}
	}
	require.Equal(t, 1, texts["Ward 4 <cart>"])
	require.Equal(t, 1, texts["✗ timeout"])
	require.Equal(t, map[string]int{
		"rect paper": 1, "rect meeting": 1, "rect call": 2, "rect person": 2, "rect other": 1, "rect failed": 1, "rect wait": 3,
		"text title": 1, "text small": 1 + ticks + 5, "line line": ticks, "text name": 6, "text failed": 2,
	}, classes)
}

// TestClassOf checks the class of a bar that depends on the span's name, because the span is
// neither failed nor that of a participant. It includes names that the processors of
// examples/collector.yaml set.
func TestClassOf(t *testing.T) {
	for name, want := range map[string]string{
		"meeting": "meeting", "meeting: Ward round": "meeting", "call": "call", "call coSpace": "call", "call: Ward round": "call",
		"recording": "other", "streaming": "other", "recorder outgoing": "other", "call_leg": "other",
	} {
		require.Equal(t, want, classOf(rows(spansOf(spanSpec{id: 1, name: name}))[0]), name)
	}
}
