// Package boltfile checks a bbolt file before bbolt opens it. The receiver calls it,
// because bbolt does not validate its file: on a damaged page it panics, or reads
// unmapped memory, in a goroutine that it starts, and no caller can recover from that.
//
// The check covers all pages that bbolt reads without validation when it opens a file of
// file_storage. These are the pages that the root reaches: file_storage does not save the
// list of free pages, so bbolt visits all pages in use to determine it. Each page must have
// a known type and its own id, refer only to pages and bytes that exist, and have its keys
// in order. A branch page must have an element. The values are not checked, except for those
// of buckets.
package boltfile

import (
	"encoding/binary"
	"hash/fnv"
	"io"
	"os"
)

// The file format is version 2, the only one since 2014, in the byte order of the
// machine. Sizes are in bytes.
const (
	magic   = 0xED0CDAED
	version = 2

	headerSize  = 16 // of a page: id 8, flags 2, element count 2, overflow page count 4
	elementSize = 16
	metaSize    = 64
	bucketSize  = 16 // root page 8, sequence 8

	branchPage = 0x01
	leafPage   = 0x02

	bucketElement = 0x01
)

var byteOrder = binary.NativeEndian

// Check returns an error if the file is so damaged that bbolt cannot open it safely. It
// returns nil for a file that is absent or empty, that another process changes meanwhile, or
// that bbolt itself rejects with an error.
func Check(path string) error {
	file, err := os.Open(path)
	if err != nil {
		return nil // bbolt cannot open it either, or creates it
	}
	defer file.Close()
	info, err := file.Stat()
	if err != nil {
		return err
	}
	return check(file, info.Size())
}

func check(file io.ReaderAt, size int64) error {
	pageSize, found := findPageSize(file)
	if !found || size < 2*pageSize {
		return nil
	}
	latest := latestMeta(file, pageSize)
	w := &walker{file: file, pageSize: uint64(pageSize), pageCount: min(latest.pageCount, uint64(size/pageSize)), visited: map[uint64]struct{}{}}
	err := w.checkPage(latest.root, bounds{})
	if latestMeta(file, pageSize) != latest {
		return nil // another process writes the file, so bbolt does not get its lock
	}
	return err
}

// latestMeta returns the meta page of the latest transaction.
func latestMeta(file io.ReaderAt, pageSize int64) meta {
	latest, valid := readMeta(file, 0)
	if other, otherValid := readMeta(file, pageSize); otherValid && (!valid || other.transaction > latest.transaction) {
		return other
	}
	return latest
}

// meta is the content of a meta page. The first two pages are meta pages: one for the
// latest transaction, and one for the transaction before it.
type meta struct {
	pageSize, root, pageCount, transaction uint64
}

// readMeta returns the meta page at an offset in bytes, and whether it is valid: its
// format is known and its checksum is right.
func readMeta(file io.ReaderAt, offset int64) (_ meta, valid bool) {
	var data [metaSize]byte
	if _, err := file.ReadAt(data[:], offset+headerSize); err != nil {
		return meta{}, false
	}
	sum := fnv.New64a()
	sum.Write(data[:metaSize-8])
	valid = byteOrder.Uint32(data[0:]) == magic && byteOrder.Uint32(data[4:]) == version && byteOrder.Uint64(data[metaSize-8:]) == sum.Sum64()
	return meta{
		pageSize: uint64(byteOrder.Uint32(data[8:])), root: byteOrder.Uint64(data[16:]),
		pageCount: byteOrder.Uint64(data[40:]), transaction: byteOrder.Uint64(data[48:]),
	}, valid
}

// findPageSize returns the page size in bytes, from the first meta page, or from the
// second if the first is damaged. The second begins after one page, so each page size
// that bbolt can use is tried as its offset.
func findPageSize(file io.ReaderAt) (size int64, found bool) {
	for _, offset := range []int64{0, 1 << 10, 1 << 11, 1 << 12, 1 << 13, 1 << 14, 1 << 15, 1 << 16, 1 << 17, 1 << 18, 1 << 19, 1 << 20, 1 << 21, 1 << 22, 1 << 23, 1 << 24} {
		if m, valid := readMeta(file, offset); valid && m.pageSize >= 1<<10 {
			return int64(m.pageSize), true
		}
	}
	return 0, false
}
