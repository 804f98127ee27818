package cdr

import (
	"fmt"
	"math/rand/v2"
	"testing"

	"github.com/stretchr/testify/require"
)

// item formats an item of a document and the number of replaced characters so far.
func item(d *Document, r *Record, m *Malformed) string {
	if m != nil {
		return fmt.Sprintf("%+v %v, %d replaced", *m, m.Err, d.Replaced)
	}
	s := copyRecord(r)
	s.Raw = r.Raw
	return fmt.Sprintf("%+v, %d replaced", s, d.Replaced)
}

// items returns up to n of the next items, or all if n is negative.
func items(d *Document, n int) []string {
	all := []string{}
	for r, m := range d.Records() {
		if all = append(all, item(d, r, m)); len(all) == n {
			break
		}
	}
	return all
}

// checkPieces parses a document in several loops that end early, with rewinds between
// them, and checks that the items are those of one pass.
func checkPieces(t *testing.T, body string, random *rand.Rand) {
	onePass, err := Open(body)
	if err != nil {
		return
	}
	want := items(onePass, -1)
	require.Empty(t, items(onePass, -1), "items after the end: %q", body)
	d, err := Open(body)
	require.NoError(t, err)
	marks := []Mark{d.Mark()} // marks[i] is before want[i]
	next := 0
	for loops := 0; next < len(want) || loops < 3; loops++ {
		n := 1 + random.IntN(3)
		got := items(d, n)
		require.Equal(t, want[next:min(next+n, len(want))], got, "%q", body)
		next += len(got)
		if len(got) == n {
			marks = append(marks[:next-n+1], make([]Mark, n)...)
			marks[next] = d.Mark()
		}
		if back := random.IntN(len(marks)); loops < 2*len(want) && marks[back] != (Mark{}) {
			d.Rewind(marks[back])
			next = back
		}
	}
	require.Empty(t, items(d, -1), "%q", body)
	d.Rewind(marks[0])
	require.Equal(t, want, items(d, -1), "%q", body)
}

// FuzzPieces runs checkPieces on any document.
func FuzzPieces(f *testing.F) {
	for i, s := range seeds(f) {
		f.Add(s, uint64(i))
	}
	f.Fuzz(func(t *testing.T, body string, seed uint64) { checkPieces(t, body, rand.New(rand.NewPCG(seed, 1))) })
}

func TestPiecesOfSplicedDocuments(t *testing.T) {
	random := rand.New(rand.NewPCG(3, 4))
	all := seeds(t)
	for range spliceRuns {
		first, second := all[random.IntN(len(all))], all[random.IntN(len(all))]
		checkPieces(t, documentOf(callEndRecord(1, first)+second+badRecord+callEndRecord(2, "<name>\x01</name>")+badRecord), random)
		checkPieces(t, first[:random.IntN(len(first)+1)]+second, random)
	}
	checkPieces(t, sample(100), random)
}

// TestRecordsContinue checks that a loop continues where the last one ended, also between
// a malformed part and the record after it.
func TestRecordsContinue(t *testing.T) {
	d, err := Open(documentOf(callEndRecord(1, "") + "x" + callEndRecord(2, "<name>\x01</name>") + "y"))
	require.NoError(t, err)
	nextItem := func() (index uint64, bytes string) {
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
			index, bytes := nextItem()
			require.Equal(t, want, fmt.Sprint(index, " ", bytes))
			require.Equal(t, i >= 2, d.Replaced == 1)
		}
		d.Rewind(start)
	}
}

// TestPiecesOfHostileDocuments runs checkPieces on each hostile body, with two good records
// and a bad one before its end tag.
func TestPiecesOfHostileDocuments(t *testing.T) {
	random := rand.New(rand.NewPCG(5, 6))
	for _, h := range hostileBodies {
		t.Run(h.name, func(t *testing.T) {
			body := h.body(2000)
			checkPieces(t, body[:len(body)-len("</records>")]+callEndRecord(1, "")+badRecord+callEndRecord(2, "")+"</records>", random)
		})
	}
}
