package cdr

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// outlineNodes formats nodes as text: "@" precedes the name of an attribute, "*" follows
// a known name, "=" precedes a text, and parentheses contain the nodes below.
func outlineNodes(nodes []Node) string {
	var b strings.Builder
	for i := 0; i < len(nodes); i += 1 + nodes[i].Size {
		n := nodes[i]
		if b.Len() > 0 {
			b.WriteString(" ")
		}
		if n.Attribute {
			b.WriteString("@")
		}
		b.WriteString(n.Name)
		if n.Known {
			b.WriteString("*")
		}
		if n.Text != "" {
			b.WriteString("=" + strings.ReplaceAll(n.Text, "\n", `\n`))
		}
		if n.Size > 0 {
			b.WriteString("(" + outlineNodes(nodes[i+1:i+1+n.Size]) + ")")
		}
	}
	return b.String()
}

// TestNodes checks the nodes of a record, and which of them are known.
func TestNodes(t *testing.T) {
	call := func(attributes, inside string) string { return recordOfType("callEnd", "call", attributes, inside) }
	id := "@id*=" + exampleID
	cases := []struct{ name, record, element, want string }{
		{"empty element", call("", ""), "call", id},
		{
			"unknown", call(` x="1"`, `<y z="2">3</y><callLegsCompleted>4</callLegsCompleted>`), "call",
			id + " @x=1 y=3(@z=2) callLegsCompleted*=4",
		},
		{"white space between elements", call("", "\n\t<name>a</name>\n\t<b>\n<c/>\n</b>\n"), "call", id + " name*=a b(c)"},
		{"text that is white space", call("", "<name> </name>"), "call", id + " name*= "},
		{"mixed content", call("", "<a> x<b/> \n<c/>y </a>"), "call", id + " a= xy (b c)"},
		{"blank piece of a text after a child", call("", "<a><b/> <!-- -->x<![CDATA[ ]]>y<c/> z</a>"), "call", id + " a=x y z(b c)"},
		{"text in several pieces", call("", "<name>a<!-- -->b<![CDATA[<]]>c&amp;</name>"), "call", id + " name*=ab<c&"},
		{"nested elements with pieces of text", call("", "<a>1<!-- -->2<b>3<!-- -->4</b>5</a>"), "call", id + " a=125(b=34)"},
		{"blank pieces before a child", call("", "<a> <!-- --> <b/></a>"), "call", id + " a(b)"},
		{"blank piece and text before a child", call("", "<a> <!-- -->x<b/></a>"), "call", id + " a= x(b)"},
		{"blank pieces between pieces of text", call("", "<a>1<!-- -->2<b> <!-- --> <c/></b>3</a>"), "call", id + " a=123(b(c))"},
		{"text next to elements", call("", "x<name>a</name>"), "call", id + " name*=a #text=x"},
		{"element in a field that is not a container", call("", "<name>a<b>c</b></name>"), "call", id + " name*=a(b=c)"},
		{
			"unlisted element in a container", recordOfType("callLegEnd", "callLeg", "", "<multistreamVideo><layout>3</layout></multistreamVideo>"), "callLeg",
			id + " multistreamVideo*(layout=3)",
		},
		{"fields of another type", call("", "<ivr/><alarm type='x'/>"), "call", id + " ivr alarm(@type=x)"},
		{
			"id as an element", `<record type="callEnd"` + timeAndIndex + `><call><id> ` + strings.ToUpper(exampleID) + `</id></call></record>`,
			"call", "id*=" + exampleID,
		},
		{
			"elements around the element of the record", `<record type="callEnd"` + timeAndIndex + `><a b="1"><c/></a><d/><call id="i"><name>n</name></call><e/></record>`,
			"call", "@id*=i name*=n a(@b=1 c) d e",
		},
		{
			"repeated element", `<record type="callEnd"` + timeAndIndex + `><call id="i"/><call id="j"><name/></call></record>`,
			"call", "@id*=i call(@id=j name)",
		},
		{
			"element of the same name in another element", `<record type="callEnd"` + timeAndIndex + `><a><call id="j"/></a><call id="i"/></record>`,
			"call", "@id*=i a(call(@id=j))",
		},
		{"text in the record", `<record type="callEnd"` + timeAndIndex + `> x <call id="i"/></record>`, "call", "@id*=i #text= x "},
		{
			"unknown type", `<record type="callSummary"` + timeAndIndex + `><summary id="i" name="n"><mood>calm</mood>x</summary><y/></record>`,
			"summary", "@id*=i @name=n mood=calm #text=x y",
		},
		{"unknown type without id", `<record type="callSummary"` + timeAndIndex + `><summary/></record>`, "summary", ""},
		{"unknown type without element", `<record type="callSummary"` + timeAndIndex + `/>`, "", ""},
		{"unknown type with text only", `<record type="callSummary"` + timeAndIndex + `>calm</record>`, "", "#text=calm"},
		{"type in another case", `<record type="callend"` + timeAndIndex + `><call id="i"><name>n</name></call></record>`, "call", "@id*=i name=n"},
	}
	require.Equal(t, 25, len(cases))
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			r := parseOne(t, c.record)
			assert.Equal(t, c.element, r.Element)
			assert.Equal(t, c.want, outlineNodes(r.Nodes))
			assert.Equal(t, c.record, r.Raw)
		})
	}
}

