package boltfile

import (
	"bytes"
	"errors"
	"fmt"
	"io"
)

// walker checks all pages that the root reaches.
type walker struct {
	file      io.ReaderAt
	pageSize  uint64 // in bytes
	pageCount uint64
	visited   map[uint64]struct{} // ids of pages, including overflow pages
}

// checkPage checks a page and all pages below it. The limits apply to the keys of the bucket
// that the page belongs to, and not to the keys of buckets nested in that bucket.
func (w *walker) checkPage(id uint64, limits bounds) error {
	if id < 2 || id >= w.pageCount {
		return fmt.Errorf("the file refers to page %d, but its pages after the two meta pages are 2 to %d", id, w.pageCount-1)
	}
	var header [headerSize]byte
	if _, err := w.file.ReadAt(header[:], int64(id*w.pageSize)); err != nil {
		return fmt.Errorf("page %d: %w", id, err)
	}
	if stored := byteOrder.Uint64(header[:]); stored != id {
		return fmt.Errorf("page %d has the id %d in its header", id, stored)
	}
	overflow := uint64(byteOrder.Uint32(header[12:]))
	if id+overflow >= w.pageCount {
		return fmt.Errorf("page %d has %d overflow pages, but the last page of the file is %d", id, overflow, w.pageCount-1)
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

// checkElements checks the elements of a page and all pages below it. The keys of the page
// must ascend and be within the limits.
func (w *walker) checkElements(id uint64, page []byte, limits bounds) error {
	flags, count := byteOrder.Uint16(page[8:]), uint64(byteOrder.Uint16(page[10:]))
	if flags != branchPage && flags != leafPage {
		return fmt.Errorf("page %d has the unknown type %#x", id, flags)
	}
	if flags == branchPage && count == 0 {
		return fmt.Errorf("page %d is a branch page without elements", id)
	}
	if headerSize+count*elementSize > uint64(len(page)) {
		return fmt.Errorf("page %d has %d elements, more than fit into it", id, count)
	}
	elements := make([]element, count)
	for i := range elements {
		var err error
		if elements[i], err = readElement(page[headerSize+i*elementSize:], flags == branchPage); err != nil {
			return fmt.Errorf("page %d, element %d: %w", id, i, err)
		}
		if key := elements[i].key; !limits.contain(key) || i > 0 && bytes.Compare(elements[i-1].key, key) >= 0 {
			return fmt.Errorf("page %d, element %d: its key %.40q is out of order, or outside of the range of its parent", id, i, key)
		}
	}
	for i, e := range elements {
		childLimits := bounds{}
		if flags == branchPage {
			childLimits = bounds{from: e.key, to: limits.to}
			if i+1 < len(elements) {
				childLimits.to = elements[i+1].key
			}
		}
		if err := w.checkChild(id, e, childLimits); err != nil {
			return fmt.Errorf("page %d, element %d: %w", id, i, err)
		}
	}
	return nil
}

// checkChild checks the page that an element refers to, or the inline page in its value. id
// is the page that contains the element.
func (w *walker) checkChild(id uint64, e element, limits bounds) error {
	switch {
	case e.child != 0:
		return w.checkPage(e.child, limits)
	case e.inlinePage == nil:
		return nil
	case len(e.inlinePage) < headerSize || byteOrder.Uint16(e.inlinePage[8:]) != leafPage:
		return errors.New("its bucket has neither a page nor an inline page")
	default:
		return w.checkElements(id, e.inlinePage, limits)
	}
}

// bounds are the keys [from, to); nil stands for no limit.
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

// readElement reads the element at the start of data, which is the rest of its page.
func readElement(data []byte, branch bool) (e element, err error) {
	if branch {
		e.key, err = keyOrValue(data, byteOrder.Uint32(data), byteOrder.Uint32(data[4:]))
		if e.child = byteOrder.Uint64(data[8:]); e.child == 0 && err == nil {
			err = errors.New("it refers to page 0")
		}
		return e, err
	}
	start, keySize, valueSize := byteOrder.Uint32(data[4:]), byteOrder.Uint32(data[8:]), byteOrder.Uint32(data[12:])
	if e.key, err = keyOrValue(data, start, keySize); err != nil {
		return e, err
	}
	value, err := keyOrValue(data, uint64(start)+uint64(keySize), valueSize)
	if err != nil || byteOrder.Uint32(data)&bucketElement == 0 {
		return e, err
	}
	if len(value) < bucketSize {
		return e, fmt.Errorf("its bucket has %d bytes, fewer than %d", len(value), bucketSize)
	}
	e.child, e.inlinePage = byteOrder.Uint64(value), value[bucketSize:]
	return e, nil
}

// keyOrValue returns a key or a value, at an offset from the element that refers to it.
// data is the rest of the page from that element.
func keyOrValue[O uint32 | uint64](data []byte, offset O, size uint32) ([]byte, error) {
	if uint64(offset)+uint64(size) > uint64(len(data)) {
		return nil, fmt.Errorf("it has a key or value of %d bytes at offset %d, but only %d bytes from the element to the end of its page", size, offset, len(data))
	}
	return data[offset:][:size], nil
}
