package cdr

import (
	"encoding/xml"
	"fmt"
	"io"
	"strings"
	"testing"
)

// decodeAll parses a document and counts its items.
func decodeAll(tb testing.TB, body string) (records, malformed int) {
	d, err := Open(body)
	if err != nil {
		tb.Fatal(err)
	}
	defer d.Close()
	for _, m := range d.Records() {
		if m != nil {
			malformed++
		} else {
			records++
		}
	}
	return records, malformed
}

func BenchmarkDecode(b *testing.B) {
	for _, n := range []int{1, 10, 100} {
		body := sample(n)
		b.Run(fmt.Sprintf("records=%d", n), func(b *testing.B) {
			b.ReportAllocs()
			b.SetBytes(int64(len(body)))
			for b.Loop() {
				if records, _ := decodeAll(b, body); records != n {
					b.Fatal(records)
				}
			}
		})
	}
}

// BenchmarkEncodingXML is the reference for BenchmarkDecode. It only reads tokens. To
// compare two versions of the parser, divide the time of BenchmarkDecode by that of this
// benchmark in the same run: the ratio varies less than the times.
func BenchmarkEncodingXML(b *testing.B) {
	for _, n := range []int{1, 10, 100} {
		body := sample(n)
		b.Run(fmt.Sprintf("records=%d", n), func(b *testing.B) {
			b.ReportAllocs()
			b.SetBytes(int64(len(body)))
			for b.Loop() {
				d := xml.NewDecoder(strings.NewReader(body))
				for {
					if _, err := d.Token(); err == io.EOF {
						break
					} else if err != nil {
						b.Fatal(err)
					}
				}
			}
		})
	}
}
