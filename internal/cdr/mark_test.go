package cdr

import (
	"fmt"
	"math/rand/v2"
	"testing"

	"github.com/stretchr/testify/require"
)

// item is an item of a document with the number of replaced characters so far, as
// copies.
func item(d *Document, r *Record, m *Malformed) string {
	if m != nil {
		return fmt.Sprintf("%+v %v, %d replaced", *m, m.Err, d.Replaced)
	}
	s := takeSnapshot(r)
	s.Raw = r.Raw
	return fmt.Sprintf("%+v, %d replaced", s, d.Replaced)
}

// items reads up to n items.
func items(d *Document, n int) []string {
	all := []string{}
	for r, m := range d.Records() {
		if all = append(all, item(d, r, m)); len(all) == n {
			break
		}
	}
	return all
}

// checkPieces reads a document in pieces: it leaves loops early, rewinds, and
// compares with one pass.
func checkPieces(t *testing.T, body string, random *rand.Rand) {
	whole, err := Open(body)
	if err != nil {
		return
	}
	want := items(whole, -1)
	require.Empty(t, items(whole, -1), "a document that is read holds more: %q", body)
	d, err := Open(body)
	require.NoError(t, err)
	marks := []Mark{d.Mark()} // marks[i] is before want[i]
	at := 0
	for turns := 0; at < len(want) || turns < 3; turns++ {
		n := 1 + random.IntN(3)
		got := items(d, n)
		require.Equal(t, want[at:min(at+n, len(want))], got, "%q", body)
		at += len(got)
		if len(got) == n {
			marks = append(marks[:at-n+1], make([]Mark, n)...)
			marks[at] = d.Mark()
		}
		if back := random.IntN(len(marks)); turns < 2*len(want) && marks[back] != (Mark{}) {
			d.Rewind(marks[back])
			at = back
		}
	}
	require.Empty(t, items(d, -1), "%q", body)
	d.Rewind(marks[0])
	require.Equal(t, want, items(d, -1), "%q", body)
}

func FuzzPieces(f *testing.F) {
	for i, s := range seeds(f) {
		f.Add(s, uint64(i))
	}
	f.Fuzz(func(t *testing.T, body string, seed uint64) { checkPieces(t, body, rand.New(rand.NewPCG(seed, 1))) })
}

func TestPiecesOfSplicedDocuments(t *testing.T) {
	random := rand.New(rand.NewPCG(3, 4))
	all := seeds(t)
	for range spliced {
		one, two := all[random.IntN(len(all))], all[random.IntN(len(all))]
		checkPieces(t, root(rec(1, one)+two+bad+rec(2, "<name>\x01</name>")+bad), random)
		checkPieces(t, one[:random.IntN(len(one)+1)]+two, random)
	}
	checkPieces(t, sample(100), random)
}

// TestRecordsGoOn checks that a loop continues where the last one ended, also between
// a malformed part and the record behind it.
func TestRecordsGoOn(t *testing.T) {
	d, err := Open(root(rec(1, "") + "x" + rec(2, "<name>\x01</name>") + "y"))
	require.NoError(t, err)
	one := func() (index uint64, bytes string) {
		for r, m := range d.Records() {
			if m != nil {
				return 0, m.Bytes
			}
			return r.CorrelatorIndex, ""
		}
		return 0, "end"
	}
	for range 2 {
		start := d.Mark()
		for i, want := range []string{"1 ", "0 x", "2 ", "0 y", "0 end", "0 end"} {
			index, bytes := one()
			require.Equal(t, want, fmt.Sprint(index, " ", bytes))
			require.Equal(t, i >= 2, d.Replaced == 1)
		}
		d.Rewind(start)
	}
}

// TestPiecesOfHostileDocuments checks that bodies that are designed to be scanned
// again and again are skipped at the same places, even after rewinds.
func TestPiecesOfHostileDocuments(t *testing.T) {
	random := rand.New(rand.NewPCG(5, 6))
	for _, h := range hostile {
		t.Run(h.name, func(t *testing.T) {
			body := h.body(2000)
			checkPieces(t, body[:len(body)-len("</records>")]+rec(1, "")+bad+rec(2, "")+"</records>", random)
		})
	}
}