func TestUnknownTypesHaveNoBody(t *testing.T) {
	r := parseOne(t, `<record type="callSummary"`+timeAndIndex+`><summary id="{`+strings.ToUpper(exampleID)+`}"/></record>`)
	assert.Nil(t, r.Body)
	assert.Equal(t, exampleID, r.ID)
}

func TestAlarms(t *testing.T) {
	r := parseOne(t, recordOfType("callLegEnd", "callLeg", "", `<alarm type="packetLoss" durationPercentage="1.4" /><rxAudio/>`+
		`<alarm><type>excessiveJitter</type><durationPercentage>0.0</durationPercentage></alarm><alarm type="highRoundTripTime"/><alarm/>`))
	assert.Equal(t, []Alarm{
		{"packetLoss", Optional[float64]{1.4, true}},
		{"excessiveJitter", Optional[float64]{0, true}},
		{Type: "highRoundTripTime"},
		{},
	}, r.Body.(*CallLegEnd).Alarms)
	assert.Equal(t, Media{Present: true}, r.Body.(*CallLegEnd).RxAudio)
	assert.Equal(t, "@id*="+exampleID+" alarm*(@type*=packetLoss @durationPercentage*=1.4) rxAudio* "+
		"alarm*(type*=excessiveJitter durationPercentage*=0.0) alarm(@type=highRoundTripTime) alarm", outlineNodes(r.Nodes))
}

func TestMultistreamVideo(t *testing.T) {
	r := parseOne(t, recordOfType("callLegEnd", "callLeg", "", `<multistreamVideo maxScreens="2"/>`+
		`<mediaUsagePercentages><multistreamVideo>12.5</multistreamVideo></mediaUsagePercentages>`))
	end := r.Body.(*CallLegEnd)
	assert.Equal(t, Optional[int64]{2, true}, end.MaxScreens)
	assert.Equal(t, Optional[float64]{12.5, true}, end.MediaUsage.MultistreamVideo)
}

// TestRecordIsCleared checks that a record has no values of the record before it.
func TestRecordIsCleared(t *testing.T) {
	d, err := Open("<records>" + recordOfType("callLegEnd", "callLeg", "", `<alarm/><reason>error</reason><rxAudio/>`) +
		recordOfType("callLegEnd", "callLeg", "", "") + `<record type="x" a="b"` + timeAndIndex + `><y/></record><record type="z"` + timeAndIndex + `/></records>`)
	require.NoError(t, err)
	i := 0
	for r, m := range d.Records() {
		require.Nil(t, m)
		switch i {
		case 1:
			end := r.Body.(*CallLegEnd)
			assert.Empty(t, end.Alarms)
			end.Alarms = nil
			assert.Equal(t, CallLegEnd{}, *end)
			assert.Len(t, r.Nodes, 1)
		case 2:
			assert.Equal(t, []Attribute{{"a", "b"}}, r.Attributes)
			assert.Empty(t, r.ID)
		case 3:
			assert.Empty(t, r.Attributes)
			assert.Empty(t, r.Nodes)
			assert.Empty(t, r.Element)
		}
		i++
	}
	assert.Equal(t, 4, i)
}
