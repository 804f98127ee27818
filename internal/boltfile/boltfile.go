// Package boltfile checks a bbolt file before bbolt opens it. bbolt trusts its
// file: on a damaged page it panics, or reads memory that is not there, on a
// goroutine of its own, and no caller can recover from that.
//
// The check covers what bbolt walks through when it opens a file: every page that
// can be reached is what it says, in its place, refers to nothing outside, and has
// its keys in order. What the values mean is left to their owner.
package boltfile

import (
	"encoding/binary"
	"hash/fnv"
	"io"
	"os"
)

// The format is version 2, the only one in use since 2013, in the byte order of the
// machine.
const (
	magic   = 0xED0CDAED
	version = 2

	headerSize  = 16 // of a page: id 8, flags 2, count 2, overflow 4
	elementSize = 16
	metaSize    = 64
	bucketSize  = 16 // root 8, sequence 8

	branchPage = 0x01
	leafPage   = 0x02

	bucketElement = 0x01
)

var order = binary.NativeEndian

// Check returns what is wrong with the file. A file that is not there, that is
// empty, or that bbolt refuses with an error of its own is not wrong.
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
	latest, found := readMeta(file, 0)
	if other, valid := readMeta(file, pageSize); valid && (!found || other.transaction > latest.transaction) {
		latest = other
	}
	w := &walk{file: file, pageSize: uint64(pageSize), pages: min(latest.pages, uint64(size/pageSize)), reached: map[uint64]struct{}{}}
	return w.page(latest.root, bounds{})
}

// meta is one of the two pages at the beginning: where the latest transaction, and
// the one before, left the root.
type meta struct {
	pageSize, root, pages, transaction uint64
}

func readMeta(file io.ReaderAt, at int64) (meta, bool) {
	var data [metaSize]byte
	if _, err := file.ReadAt(data[:], at+headerSize); err != nil {
		return meta{}, false
	}
	sum := fnv.New64a()
	sum.Write(data[:metaSize-8])
	valid := order.Uint32(data[0:]) == magic && order.Uint32(data[4:]) == version && order.Uint64(data[metaSize-8:]) == sum.Sum64()
	return meta{
		pageSize: uint64(order.Uint32(data[8:])), root: order.Uint64(data[16:]),
		pages: order.Uint64(data[40:]), transaction: order.Uint64(data[48:]),
	}, valid
}

// findPageSize asks the first meta page, or the second, which is one page behind.
func findPageSize(file io.ReaderAt) (int64, bool) {
	for _, at := range []int64{0, 1 << 10, 1 << 11, 1 << 12, 1 << 13, 1 << 14, 1 << 15, 1 << 16, 1 << 17, 1 << 18, 1 << 19, 1 << 20, 1 << 21, 1 << 22, 1 << 23, 1 << 24} {
		if m, valid := readMeta(file, at); valid && m.pageSize >= 1<<10 {
			return int64(m.pageSize), true
		}
	}
	return 0, false
}
