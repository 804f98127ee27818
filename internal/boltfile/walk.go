package boltfile

import (
	"bytes"
	"errors"
	"fmt"
	"io"
)

// walk goes through all pages that can be reached from the root.
type walk struct {
	file     io.ReaderAt
	pageSize uint64
	// pages is how many there are in the file.
	pages   uint64
	reached map[uint64]struct{}
}

func (w *walk) page(id uint64, within bounds) error {
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
	return w.elements(id, data, within)
}

// elements looks at what a page holds, and at the pages below it. The keys ascend
// within the bounds that the page above sets.
func (w *walk) elements(id uint64, page []byte, within bounds) error {
	flags, count := order.Uint16(page[8:]), uint64(order.Uint16(page[10:]))
	if flags != branchPage && flags != leafPage {
		return fmt.Errorf("page %d is of the unknown type %#x", id, flags)
	}
	if headerSize+count*elementSize > uint64(len(page)) {
		return fmt.Errorf("page %d has %d elements, more than fit in", id, count)
	}
	all := make([]element, count)
	for i := range all {
		var err error
		if all[i], err = readElement(page[headerSize+i*elementSize:], flags == branchPage); err != nil {
			return fmt.Errorf("page %d, element %d: %w", id, i, err)
		}
		if key := all[i].key; !within.hold(key) || i > 0 && bytes.Compare(all[i-1].key, key) >= 0 {
			return fmt.Errorf("page %d, element %d: its key %.40q is out of order", id, i, key)
		}
	}
	for i, one := range all {
		below := bounds{}
		if flags == branchPage {
			below = bounds{from: one.key, to: within.to}
			if i+1 < len(all) {
				below.to = all[i+1].key
			}
		}
		if err := w.below(id, one, below); err != nil {
			return fmt.Errorf("page %d, element %d: %w", id, i, err)
		}
	}
	return nil
}

// below looks at what an element refers to: a page, or for a bucket that is small
// a page in its value, or nothing.
func (w *walk) below(id uint64, one element, within bounds) error {
	switch {
	case one.page != 0:
		return w.page(one.page, within)
	case one.inside == nil:
		return nil
	case len(one.inside) < headerSize || order.Uint16(one.inside[8:]) != leafPage:
		return errors.New("its bucket is neither on a page nor has one")
	default:
		return w.elements(id, one.inside, within)
	}
}

// bounds are the least key and the one above all keys; nil is none.
type bounds struct{ from, to []byte }

func (b bounds) hold(key []byte) bool {
	return bytes.Compare(key, b.from) >= 0 && (b.to == nil || bytes.Compare(key, b.to) < 0)
}

// element is a key with a page below it, or a bucket's page inside it.
type element struct {
	key    []byte
	page   uint64
	inside []byte
}

func readElement(data []byte, branch bool) (one element, err error) {
	if branch {
		one.key, err = part(data, order.Uint32(data), order.Uint32(data[4:]))
		if one.page = order.Uint64(data[8:]); one.page == 0 && err == nil {
			err = errors.New("it refers to page 0")
		}
		return one, err
	}
	start, keySize, valueSize := order.Uint32(data[4:]), order.Uint32(data[8:]), order.Uint32(data[12:])
	if one.key, err = part(data, start, keySize); err != nil {
		return one, err
	}
	value, err := part(data, uint64(start)+uint64(keySize), valueSize)
	if err != nil || order.Uint32(data)&bucketElement == 0 {
		return one, err
	}
	if len(value) < bucketSize {
		return one, fmt.Errorf("its bucket has %d bytes", len(value))
	}
	one.page, one.inside = order.Uint64(value), value[bucketSize:]
	return one, nil
}

// part is a part of an element, which is counted from the element's beginning.
func part[S uint32 | uint64](element []byte, start S, size uint32) ([]byte, error) {
	if uint64(start)+uint64(size) > uint64(len(element)) {
		return nil, fmt.Errorf("it is %d bytes at %d, and its page has %d", size, start, len(element))
	}
	return element[start:][:size], nil
}
