package boltfile

import (
	"bytes"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
	"go.etcd.io/bbolt"
)

// written is a file with a branch page, values over several pages, and buckets in
// a value and on pages of their own.
func written(t testing.TB, values int) []byte {
	t.Helper()
	path := filepath.Join(t.TempDir(), "file")
	db, err := bbolt.Open(path, 0o600, &bbolt.Options{NoFreelistSync: true, PageSize: 4096})
	require.NoError(t, err)
	require.NoError(t, db.Update(func(tx *bbolt.Tx) error {
		for _, name := range []string{"default", "small"} {
			if _, err := tx.CreateBucket([]byte(name)); err != nil {
				return err
			}
		}
		return tx.Bucket([]byte("small")).Put([]byte("key"), []byte("value"))
	}))
	require.NoError(t, db.Update(func(tx *bbolt.Tx) error {
		for n := range values {
			if err := tx.Bucket([]byte("default")).Put(fmt.Append(nil, "key ", n), bytes.Repeat([]byte("x"), n%50*200)); err != nil {
				return err
			}
		}
		return nil
	}))
	require.NoError(t, db.Close())
	data, err := os.ReadFile(path)
	require.NoError(t, err)
	return data
}

func checked(data []byte) error { return check(bytes.NewReader(data), int64(len(data))) }

// TestWhole: what bbolt writes is not wrong.
func TestWhole(t *testing.T) {
	for _, values := range []int{0, 1, 10, 1000} {
		require.NoError(t, checked(written(t, values)))
	}
	require.NoError(t, Check(filepath.Join(t.TempDir(), "not there")))
	empty := filepath.Join(t.TempDir(), "empty")
	require.NoError(t, os.WriteFile(empty, nil, 0o600))
	require.NoError(t, Check(empty))
}

// keyOf and lastKeyOf are those of a leaf page.
func keyOf(page []byte) []byte {
	return page[headerSize:][order.Uint32(page[headerSize+4:]):]
}

func lastKeyOf(page []byte) []byte {
	at := headerSize + (int(order.Uint16(page[10:]))-1)*elementSize
	return page[at:][order.Uint32(page[at+4:]):]
}

// TestDamaged: each error says what is where.
func TestDamaged(t *testing.T) {
	const pageSize = 4096
	whole := written(t, 1000)
	latest, _ := readMeta(bytes.NewReader(whole), 0)
	if other, _ := readMeta(bytes.NewReader(whole), pageSize); other.transaction > latest.transaction {
		latest = other
	}
	root := func(data []byte) []byte { return data[latest.root*pageSize:] }
	// branch is a page above two leaves or more. bbolt leaves others behind that
	// nothing refers to.
	all := &walk{file: bytes.NewReader(whole), pageSize: pageSize, pages: latest.pages, reached: map[uint64]struct{}{}}
	require.NoError(t, all.page(latest.root, bounds{}))
	var branchAt uint64
	for id := range all.reached {
		page := whole[id*pageSize:]
		if order.Uint64(page) == id && page[8] == branchPage && order.Uint16(page[10:]) >= 2 &&
			whole[order.Uint64(page[headerSize+8:])*pageSize+8] == leafPage {
			branchAt = id * pageSize
		}
	}
	require.NotZero(t, branchAt)
	branch := func(data []byte) []byte { return data[branchAt:] }
	below := func(data []byte) []byte { return data[order.Uint64(branch(data)[headerSize+8:])*pageSize:] }
	cases := map[string]struct {
		damage func(data []byte)
		want   string
	}{
		"zeroed root":  {func(data []byte) { clear(root(data)[:pageSize]) }, "has the number 0"},
		"unknown type": {func(data []byte) { root(data)[8] = 0x40 }, "unknown type 0x40"},
		"meta type":    {func(data []byte) { root(data)[8] = 0x04 }, "unknown type 0x4"},
		"too many elements": {func(data []byte) {
			clear(root(data)[headerSize:pageSize])
			order.PutUint16(root(data)[10:], 0xffff)
		}, "has 65535 elements, more than fit in"},
		"overflow":        {func(data []byte) { root(data)[14] = 0xff }, "more pages, and the last of all"},
		"a key outside":   {func(data []byte) { root(data)[headerSize+7] = 0xff }, "element 0: it is"},
		"a value outside": {func(data []byte) { root(data)[headerSize+15] = 0xff }, "element 0: it is"},
		"a branch's key":  {func(data []byte) { branch(data)[headerSize+3] = 0xff }, "element 0: it is"},
		"the same key again": {func(data []byte) {
			first, second := below(data)[headerSize:], below(data)[headerSize+elementSize:]
			order.PutUint32(second[4:], order.Uint32(first[4:])-elementSize)
			copy(second[8:12], first[8:12])
		}, "element 1: its key"},
		"a key of another page": {func(data []byte) { keyOf(below(data))[0] = 'a' }, "is out of order"},
		"a last key above all":  {func(data []byte) { lastKeyOf(below(data))[0] = 'z' }, "is out of order"},
		"a page that is not":    {func(data []byte) { branch(data)[headerSize+8+5] = 1 }, "it refers to page"},
		"a meta page":           {func(data []byte) { clear(branch(data)[headerSize+8:][:8]) }, "it refers to page 0"},
		"a circle":              {func(data []byte) { copy(branch(data)[headerSize+8:][:8], branch(data)[:8]) }, "is referred to twice"},
		"twice":                 {func(data []byte) { copy(branch(data)[headerSize+8+elementSize:][:8], branch(data)[headerSize+8:][:8]) }, "is referred to twice"},
		"zeroed page":           {func(data []byte) { clear(below(data)[:pageSize]) }, "has the number 0"},
		"bucket without a page": {func(data []byte) {
			clear(bytes.SplitAfterN(root(data)[:pageSize], []byte("small"), 2)[1][:bucketSize+headerSize])
		}, "neither on a page nor has one"},
	}
	require.Len(t, cases, 17)
	for name, c := range cases {
		data := bytes.Clone(whole)
		c.damage(data)
		require.ErrorContains(t, checked(data), c.want, name)
	}
	require.Error(t, checked(whole[:len(whole)/2]))
	path := filepath.Join(t.TempDir(), "file")
	require.NoError(t, os.WriteFile(path, whole[:len(whole)/2], 0o600))
	require.Error(t, Check(path))
}

// TestMeta: the check starts at the page at which bbolt starts.
func TestMeta(t *testing.T) {
	whole := written(t, 100)
	for _, at := range []int{0, 4096} {
		data := bytes.Clone(whole)
		data[at+headerSize+20] ^= 1
		require.NotPanics(t, func() { _ = checked(data) })
		found, ok := findPageSize(bytes.NewReader(data))
		require.True(t, ok)
		require.EqualValues(t, 4096, found)
	}
	require.NoError(t, checked([]byte(strings.Repeat("no database ", 5000))), "bbolt refuses it by itself")
}

// FuzzCheck: no bytes make the check panic.
func FuzzCheck(f *testing.F) {
	whole := written(f, 20)
	f.Add(uint32(0), []byte{})
	f.Add(uint32(2*4096), make([]byte, 64))
	f.Fuzz(func(t *testing.T, at uint32, bytesThere []byte) {
		data := bytes.Clone(whole)
		copy(data[int(at)%len(data):], bytesThere)
		_ = checked(data)
	})
}
