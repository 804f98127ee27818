package cdr

import (
	"fmt"
	"math"
	"math/rand/v2"
	"reflect"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// parseOne parses a document of one record.
func parseOne(t *testing.T, record string) *Record {
	t.Helper()
	d, err := Open("<records>" + record + "</records>")
	require.NoError(t, err)
	var only *Record
	for r, m := range d.Records() {
		require.Nil(t, m, "%+v", m)
		only = r
	}
	require.NotNil(t, only)
	return only
}

const (
	timeAndIndex = ` time="2024-03-05T09:00:00Z" correlatorIndex="7"`
	exampleID    = "b0a4ea2c-1d2e-4f30-9a4b-5c6d7e8f9a0b"
)

// recordOfType returns a record of a type with the given attributes and content in its element.
func recordOfType(recordType, element, attributes, inside string) string {
	return fmt.Sprintf(`<record type="%s"%s><%s id="%s"%s>%s</%[3]s></record>`, recordType, timeAndIndex, element, exampleID, attributes, inside)
}

// field is a field of the guide: its elements on the wire, separated by "/", with
// alternative spellings separated by "|"; its path in the Go structs; and an example of
// its value. The value has the type of the field, or is a guidValue or presenceValue.
type field struct {
	wire, path string
	value      any
}

// guidValue is a value that is sent in upper case and braces.
type guidValue string

// wordValue is a value that is sent with white space around it, which the parser removes. It
// keeps the spaces around the other texts in the tables.
type wordValue string

var (
	callFields = []field{
		{"name", "Name", "  Ward & round "},
		{"coSpace", "CoSpace", guidValue(exampleID)},
		{"ownerName", "OwnerName", " Ffion Pugh "},
		{"tenant", "Tenant", guidValue(exampleID)},
		{"cdrTag", "CDRTag", " north "},
		{"callType", "CallType", wordValue("adHoc")},
		{"callCorrelator", "Correlator", guidValue(exampleID)},
		{"coSpaceMetaDataConfigured", "CoSpaceMetaDataConfigured", true},
	}
	callLegFields = []field{
		{"displayName", "DisplayName", " Tŷ Hafan <4> "},
		{"localAddress", "LocalAddress", wordValue("ward@cms.example.com")},
		{"remoteAddress", "RemoteAddress", wordValue("bed4@example.com")},
		{"remoteParty", "RemoteParty", wordValue("bed4")},
		{"cdrTag", "CDRTag", " north "},
		{"guestConnection", "GuestConnection", true},
		{"recording", "Recording", true},
		{"streaming", "Streaming", true},
		{"type", "Type", wordValue("acano")},
		{"subType", "SubType", wordValue("webApp")},
		{"lyncSubType", "LyncSubType", wordValue("InstantMessaging")},
		{"direction", "Direction", wordValue("outgoing")},
		{"call", "Call", guidValue(exampleID)},
		{"ownerId", "OwnerID", wordValue("bed-4")},
		{"sipCallId", "SIPCallID", wordValue("a0b1@192.0.2.17")},
		{"replacesSipCallId", "ReplacesSIPCallID", wordValue("a0b2@192.0.2.17")},
		{"groupId", "GroupID", guidValue(exampleID)},
		{"canMove", "CanMove", true},
		{"movedCallLeg", "MovedCallLeg", guidValue(exampleID)},
		{"movedCallLegCallBridge", "MovedCallLegCallBridge", guidValue(exampleID)},
		{"confirmationStatus", "ConfirmationStatus", wordValue("rejected")},
	}
	callEndFields = []field{
		{"callLegsCompleted", "LegsCompleted", int64(12)},
		{"callLegsMaxActive", "LegsMaxActive", int64(9)},
		{"durationSeconds", "DurationSeconds", int64(1810)},
		{"endpointRecorded", "EndpointRecorded", true},
	}
	callLegUpdateFields = []field{
		{"state", "State", wordValue("connected")},
		{"deactivated", "Deactivated", true},
	}
	callLegIVRFields = []field{{"ivr", "IVR", presenceValue("")}}
	callLegEndFields = []field{
		{"reason", "Reason", wordValue("remoteBusy")},
		{"remoteTeardown", "RemoteTeardown", true},
		{"reasonDetails", "ReasonDetails", " 486 "},
		{"encryptedMedia", "EncryptedMedia", true},
		{"unencryptedMedia", "UnencryptedMedia", true},
		{"durationSeconds", "DurationSeconds", int64(45)},
		{"activatedDuration", "ActivatedDuration", int64(29)},
		{"mediaUsagePercentages/mainVideoViewer", "MediaUsage.MainVideoViewer", 99.5},
		{"mediaUsagePercentages/mainVideoContributor", "MediaUsage.MainVideoContributor", 100.0},
		{"mediaUsagePercentages/presentationViewer", "MediaUsage.PresentationViewer", 0.25},
		{"mediaUsagePercentages/presentationContributor", "MediaUsage.PresentationContributor", 1.5},
		{"mediaUsagePercentages/multistreamVideo", "MediaUsage.MultistreamVideo", 50.5},
		{"multistreamVideo/maxScreens", "MaxScreens", int64(2)},
		{"alarm/type", "Alarms.Type", wordValue("packetLoss")},
		{"alarm/durationPercentage", "Alarms.DurationPercentage", 1.4},
	}
	recordingFields = []field{
		{"path", "Path", " spaces/ward/0305.mp4 "},
		{"recorderUri|recorderUrl", "RecorderURI", wordValue("sip:recorder@example.com")},
		{"call", "Call", guidValue(exampleID)},
		{"callLeg", "CallLeg", guidValue(exampleID)},
	}
	streamingFields = []field{
		{"streamerUri|streamerUrl", "StreamerURI", wordValue("sip:streamer@example.com")},
		{"streamUri|streamUrl", "StreamURI", wordValue("rtmp://stream.example.com/live")},
		{"streamName", "StreamName", " ward "},
		{"call", "Call", guidValue(exampleID)},
		{"callLeg", "CallLeg", guidValue(exampleID)},
	}
)

// presenceValue is the text of an element whose presence sets a bool to true: the field IVR for
// the element ivr, and Present of the containing section for any element in it. In the tables,
// ivr, which is known, has an empty text, and the elements that are not known have another one.
type presenceValue string

func mediaFields() (fields []field) {
	for _, wire := range []string{"rxAudio", "txAudio", "rxVideo", "txVideo"} {
		path := strings.ToUpper(wire[:1]) + wire[1:]
		fields = append(fields,
			field{wire + "/anything", path + ".Present", presenceValue("x")},
			field{wire + "/codec", path + ".Codec", wordValue("opus")},
			field{wire + "/maxSizeWidth", path + ".MaxWidth", int64(1280)},
			field{wire + "/maxSizeHeight", path + ".MaxHeight", int64(720)},
			field{wire + "/packetStatistics/packetLossBursts/duration", path + ".LossBursts.Duration", 0.221},
			field{wire + "/packetStatistics/packetLossBursts/density", path + ".LossBursts.Density", 0.01},
			field{wire + "/packetStatistics/packetGap/duration", path + ".Gaps.Duration", 10.609},
			field{wire + "/packetStatistics/packetGap/density", path + ".Gaps.Density", 0.5})
	}
	return fields
}

var recordTypeCases = []struct {
	name, element string
	body          Body
	fields        []field
}{
	{"callStart", "call", &CallStart{}, callFields},
	{"callEnd", "call", &CallEnd{}, slices.Concat(callFields, callEndFields)},
	{"callLegStart", "callLeg", &CallLegStart{}, slices.Concat(callLegFields, callLegIVRFields)},
	{"callLegUpdate", "callLeg", &CallLegUpdate{}, slices.Concat(callLegFields, callLegUpdateFields, callLegIVRFields)},
	{"callLegEnd", "callLeg", &CallLegEnd{}, slices.Concat(callLegFields, callLegEndFields, mediaFields())},
	{"recordingStart", "recording", &RecordingStart{}, recordingFields},
	{"recordingEnd", "recording", &RecordingEnd{}, recordingFields},
	{"streamingStart", "streaming", &StreamingStart{}, streamingFields},
	{"streamingEnd", "streaming", &StreamingEnd{}, streamingFields},
}

var escapeValue = strings.NewReplacer("&", "&amp;", "<", "&lt;", `"`, "&quot;")

// TestFields checks every field of every record type, in every spelling, also in lower
// and upper case, as an element and as an attribute.
func TestFields(t *testing.T) {
	require.Equal(t, 9, len(recordTypeCases))
	for _, kind := range recordTypeCases {
		for _, f := range kind.fields {
			for _, wire := range spellings(f.wire) {
				for _, attribute := range []bool{false, true} {
					t.Run(fmt.Sprintf("%s/%s/%t", kind.name, wire, attribute), func(t *testing.T) {
						attributes, inside := fieldXML(strings.Split(wire, "/"), f, attribute)
						r := parseOne(t, recordOfType(kind.name, kind.element, attributes, inside))
						checkField(t, r, f, attribute, strings.Count(wire, "/"))
						assert.IsType(t, kind.body, r.Body)
						assert.Equal(t, kind.element, r.Element)
						assert.Equal(t, exampleID, r.ID)
					})
				}
			}
		}
	}
}

// spellings returns a path for each combination of alternative spellings, each also in
// lower and upper case.
func spellings(wire string) []string {
	paths := []string{""}
	for _, step := range strings.Split(wire, "/") {
		var longer []string
		for _, path := range paths {
			for _, name := range strings.Split(step, "|") {
				longer = append(longer, strings.TrimPrefix(path+"/"+name, "/"))
			}
		}
		paths = longer
	}
	for _, path := range paths {
		paths = append(paths, strings.ToLower(path), strings.ToUpper(path))
	}
	return paths
}

// fieldXML returns the XML of a field: an attribute or content of the record's element.
func fieldXML(path []string, f field, attribute bool) (attributes, inside string) {
	name, value := path[len(path)-1], escapeValue.Replace(fmt.Sprint(f.value))
	switch f.value.(type) {
	case guidValue:
		value = " {" + strings.ToUpper(value) + "} "
	case wordValue:
		value = " " + value + " "
	}
	if attribute {
		attributes = fmt.Sprintf(` %s="%s"`, name, value)
	} else {
		inside = fmt.Sprintf(`<%s>%s</%[1]s>`, name, value)
	}
	for i := len(path) - 2; i >= 0; i-- {
		attributes, inside = "", fmt.Sprintf("<%s%s>%s</%[1]s>", path[i], attributes, inside)
	}
	return attributes, inside
}

func checkField(t *testing.T, r *Record, f field, attribute bool, depth int) {
	t.Helper()
	got := valueAt(reflect.ValueOf(r.Body).Elem(), f.path)
	n := r.Nodes[len(r.Nodes)-1]
	require.Len(t, r.Nodes, 2+depth) // the id, the containers and the field
	assert.Equal(t, attribute, n.Attribute)
	known := !strings.HasPrefix(f.wire, "alarm/") // an alarm with only one of its fields is unknown
	for i, above := range r.Nodes[1 : 1+depth] {
		assert.Equal(t, Node{Name: above.Name, Size: depth - i, Known: known}, above)
	}
	text := fmt.Sprint(f.value)
	want := Node{Name: n.Name, Text: text, Attribute: attribute, Known: known}
	switch v := f.value.(type) {
	case presenceValue:
		assert.Equal(t, true, got)
		want.Known = v == ""
	case bool:
		assert.Equal(t, Optional[bool]{v, true}, got)
		want.Type, want.Bool = Boolean, v
	case int64:
		assert.Equal(t, Optional[int64]{v, true}, got)
		want.Type, want.Int = Integer, v
	case float64:
		assert.Equal(t, Optional[float64]{v, true}, got)
		want.Type, want.Double = Double, v
	default:
		assert.Equal(t, text, got)
	}
	assert.Equal(t, want, n)
}

// valueAt returns the field at a path in a struct. If the path passes a slice, it
// continues in the first element.
func valueAt(v reflect.Value, path string) any {
	for _, name := range strings.Split(path, ".") {
		v = v.FieldByName(name)
		if v.Kind() == reflect.Slice {
			v = v.Index(0)
		}
	}
	return v.Interface()
}

// TestFieldTablesAreComplete checks that the tables above contain every exported field once.
func TestFieldTablesAreComplete(t *testing.T) {
	for _, kind := range recordTypeCases {
		var want, got []string
		leaves(reflect.TypeOf(kind.body).Elem(), "", &want)
		for _, f := range kind.fields {
			got = append(got, f.path)
		}
		assert.ElementsMatch(t, want, got, kind.name)
	}
}

// leaves appends the paths of the fields of a type. For a field that is a struct or a slice of
// structs, it appends the paths of the fields in it. An Optional counts as one field.
func leaves(typ reflect.Type, path string, to *[]string) {
	if typ.Kind() == reflect.Slice {
		typ = typ.Elem()
	}
	if typ.Kind() != reflect.Struct || strings.HasPrefix(typ.Name(), "Optional") {
		*to = append(*to, strings.TrimPrefix(path, "."))
		return
	}
	for f := range typ.Fields() {
		if f.Anonymous {
			leaves(f.Type, path, to)
		} else {
			leaves(f.Type, path+"."+f.Name, to)
		}
	}
}

// TestValues checks which texts are numbers and booleans.
func TestValues(t *testing.T) {
	leg := func(inside string) *CallLegEnd {
		return parseOne(t, recordOfType("callLegEnd", "callLeg", "", inside)).Body.(*CallLegEnd)
	}
	for text, want := range map[string]Optional[int64]{
		"0": {0, true}, " 42\n": {42, true}, "9007199254740992": {maxCount, true}, "007": {7, true},
		"10.0": {10, true}, " 10.000 ": {10, true}, "0.0": {0, true},
		"": {}, " ": {}, "-1": {}, "+1": {}, "1.5": {}, "1.": {}, ".0": {}, "1.0.0": {}, "0x10": {}, "1e3": {}, "9007199254740993": {},
		"99999999999999999999999": {}, "1_000": {},
	} {
		assert.Equal(t, want, leg("<durationSeconds>"+text+"</durationSeconds>").DurationSeconds, text)
	}
	for text, want := range map[string]Optional[float64]{
		"0.0": {0, true}, " 1.4 ": {1.4, true}, "-2": {-2, true}, "1e2": {100, true},
		"": {}, "NaN": {}, "inf": {}, "-Infinity": {}, "1e999": {}, "1,4": {}, "1.4%": {},
	} {
		alarms := leg(`<alarm durationPercentage="` + text + `"/>`).Alarms
		assert.Equal(t, []Alarm{{DurationPercentage: want}}, alarms, text)
	}
	for text, want := range map[string]Optional[bool]{
		"true": {true, true}, "false": {false, true}, " TRUE\t": {true, true}, "False": {false, true},
		"": {}, "1": {}, "0": {}, "yes": {}, "tru": {},
	} {
		assert.Equal(t, want, leg("<remoteTeardown>"+text+"</remoteTeardown>").RemoteTeardown, text)
	}
}

// TestInvalidValuesStayText checks that a node with an invalid value is a text and is not
// known, and that an empty node is known.
func TestInvalidValuesStayText(t *testing.T) {
	r := parseOne(t, recordOfType("callEnd", "call", "", "<durationSeconds>long</durationSeconds>"))
	assert.Equal(t, Node{Name: "durationSeconds", Text: "long"}, r.Nodes[1])
	r = parseOne(t, recordOfType("callEnd", "call", "", "<durationSeconds/><endpointRecorded> </endpointRecorded>"))
	assert.True(t, r.Nodes[1].Known && r.Nodes[2].Known, "empty values are valid")
	r = parseOne(t, recordOfType("callLegEnd", "callLeg", "", "<mediaUsagePercentages><mainVideoViewer/></mediaUsagePercentages>"))
	assert.Equal(t, Node{Name: "mainVideoViewer", Known: true}, r.Nodes[2])
}

// TestUnlistedValues checks that values outside the guide, such as other states and
// alarms, are unknown. In the expected texts, "*" follows the name of a known node.
func TestUnlistedValues(t *testing.T) {
	for inside, want := range map[string]string{
		`<state>connected</state>`:     "state*=connected",
		"<state>\n connected </state>": "state*=connected",
		`<state/>`:                     "state*",
		`<state>onHold</state>`:        "state=onHold",
		`<STATE>onHold</STATE>`:        "STATE=onHold",
	} {
		r := parseOne(t, recordOfType("callLegUpdate", "callLeg", "", inside))
		assert.Equal(t, "@id*="+exampleID+" "+want, outlineNodes(r.Nodes), inside)
	}
	for inside, want := range map[string]string{
		`<alarm type=" packetLoss " durationPercentage="0"/>`:  "alarm*(@type*=packetLoss @durationPercentage*=0)",
		`<alarm type="echo" durationPercentage="3.0"/>`:        "alarm(@type=echo @durationPercentage=3.0)",
		`<alarm type="packetLoss" durationPercentage="much"/>`: "alarm(@type=packetLoss @durationPercentage=much)",
		`<alarm type="packetLoss"/>`:                           "alarm(@type=packetLoss)",
		`<alarm durationPercentage="1"/>`:                      "alarm(@durationPercentage=1)",
		`<alarm/>`:                                             "alarm",
	} {
		r := parseOne(t, recordOfType("callLegEnd", "callLeg", "", inside))
		assert.Equal(t, "@id*="+exampleID+" "+want, outlineNodes(r.Nodes), inside)
		assert.Len(t, r.Body.(*CallLegEnd).Alarms, 1)
	}
}

// TestWhiteSpace checks that white space around enumerated values and ids is removed. On
// either side of a free text, white space is removed only if it contains a line break.
func TestWhiteSpace(t *testing.T) {
	for text, want := range map[string]string{
		"a  b": "a  b", " a ": " a ", "\n\t a b\n": "a b", " \na ": "a ", " a\n ": " a", "\na": "a", "a\n": "a", "\n": "", " ": " ", "a\nb": "a\nb", "\u00a0a\n": "\u00a0a",
	} {
		r := parseOne(t, recordOfType("callStart", "call", "", "<name>"+text+"</name>"))
		assert.Equal(t, want, r.Body.(*CallStart).Name, "%q", text)
		assert.Equal(t, want, r.Nodes[1].Text, "%q", text)
	}
	r := parseOne(t, `<record type=" callLegStart "`+timeAndIndex+`><callLeg id=" `+exampleID+` "><type> sip
		</type><sipCallId> a@b </sipCallId><ownerId>	7 </ownerId></callLeg></record>`)
	start := r.Body.(*CallLegStart)
	assert.Equal(t, []string{"callLegStart", exampleID, "sip", "a@b", "7"}, []string{r.Type, r.ID, start.Type, start.SIPCallID, start.OwnerID})
}

func TestInstant(t *testing.T) {
	at := func(seconds int) time.Time { return time.Date(2024, 3, 5, 9, 0, seconds, 0, time.UTC) }
	for text, want := range map[string]time.Time{
		"2024-03-05T09:00:00Z": at(0), "2024-03-05t09:00:00z": at(0), "2024-03-05T11:00:00+0200": at(0), "2024-03-05t07:30:00-0130": at(0),
		"2024-03-05T11:00:00+02:00": at(0), "2024-03-05T09:00:60Z": at(60), "2024-03-05T10:00:60+0100": at(60),
		"2024-03-05T08:59:60.5Z": at(0).Add(500 * time.Millisecond),
		"1970-01-01T00:00:00Z":   time.Unix(0, 0).UTC(), "2261-12-31T23:59:59Z": time.Date(2261, 12, 31, 23, 59, 59, 0, time.UTC),
		"2024-03-05T09:00:00." + strings.Repeat("0", 43) + "Z": at(0), "2024-03-05T09:00:00." + strings.Repeat("0", 44) + "Z": {},
		"2024-03-05T09:00:61Z": {}, "2024-03-05T09:60:00Z": {}, "2024-03-05 09:00:00Z": {}, "2024-03-05T09:00:00": {}, "2024-03-05T09:00:00+02": {},
		"2024-03-05T09:00:60": {}, "1969-12-31T23:59:59Z": {}, "2262-01-01T00:00:00Z": {}, "60:60:60:60:60:60:60": {}, "+++++++++++++++++++++": {},
	} {
		got, ok := instant(text)
		assert.Equal(t, !want.IsZero(), ok, text)
		if ok {
			assert.Equal(t, want, got, text)
		}
	}
}

// TestRatio checks that the division of a percentage by 100 is exact in decimal, such as
// 0.014 for 1.4 %.
func TestRatio(t *testing.T) {
	for hundredths := range 10001 {
		percentage, err := strconv.ParseFloat(fmt.Sprintf("%d.%02d", hundredths/100, hundredths%100), 64)
		require.NoError(t, err)
		want, err := strconv.ParseFloat(fmt.Sprintf("%d.%04d", hundredths/10000, hundredths%10000), 64)
		require.NoError(t, err)
		require.Equal(t, want, Ratio(percentage))
	}
	random := rand.New(rand.NewPCG(1, 1))
	for i := range 10_000 {
		unit := []float64{1e3, 1e6}[i%2]
		percentage := math.Round(random.Float64()*100*unit) / unit
		want, err := strconv.ParseFloat(strconv.FormatFloat(percentage, 'f', -1, 64)+"e-2", 64)
		require.NoError(t, err)
		require.Equal(t, want, Ratio(percentage))
	}
	for percentage, want := range map[float64]float64{
		1.4: 0.014, 98.9: 0.989, 48.7: 0.487, -2: -0.02, 3.9992439692841325e15: 3.999243969284133e13, 1e300: 1e298, 5e-324: 0,
		8996445170718.37: 89964451707.1837,
	} {
		require.Equal(t, want, Ratio(percentage))
	}
}

// TestRepeatedField checks that the last value of a repeated field is used.
func TestRepeatedField(t *testing.T) {
	r := parseOne(t, recordOfType("callEnd", "call", ` name="a" durationSeconds="1"`,
		"<name>b</name><name>c</name><durationSeconds>2</durationSeconds><DurationSeconds>x</DurationSeconds>"))
	end := r.Body.(*CallEnd)
	assert.Equal(t, "c", end.Name)
	assert.False(t, end.DurationSeconds.Present)
}

func TestGUID(t *testing.T) {
	for in, want := range map[string]string{
		exampleID:                               exampleID,
		" " + exampleID + "\n":                  exampleID,
		strings.ToUpper(exampleID):              exampleID,
		"{" + exampleID + "}":                   exampleID,
		"b0A4ea2c1d2e4f309a4b5c6d7e8f9a0b":      exampleID,
		"{b0a4ea2c1d2e4f309a4b5c6d7e8f9a0b}":    exampleID,
		"":                                      "",
		" {} ":                                  "{}",
		"{":                                     "{",
		"Ward 4":                                "Ward 4",
		"B0A4EA2C-1D2E-4F30-9A4B-5C6D7E8F9A0":   "B0A4EA2C-1D2E-4F30-9A4B-5C6D7E8F9A0",
		"B0A4EA2C1D2E-4F30-9A4B-5C6D7E8F9A0B0":  "B0A4EA2C1D2E-4F30-9A4B-5C6D7E8F9A0B0",
		"G0A4EA2C-1D2E-4F30-9A4B-5C6D7E8F9A0B":  "G0A4EA2C-1D2E-4F30-9A4B-5C6D7E8F9A0B",
		"b0a4ea2c-1d2e-4f30-9a4b--c6d7e8f9a0b":  "b0a4ea2c-1d2e-4f30-9a4b--c6d7e8f9a0b",
		"b0a4ea2c-1d2e-4f3-09a4b-5c6d7e8f9a0b":  "b0a4ea2c-1d2e-4f3-09a4b-5c6d7e8f9a0b",
		"{b0a4ea2c-1d2e-4f30-9a4b-5c6d7e8f9a0b": "{b0a4ea2c-1d2e-4f30-9a4b-5c6d7e8f9a0b",
		"{" + exampleID + ")":                   "{" + exampleID + ")",
		"(" + exampleID + "}":                   "(" + exampleID + "}",
	} {
		assert.Equal(t, want, guid(in), in)
	}
	spaced := " " + exampleID
	assert.Zero(t, testing.AllocsPerRun(10, func() { _ = guid(spaced) }))
}

// TestHeader checks the attributes of <record>. numPreceedingRecordsMissing is the guide's
// spelling; the correct spelling is accepted too.
func TestHeader(t *testing.T) {
	r := parseOne(t, `<record correlatorIndex=" 9007199254740992 " type="callSummary" time=" 2024-03-05T10:30:00.25+01:30 "
		recordIndex="8" numPreceedingRecordsMissing="3" shard="b"/>`)
	assert.Equal(t, "callSummary", r.Type)
	assert.Equal(t, time.Date(2024, 3, 5, 9, 0, 0, 250e6, time.UTC), r.Time)
	assert.Equal(t, uint64(maxCount), r.CorrelatorIndex)
	assert.Equal(t, Optional[uint64]{8, true}, r.RecordIndex)
	assert.Equal(t, Optional[uint64]{3, true}, r.PrecedingMissing)
	assert.Equal(t, []Attribute{{"shard", "b"}}, r.Attributes)

	r = parseOne(t, `<record type="x"`+timeAndIndex+` recordIndex="-" numPrecedingRecordsMissing="4"/>`)
	assert.False(t, r.RecordIndex.Present)
	assert.Equal(t, Optional[uint64]{4, true}, r.PrecedingMissing)
	assert.Equal(t, []Attribute{{"recordIndex", "-"}}, r.Attributes)
}
