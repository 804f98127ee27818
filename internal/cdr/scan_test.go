package cdr

import (
	"fmt"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// tokens formats the tokens of a document as one line: tags, quoted attribute values,
// and joined texts.
func tokens(body string) (string, *scanner) {
	s := new(scanner)
	s.init(body)
	var line, text strings.Builder
	for {
		t := s.next()
		if t == characters {
			text.WriteString(s.text)
			continue
		}
		if text.Len() > 0 {
			fmt.Fprintf(&line, "%q", text.String())
			text.Reset()
		}
		switch t {
		case startTag:
			line.WriteString("<" + s.name)
			for _, a := range s.attributes {
				fmt.Fprintf(&line, " %s=%q", a.Name, a.Value)
			}
			line.WriteString(">")
		case endTag:
			line.WriteString("</" + s.name + ">")
		case endOfBody:
			return line.String(), s
		default:
			return "", s
		}
	}
}

// scanCases are inputs of the scanner with the expected tokens or problem.
var scanCases = []struct{ name, body, want, problem string }{
	{name: "entities", body: `<a>&lt;&gt;&amp;&apos;&quot;</a>`, want: `<a>"<>&'\""</a>`},
	{name: "entities in attributes", body: `<a b="&lt;&amp;&quot;"/>`, want: `<a b="<&\""></a>`},
	{name: "character references", body: `<a>&#65;&#x42;&#x1F600;&#xe9;&#13;</a>`, want: `<a>"AB😀é\r"</a>`},
	{name: "CDATA", body: `<a><![CDATA[<b>&amp;]]]></a>`, want: `<a>"<b>&amp;]"</a>`},
	{name: "text and CDATA", body: `<a>x<![CDATA[ & ]]>y</a>`, want: `<a>"x & y"</a>`},
	{name: "empty CDATA", body: `<a><![CDATA[]]></a>`, want: `<a></a>`},
	{name: "comments", body: `<!-- <x> --><a>x<!-- &, ]]> and > -->y</a><!---->`, want: `<a>"xy"</a>`},
	{name: "processing instructions", body: `<?one?><a><?two a="?" > ?>x</a><?three ?>`, want: `<a>"x"</a>`},
	{name: "BOM", body: "\ufeff<?xml version='1.0'?><a/>", want: `<a></a>`},
	{name: "declaration", body: `<?xml version="1.0" encoding='utf-8' standalone="yes" ?><a/>`, want: `<a></a>`},
	{name: "CRLF", body: "<a b='1\r\n2'>x\r\ny\rz\r\r\n</a>", want: `<a b="1\n2">"x\ny\nz\n\n"</a>`},
	{name: "CRLF in CDATA", body: "<a><![CDATA[x\r\ny]]></a>", want: `<a>"x\ny"</a>`},
	{name: "CR at the beginning of a text", body: "<a>\rx</a>", want: `<a>"\nx"</a>`},
	{name: "reference in CDATA with CRLF", body: "<a><![CDATA[&amp;\r\n]]></a>", want: `<a>"&amp;\n"</a>`},
	{name: "self-closing", body: `<a><b/><c d="e" /></a>`, want: `<a><b></b><c d="e"></c></a>`},
	{name: "both kinds of quotes", body: `<a b="it's" c='"so"'/>`, want: `<a b="it's" c="\"so\""></a>`},
	{name: "> in attributes", body: `<a b="1 > 0"/>`, want: `<a b="1 > 0"></a>`},
	{name: "> in text", body: `<a>1 > 0 ]]</a>`, want: `<a>"1 > 0 ]]"</a>`},
	{name: "]]> in attributes", body: `<a b="]]>"/>`, want: `<a b="]]>"></a>`},
	{name: "white space in tags", body: "<a\n\tb = 'c'\r\n></a\n>\n", want: `<a b="c"></a>`},
	{name: "middle dot in a name", body: `<é·/>`, problem: badAttribute}, // XML allows it, the scanner does not
	{name: "standalone with the value no", body: `<?xml version="1.0" standalone='no'?><a/>`, want: `<a></a>`},
	{name: "ASCII names", body: `<_a><b.c-d_1/></_a>`, want: `<_a><b.c-d_1></b.c-d_1></_a>`},
	{name: "combining mark in a name", body: "<w\u0302yl/>", want: "<w\u0302yl></w\u0302yl>"},
	{name: "prefixed and non-ASCII names", body: `<n:a.1-_ xmlns:n="u"><ŵyl/></n:a.1-_>`, want: `<n:a.1-_ xmlns:n="u"><ŵyl></ŵyl></n:a.1-_>`},
	{name: "control characters", body: "<a b='\x00'>x\x01\x1by\u0085</a>", want: "<a b=\"\ufffd\">\"x\ufffd\ufffdy\\u0085\"</a>"},
	{name: "bad UTF-8", body: "<a>\xff\xc3(\xed\xa0\x80\ufffe\uffff</a>", want: "<a>\"\ufffd\ufffd(\ufffd\ufffd\ufffd\ufffd\ufffd\"</a>"},
	{name: "32 levels", body: nested(32), want: nested(32)},

	{name: "repeated attribute", body: `<a b="1" c="" b="2"/>`, problem: repeated},
	{name: "mismatched end tag", body: `<a><b></a></b>`, problem: mismatchedTag},
	{name: "end tag with a longer name", body: `<a><b></bc></a>`, problem: mismatchedTag},
	{name: "end tag without a start tag", body: `</a>`, problem: mismatchedTag},
	{name: "truncated in text", body: `<a>tex`, problem: unclosedElement},
	{name: "truncated in a tag", body: `<a><b c="d`, problem: unclosedValue},
	{name: "truncated in a name", body: `<a><b`, problem: badTag},
	{name: "truncated after <", body: `<a><`, problem: badTag},
	{name: "truncated in an end tag", body: `<a></a`, problem: mismatchedTag},
	{name: "truncated between tags", body: `<a><b></b>`, problem: unclosedElement},
	{name: "truncated in a comment", body: `<a><!-- `, problem: unclosedComment},
	{name: "truncated in CDATA", body: `<a><![CDATA[ ]]`, problem: unclosedCDATA},
	{name: "truncated in an instruction", body: `<a><?x `, problem: unclosedPI},
	{name: "second root", body: `<a/><b/>`, problem: secondRoot},
	{name: "trailing text", body: `<a/> x`, problem: outsideRoot},
	{name: "leading text", body: `x <a/>`, problem: outsideRoot},
	{name: "CDATA after the root", body: `<a/><![CDATA[ ]]>`, problem: outsideRoot},
	{name: "empty", body: ``, problem: noRoot},
	{name: "no root", body: "<?xml version='1.0'?>\n<!-- -->", problem: noRoot},
	{name: "not XML", body: `{"records": []}`, problem: outsideRoot},
	{name: "unquoted value", body: `<a b=c/>`, problem: badAttribute},
	{name: "attribute without a value", body: `<a b/>`, problem: badAttribute},
	{name: "attribute without =", body: `<a b "c"/>`, problem: badAttribute},
	{name: "attribute with another character instead of =", body: `<a b+"c"/>`, problem: badAttribute},
	{name: "typographic quotes", body: `<a b=“c”/>`, problem: badAttribute},
	{name: "no white space between attributes", body: `<a b="1"c="2"/>`, problem: badAttribute},
	{name: "no attribute name", body: `<a ="1"/>`, problem: badName},
	{name: "name that begins with a digit", body: `<1a/>`, problem: badName},
	{name: "non-ASCII name that begins with a digit", body: `<1é/>`, problem: badName},
	{name: "typographic quotes instead of a name", body: `<“a”/>`, problem: badName},
	{name: "two prefixes", body: `<a:b:c/>`, problem: badName},
	{name: "bad UTF-8 in a name", body: "<a\xff/>", problem: badAttribute},
	{name: "white space before a name", body: `< a/>`, problem: badName},
	{name: "/ within a tag", body: `<a / >`, problem: badTag},
	{name: "unknown entity", body: `<a>&eacute;</a>`, problem: badReference},
	{name: "unknown entity in an attribute", body: `<a b="&nbsp;"/>`, problem: badReference},
	{name: "bare &", body: `<a>Fish & chips</a>`, problem: badReference},
	{name: "& at the end", body: `<a>Fish &</a>`, problem: badReference},
	{name: "&#0;", body: `<a>&#0;</a>`, problem: badReference},
	{name: "control character by reference", body: `<a>&#x1b;</a>`, problem: badReference},
	{name: "surrogate by reference", body: `<a>&#xD800;</a>`, problem: badReference},
	{name: "reference above U+10FFFF", body: `<a>&#x110000;</a>`, problem: badReference},
	{name: "references without digits", body: `<a>&#;&#x;</a>`, problem: badReference},
	{name: "hexadecimal without x", body: `<a>&#1f;</a>`, problem: badReference},
	{name: "decimal reference with a letter", body: `<a>&#6a;</a>`, problem: badReference},
	{name: "hexadecimal reference with another letter", body: `<a>&#x4g;</a>`, problem: badReference},
	{name: "reference above 32 bits", body: `<a>&#x100000041;</a>`, problem: badReference},
	{name: "reference without #", body: `<a>&65;</a>`, problem: badReference},
	{name: "reference with too many digits", body: `<a>&#99999999999999999999;</a>`, problem: badReference},
	{name: "< in an attribute", body: `<a b="<"/>`, problem: unclosedValue},
	{name: "]]> in text", body: `<a>x]]>y</a>`, problem: strayBrackets},
	{name: "]]> at the beginning of a text", body: `<a>]]>y</a>`, problem: strayBrackets},
	{name: "-- in a comment", body: `<a><!-- -- --></a>`, problem: unclosedComment},
	{name: "other encoding", body: `<?xml version="1.0" encoding="ISO-8859-1"?><a/>`, problem: badDeclaration},
	{name: "other version", body: `<?xml version="1.1"?><a/>`, problem: badDeclaration},
	{name: "empty declaration", body: `<?xml ?><a/>`, problem: badDeclaration},
	{name: "unknown attribute in a declaration", body: `<?xml version="1.0" charset="UTF-8"?><a/>`, problem: badDeclaration},
	{name: "declaration without a version", body: `<?xml encoding="UTF-8"?><a/>`, problem: badDeclaration},
	{name: "standalone without a version", body: `<?xml standalone="yes"?><a/>`, problem: badDeclaration},
	{name: "standalone before the encoding", body: `<?xml version="1.0" standalone="yes" encoding="UTF-8"?><a/>`, problem: badDeclaration},
	{name: "other value of standalone", body: `<?xml version="1.0" standalone="maybe"?><a/>`, problem: badDeclaration},
	{name: "declaration in upper case", body: `<?XML version="1.0"?><a/>`, problem: badInstruction},
	{name: "truncated declaration", body: `<?xml version="1.0"`, problem: badDeclaration},
	{name: "unquoted value in a declaration", body: `<?xml version=1.0?><a/>`, problem: badDeclaration},
	{name: "unclosed quote in a declaration", body: `<?xml version="1.0?><a/>`, problem: badDeclaration},
	{name: "declaration after white space", body: ` <?xml version="1.0"?><a/>`, problem: badInstruction},
	{name: "instruction without a name", body: `<? x?><a/>`, problem: badInstruction},
	{name: "instruction with ! in its name", body: `<?x! ?><a/>`, problem: badInstruction},
	{name: "UTF-16", body: "\xff\xfe<\x00a\x00/\x00>\x00", problem: outsideRoot},
	{name: "entity bomb", body: `<!DOCTYPE a [<!ENTITY b "bb"><!ENTITY c "&b;&b;">]><a>&c;</a>`, problem: directive},
	{name: "external entity", body: `<!DOCTYPE a SYSTEM "file:///etc/hostname"><a/>`, problem: directive},
	{name: "10,000 levels", body: nested(10000), problem: tooDeep},
	{name: "129 attributes", body: "<a" + attributesOf(129) + "/>", problem: manyAttributes},
}

func nested(levels int) string {
	return strings.Repeat("<a>", levels) + strings.Repeat("</a>", levels)
}

func attributesOf(n int) string {
	var b strings.Builder
	for i := range n {
		fmt.Fprintf(&b, ` a%d=""`, i)
	}
	return b.String()
}

func TestScanner(t *testing.T) {
	require.GreaterOrEqual(t, len(scanCases), 100, "there must be at least 100 cases")
	for _, c := range scanCases {
		t.Run(c.name, func(t *testing.T) {
			got, s := tokens(c.body)
			assert.Equal(t, c.want, got)
			assert.Equal(t, c.problem, s.err.Problem)
		})
	}
}

// TestScannerRejectsTruncatedBodies checks that a document is rejected wherever it is cut.
func TestScannerRejectsTruncatedBodies(t *testing.T) {
	body := strings.TrimSpace(sample(11))
	for i := range len(body) {
		if _, s := tokens(body[:i]); s.err.Problem == "" {
			t.Fatalf("accepted up to %d: %q", i, body[max(0, i-60):i])
		}
	}
	_, s := tokens(body)
	require.Empty(t, s.err.Problem)
}

// TestClassifyBytes checks every byte at every position, because classifyBytes checks
// eight bytes at a time.
func TestClassifyBytes(t *testing.T) {
	for length := range 20 {
		for position := range length {
			for c := range 256 {
				body := []byte(strings.Repeat("x", length))
				body[position] = byte(c)
				ascii, controls := classifyBytes(string(body))
				control := c < ' ' && c != '\t' && c != '\n' && c != '\r'
				if ascii != (c < 0x80) || controls != control {
					t.Fatalf("byte %#x at %d of %d: ascii %v, controls %v", c, position, length, ascii, controls)
				}
			}
		}
	}
}

// TestClassifyBytesOfSeveralWords checks that white space does not hide a control character
// in an earlier word of eight bytes.
func TestClassifyBytesOfSeveralWords(t *testing.T) {
	ascii, controls := classifyBytes("\x01234567\t1234567\n")
	require.True(t, ascii)
	require.True(t, controls)
}

// TestReplacedCount checks that each character that XML does not allow and each byte
// that is not part of a character counts once.
func TestReplacedCount(t *testing.T) {
	for text, want := range map[string]int{
		"plain":                0,
		"\x00\x01":             2,
		"\xff":                 1,
		"\xe2\x82":             2, // each byte of a truncated character
		"\ufffe":               1,
		"\uffff":               1,
		"&#xFFFD;\ufffd":       0, // received as U+FFFD, so not replaced
		"]]<![CDATA[\x02]]>\r": 1,
	} {
		_, s := tokens("<a>" + text + "</a>")
		assert.Empty(t, s.err.Problem)
		assert.Equal(t, want, s.replaced, "%q", text)
	}
}

// TestStoredTextsDoNotChange checks that rewritten texts do not change while later ones
// are stored.
func TestStoredTextsDoNotChange(t *testing.T) {
	const n = 2000
	var body strings.Builder
	for i := range n {
		fmt.Fprintf(&body, "<t>%d &amp; %s</t>", i, strings.Repeat("y", i%50))
	}
	s := new(scanner)
	s.init("<a>" + body.String() + "</a>")
	var texts []string
	for token := s.next(); token != endOfBody; token = s.next() {
		require.NotEqual(t, failed, token)
		if token == characters {
			texts = append(texts, s.text)
		}
	}
	require.Len(t, texts, n)
	for i, text := range texts {
		assert.Equal(t, fmt.Sprintf("%d & %s", i, strings.Repeat("y", i%50)), text)
	}
}
