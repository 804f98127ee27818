// Package boltfile checks a bbolt file before bbolt opens it. bbolt trusts its
// file: on a damaged page it panics, or reads memory that is not there, on a
// goroutine of its own, and no caller can recover from that.
//
// The check covers what bbolt walks through when it opens a file: every page that
// can be reached is what it says, in its place, and refers to nothing outside.
// Whether the keys are in order and what the values mean is left to others, who
// return errors.
package boltfile

import (
	"encoding/binary"
	"errors"
	"fmt"
	"hash/fnv"
	"io"
	"io/fs"
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
// empty, or that bbolt refuses by itself is not wrong.
func Check(path string) error {
	file, err := os.Open(path)
	if errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	if err != nil {
		return err
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
	return w.page(latest.root)
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

// walk goes through all pages that can be reached from the root.
type walk struct {
	file     io.ReaderAt
	pageSize uint64
	// pages is how many there are in the file.
	pages   uint64
	reached map[uint64]struct{}
}

func (w *walk) page(id uint64) error {
	if id < 2 || id >= w.pages {
		return fmt.Errorf("it refers to page %d, and has pages 2 to %d", id, w.pages-1)
	}
	var header [headerSize]byte
	if _, err := w.file.ReadAt(header[:], int64(id*w.pageSize)); err != nil {
		return fmt.Errorf("page %d: %w", id, err)
	}
	if is := order.Uint64(header[:]); is != id {
		return fmt.Errorf("page %d has the number %d", id, is)
	}
	overflow := uint64(order.Uint32(header[12:]))
	if id+overflow >= w.pages {
		return fmt.Errorf("page %d has %d more pages, and the last of all is %d", id, overflow, w.pages-1)
	}
	for one := id; one <= id+overflow; one++ {
		if _, twice := w.reached[one]; twice {
			return fmt.Errorf("page %d is referred to twice", one)
		}
		w.reached[one] = struct{}{}
	}
	data := make([]byte, (1+overflow)*w.pageSize)
	if _, err := w.file.ReadAt(data, int64(id*w.pageSize)); err != nil {
		return fmt.Errorf("page %d: %w", id, err)
	}
	return w.elements(id, data)
}

// elements looks at what a page holds, and at the pages below it.
func (w *walk) elements(id uint64, page []byte) error {
	flags, count := order.Uint16(page[8:]), uint64(order.Uint16(page[10:]))
	if flags != branchPage && flags != leafPage {
		return fmt.Errorf("page %d is of the unknown type %#x", id, flags)
	}
	for i := range count {
		at := headerSize + i*elementSize
		if at+elementSize > uint64(len(page)) {
			return fmt.Errorf("page %d has %d elements, more than fit in", id, count)
		}
		element := page[at:]
		var err error
		if flags == branchPage {
			_, err = part(element, order.Uint32(element), order.Uint32(element[4:]))
			if err == nil {
				err = w.page(order.Uint64(element[8:]))
			}
		} else {
			err = w.leaf(id, element)
		}
		if err != nil {
			return fmt.Errorf("page %d, element %d: %w", id, i, err)
		}
	}
	return nil
}

// leaf is a key with a value or with a bucket, which has pages of its own or,
// while it is small, a page in the value.
func (w *walk) leaf(id uint64, element []byte) error {
	start, keySize, valueSize := order.Uint32(element[4:]), order.Uint32(element[8:]), order.Uint32(element[12:])
	if _, err := part(element, start, keySize); err != nil {
		return err
	}
	value, err := part(element, uint64(start)+uint64(keySize), valueSize)
	if err != nil || order.Uint32(element)&bucketElement == 0 {
		return err
	}
	if len(value) < bucketSize {
		return fmt.Errorf("its bucket has %d bytes", len(value))
	}
	if root := order.Uint64(value); root != 0 {
		return w.page(root)
	}
	if value = value[bucketSize:]; len(value) < headerSize || order.Uint16(value[8:]) != leafPage {
		return errors.New("its bucket is neither on a page nor has one")
	}
	return w.elements(id, value)
}

// part is a part of an element, which is counted from the element's beginning.
func part[S uint32 | uint64](element []byte, start S, size uint32) ([]byte, error) {
	if uint64(start)+uint64(size) > uint64(len(element)) {
		return nil, fmt.Errorf("it is %d bytes at %d, and its page has %d", size, start, len(element))
	}
	return element[start:][:size], nil
}
