package boltfile

import (
	"bytes"
	"errors"
	"fmt"
	"io"
)

// walk visits all pages that the root reaches.
type walk struct {
	file      io.ReaderAt
	pageSize  uint64
	pageCount uint64
	visited   map[uint64]struct{} // ids of pages, with the overflow pages
}

// checkPage checks a page and all pages below it. Their keys must be within limits.
func (w *walk) checkPage(id uint64, limits bounds) error {
	if id < 2 || id >= w.pageCount {
		return fmt.Errorf("the file refers to page %d and has pages 2 to %d", id, w.pageCount-1)
	}
	var header [headerSize]byte
	if _, err := w.file.ReadAt(header[:], int64(id*w.pageSize)); err != nil {
		return fmt.Errorf("page %d: %w", id, err)
	}
	if stored := order.Uint64(header[:]); stored != id {
		return fmt.Errorf("page %d has the number %d", id, stored)
	}
	overflow := uint64(order.Uint32(header[12:]))
	if id+overflow >= w.pageCount {
		return fmt.Errorf("page %d has %d overflow pages, and the last page is %d", id, overflow, w.pageCount-1)
	}
	for n := id; n <= id+overflow; n++ {
		if _, visited := w.visited[n]; visited {
			return fmt.Errorf("page %d is referred to twice", n)
		}
		w.visited[n] = struct{}{}
	}
	data := make([]byte, (1+overflow)*w.pageSize)
	if _, err := w.file.ReadAt(data, int64(id*w.pageSize)); err != nil {
		return fmt.Errorf("page %d: %w", id, err)
	}
	return w.checkElements(id, data, limits)
}

// checkElements checks the elements of a page and all pages below it. Their keys must
// ascend and be within limits.
func (w *walk) checkElements(id uint64, page []byte, limits bounds) error {
	flags, count := order.Uint16(page[8:]), uint64(order.Uint16(page[10:]))
	if flags != branchPage && flags != leafPage {
		return fmt.Errorf("page %d has the unknown type %#x", id, flags)
	}
	if headerSize+count*elementSize > uint64(len(page)) {
		return fmt.Errorf("page %d has %d elements, more than fit into it", id, count)
	}
	all := make([]element, count)
	for i := range all {
		var err error
		if all[i], err = readElement(page[headerSize+i*elementSize:], flags == branchPage); err != nil {
			return fmt.Errorf("page %d, element %d: %w", id, i, err)
		}
		if key := all[i].key; !limits.contain(key) || i > 0 && bytes.Compare(all[i-1].key, key) >= 0 {
			return fmt.Errorf("page %d, element %d: its key %.40q is out of order", id, i, key)
		}
	}
	for i, e := range all {
		childLimits := bounds{}
		if flags == branchPage {
			childLimits = bounds{from: e.key, to: limits.to}
			if i+1 < len(all) {
				childLimits.to = all[i+1].key
			}
		}
		if err := w.checkChild(id, e, childLimits); err != nil {
			return fmt.Errorf("page %d, element %d: %w", id, i, err)
		}
	}
	return nil
}

// checkChild checks the page that an element of page id refers to, or the inline page of
// a small bucket.
func (w *walk) checkChild(id uint64, e element, limits bounds) error {
	switch {
	case e.child != 0:
		return w.checkPage(e.child, limits)
	case e.inlinePage == nil:
		return nil
	case len(e.inlinePage) < headerSize || order.Uint16(e.inlinePage[8:]) != leafPage:
		return errors.New("its bucket has neither a page nor an inline page")
	default:
		return w.checkElements(id, e.inlinePage, limits)
	}
}

// bounds are a range of keys: from is its first key, and to is above its last. nil stands
// for no limit.
type bounds struct{ from, to []byte }

func (b bounds) contain(key []byte) bool {
	return bytes.Compare(key, b.from) >= 0 && (b.to == nil || bytes.Compare(key, b.to) < 0)
}

// element is a key with the page below it, if any. The root page of a small bucket is
// inline, in the value.
type element struct {
	key        []byte
	child      uint64
	inlinePage []byte
}

// readElement reads the element at the start of data, which holds the page from there on.
func readElement(data []byte, branch bool) (e element, err error) {
	if branch {
		e.key, err = field(data, order.Uint32(data), order.Uint32(data[4:]))
		if e.child = order.Uint64(data[8:]); e.child == 0 && err == nil {
			err = errors.New("it refers to page 0")
		}
		return e, err
	}
	start, keySize, valueSize := order.Uint32(data[4:]), order.Uint32(data[8:]), order.Uint32(data[12:])
	if e.key, err = field(data, start, keySize); err != nil {
		return e, err
	}
	value, err := field(data, uint64(start)+uint64(keySize), valueSize)
	if err != nil || order.Uint32(data)&bucketElement == 0 {
		return e, err
	}
	if len(value) < bucketSize {
		return e, fmt.Errorf("its bucket has %d bytes", len(value))
	}
	e.child, e.inlinePage = order.Uint64(value), value[bucketSize:]
	return e, nil
}

// field returns a key or a value, at an offset from the element that refers to it. data
// holds the page from that element on.
func field[O uint32 | uint64](data []byte, offset O, size uint32) ([]byte, error) {
	if uint64(offset)+uint64(size) > uint64(len(data)) {
		return nil, fmt.Errorf("it has %d bytes at %d, and the rest of its page has %d", size, offset, len(data))
	}
	return data[offset:][:size], nil
}
