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

// newFile returns a file with an inline bucket and a bucket of that many values. With many
// values it also has a branch page, overflow pages and a bucket with a page of its own.
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

// TestValidFiles checks that files that bbolt wrote, and absent and empty ones, are valid.
func TestValidFiles(t *testing.T) {
	for _, values := range []int{0, 1, 10, 1000} {
		require.NoError(t, checkBytes(newFile(t, values)))
	}
	require.NoError(t, Check(filepath.Join(t.TempDir(), "absent")))
	empty := filepath.Join(t.TempDir(), "empty")
	require.NoError(t, os.WriteFile(empty, nil, 0o600))
	require.NoError(t, Check(empty))
}

// firstKey and lastKey return the rest of a leaf page from the beginning of its first or last key.
func firstKey(page []byte) []byte {
	return page[headerSize:][byteOrder.Uint32(page[headerSize+4:]):]
}

func lastKey(page []byte) []byte {
	offset := headerSize + (int(byteOrder.Uint16(page[10:]))-1)*elementSize
	return page[offset:][byteOrder.Uint32(page[offset+4:]):]
}

// TestDamagedFiles checks the error for each kind of damage.
func TestDamagedFiles(t *testing.T) {
	const pageSize = 4096
	valid := newFile(t, 1000)
	latest := latestMeta(bytes.NewReader(valid), pageSize)
	root := func(data []byte) []byte { return data[latest.root*pageSize:] }
	// The branch page is above two leaves or more. It is searched among the pages that the
	// root reaches, because the file also has unused pages.
	w := &walker{file: bytes.NewReader(valid), pageSize: pageSize, pageCount: latest.pageCount, visited: map[uint64]struct{}{}}
	require.NoError(t, w.checkPage(latest.root, bounds{}))
	var branchOffset uint64
	for id := range w.visited {
		page := valid[id*pageSize:]
		if byteOrder.Uint64(page) == id && page[8] == branchPage && byteOrder.Uint16(page[10:]) >= 2 &&
			valid[byteOrder.Uint64(page[headerSize+8:])*pageSize+8] == leafPage {
			branchOffset = id * pageSize
		}
	}
	require.NotZero(t, branchOffset)
	branch := func(data []byte) []byte { return data[branchOffset:] }
	leaf := func(data []byte) []byte { return data[byteOrder.Uint64(branch(data)[headerSize+8:])*pageSize:] }
	cases := map[string]struct {
		damage func(data []byte)
		want   string
	}{
		"zeroed root":       {func(data []byte) { clear(root(data)[:pageSize]) }, "has the id 0 in its header"},
		"unknown type":      {func(data []byte) { root(data)[8] = 0x40 }, "unknown type 0x40"},
		"meta page as root": {func(data []byte) { root(data)[8] = 0x04 }, "unknown type 0x4"},
		"too many elements": {func(data []byte) {
			clear(root(data)[headerSize:pageSize])
			byteOrder.PutUint16(root(data)[10:], 0xffff)
		}, "has 65535 elements, more than fit in"},
		"overflow pages after the end":              {func(data []byte) { root(data)[14] = 0xff }, "overflow pages, but the last page"},
		"key after the end of its page":             {func(data []byte) { root(data)[headerSize+7] = 0xff }, "element 0: it has"},
		"value after the end of its page":           {func(data []byte) { root(data)[headerSize+15] = 0xff }, "element 0: it has"},
		"key of a branch after the end of its page": {func(data []byte) { branch(data)[headerSize+3] = 0xff }, "element 0: it has"},
		"repeated key": {func(data []byte) {
			first, second := leaf(data)[headerSize:], leaf(data)[headerSize+elementSize:]
			byteOrder.PutUint32(second[4:], byteOrder.Uint32(first[4:])-elementSize)
			copy(second[8:12], first[8:12])
		}, "element 1: its key"},
		"first key below the range of its page": {func(data []byte) { firstKey(leaf(data))[0] = 'a' }, "is out of order, or outside of the range of its parent"},
		"last key above the range of its page":  {func(data []byte) { lastKey(leaf(data))[0] = 'z' }, "is out of order, or outside of the range of its parent"},
		"reference to an absent page":           {func(data []byte) { branch(data)[headerSize+8+5] = 1 }, "the file refers to page"},
		"reference to a meta page":              {func(data []byte) { clear(branch(data)[headerSize+8:][:8]) }, "it refers to page 0"},
		"reference to the page itself":          {func(data []byte) { copy(branch(data)[headerSize+8:][:8], branch(data)[:8]) }, "is referred to twice"},
		"two references to a page":              {func(data []byte) { copy(branch(data)[headerSize+8+elementSize:][:8], branch(data)[headerSize+8:][:8]) }, "is referred to twice"},
		"zeroed leaf":                           {func(data []byte) { clear(leaf(data)[:pageSize]) }, "has the id 0 in its header"},
		"branch page without elements":          {func(data []byte) { clear(branch(data)[10:pageSize]) }, "is a branch page without elements"},
		"bucket without a page": {func(data []byte) {
			clear(bytes.SplitAfterN(root(data)[:pageSize], []byte("small"), 2)[1][:bucketSize+headerSize])
		}, "neither a page nor an inline page"},
		"bucket without an inline page": {func(data []byte) { byteOrder.PutUint32(root(data)[headerSize+elementSize+12:], bucketSize) }, "neither a page nor an inline page"},
		"bucket that is too short":      {func(data []byte) { byteOrder.PutUint32(root(data)[headerSize+12:], bucketSize-1) }, "its bucket has 15 bytes, fewer than 16"},
	}
	require.Len(t, cases, 20)
	for name, c := range cases {
		data := bytes.Clone(valid)
		c.damage(data)
		require.ErrorContains(t, checkBytes(data), c.want, name)
	}
	require.Error(t, checkBytes(valid[:len(valid)/2]))
	path := filepath.Join(t.TempDir(), "file")
	require.NoError(t, os.WriteFile(path, valid[:len(valid)/2], 0o600))
	require.Error(t, Check(path))
}

