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

// newFile returns a file with a branch page, values with overflow pages, an inline bucket
// and a bucket with pages of its own.
func newFile(t testing.TB, values int) []byte {
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

func checkBytes(data []byte) error { return check(bytes.NewReader(data), int64(len(data))) }

// TestValidFiles: the check accepts what bbolt writes.
func TestValidFiles(t *testing.T) {
	for _, values := range []int{0, 1, 10, 1000} {
		require.NoError(t, checkBytes(newFile(t, values)))
	}
	require.NoError(t, Check(filepath.Join(t.TempDir(), "absent")))
	empty := filepath.Join(t.TempDir(), "empty")
	require.NoError(t, os.WriteFile(empty, nil, 0o600))
	require.NoError(t, Check(empty))
}

// firstKey and lastKey return a key of a leaf page, with the bytes after it.
func firstKey(page []byte) []byte {
	return page[headerSize:][order.Uint32(page[headerSize+4:]):]
}

func lastKey(page []byte) []byte {
	at := headerSize + (int(order.Uint16(page[10:]))-1)*elementSize
	return page[at:][order.Uint32(page[at+4:]):]
}

// TestDamagedFiles: each error says what is damaged and where.
func TestDamagedFiles(t *testing.T) {
	const pageSize = 4096
	whole := newFile(t, 1000)
	latest, _ := readMeta(bytes.NewReader(whole), 0)
	if other, _ := readMeta(bytes.NewReader(whole), pageSize); other.transaction > latest.transaction {
		latest = other
	}
	root := func(data []byte) []byte { return data[latest.root*pageSize:] }
	// A branch page above two leaves or more, among the pages that the root reaches: bbolt
	// also leaves unused pages in the file.
	pages := &walk{file: bytes.NewReader(whole), pageSize: pageSize, pageCount: latest.pageCount, visited: map[uint64]struct{}{}}
	require.NoError(t, pages.checkPage(latest.root, bounds{}))
	var branchAt uint64
	for id := range pages.visited {
		page := whole[id*pageSize:]
		if order.Uint64(page) == id && page[8] == branchPage && order.Uint16(page[10:]) >= 2 &&
			whole[order.Uint64(page[headerSize+8:])*pageSize+8] == leafPage {
			branchAt = id * pageSize
		}
	}
	require.NotZero(t, branchAt)
	branch := func(data []byte) []byte { return data[branchAt:] }
	leaf := func(data []byte) []byte { return data[order.Uint64(branch(data)[headerSize+8:])*pageSize:] }
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
		"overflow":        {func(data []byte) { root(data)[14] = 0xff }, "overflow pages, and the last page"},
		"a key outside":   {func(data []byte) { root(data)[headerSize+7] = 0xff }, "element 0: it has"},
		"a value outside": {func(data []byte) { root(data)[headerSize+15] = 0xff }, "element 0: it has"},
		"a branch's key":  {func(data []byte) { branch(data)[headerSize+3] = 0xff }, "element 0: it has"},
		"a repeated key": {func(data []byte) {
			first, second := leaf(data)[headerSize:], leaf(data)[headerSize+elementSize:]
			order.PutUint32(second[4:], order.Uint32(first[4:])-elementSize)
			copy(second[8:12], first[8:12])
		}, "element 1: its key"},
		"a key of another page": {func(data []byte) { firstKey(leaf(data))[0] = 'a' }, "is out of order"},
		"a last key above all":  {func(data []byte) { lastKey(leaf(data))[0] = 'z' }, "is out of order"},
		"an absent page":        {func(data []byte) { branch(data)[headerSize+8+5] = 1 }, "the file refers to page"},
		"a meta page":           {func(data []byte) { clear(branch(data)[headerSize+8:][:8]) }, "it refers to page 0"},
		"a cycle":               {func(data []byte) { copy(branch(data)[headerSize+8:][:8], branch(data)[:8]) }, "is referred to twice"},
		"two references":        {func(data []byte) { copy(branch(data)[headerSize+8+elementSize:][:8], branch(data)[headerSize+8:][:8]) }, "is referred to twice"},
		"zeroed page":           {func(data []byte) { clear(leaf(data)[:pageSize]) }, "has the number 0"},
		"bucket without a page": {func(data []byte) {
			clear(bytes.SplitAfterN(root(data)[:pageSize], []byte("small"), 2)[1][:bucketSize+headerSize])
		}, "neither a page nor an inline page"},
	}
	require.Len(t, cases, 17)
	for name, c := range cases {
		data := bytes.Clone(whole)
		c.damage(data)
		require.ErrorContains(t, checkBytes(data), c.want, name)
	}
	require.Error(t, checkBytes(whole[:len(whole)/2]))
	path := filepath.Join(t.TempDir(), "file")
	require.NoError(t, os.WriteFile(path, whole[:len(whole)/2], 0o600))
	require.Error(t, Check(path))
}

// TestDamagedMetaPage: the check uses the other meta page if one is damaged.
func TestDamagedMetaPage(t *testing.T) {
	whole := newFile(t, 100)
	for _, at := range []int{0, 4096} {
		data := bytes.Clone(whole)
		data[at+headerSize+20] ^= 1
		require.NotPanics(t, func() { _ = checkBytes(data) })
		found, ok := findPageSize(bytes.NewReader(data))
		require.True(t, ok)
		require.EqualValues(t, 4096, found)
	}
	require.NoError(t, checkBytes([]byte(strings.Repeat("no database ", 5000))), "bbolt itself refuses the file")
}

// FuzzCheck: the check does not panic, whichever bytes are damaged.
func FuzzCheck(f *testing.F) {
	whole := newFile(f, 20)
	f.Add(uint32(0), []byte{})
	f.Add(uint32(2*4096), make([]byte, 64))
	f.Fuzz(func(t *testing.T, at uint32, damage []byte) {
		data := bytes.Clone(whole)
		copy(data[int(at)%len(data):], damage)
		_ = checkBytes(data)
	})
}