// TestDamagedMetaPage checks that the other meta page is used if one is damaged, and that a
// file without a valid meta page is no error, because bbolt itself rejects it.
func TestDamagedMetaPage(t *testing.T) {
	valid := newFile(t, 100)
	for _, offset := range []int{0, 4096} {
		data := bytes.Clone(valid)
		data[offset+headerSize+20] ^= 1
		require.NoError(t, checkBytes(data))
		size, found := findPageSize(bytes.NewReader(data))
		require.True(t, found)
		require.EqualValues(t, 4096, size)
	}
	require.NoError(t, checkBytes([]byte(strings.Repeat("no database ", 5000))))
}

// changingFile is a file whose content is replaced when a page other than the meta pages is
// read.
type changingFile struct{ data, next []byte }

func (f *changingFile) ReadAt(p []byte, offset int64) (int, error) {
	if offset >= 2*4096 {
		f.data = f.next
	}
	return bytes.NewReader(f.data).ReadAt(p, offset)
}

// TestFileInUse checks that a file that another process writes during the check is not
// reported as damaged.
func TestFileInUse(t *testing.T) {
	before, after := newFile(t, 10), newFile(t, 1000)
	clear(after[2*4096:])
	require.Error(t, checkBytes(after))
	require.NoError(t, check(&changingFile{data: before, next: after}, int64(len(before))))
}

// FuzzCheck checks that no damage to a file causes a panic.
func FuzzCheck(f *testing.F) {
	valid := newFile(f, 20)
	f.Add(uint32(0), []byte{})
	f.Add(uint32(2*4096), make([]byte, 64))
	f.Fuzz(func(t *testing.T, offset uint32, damage []byte) {
		data := bytes.Clone(valid)
		copy(data[int(offset)%len(data):], damage)
		_ = checkBytes(data)
	})
}
