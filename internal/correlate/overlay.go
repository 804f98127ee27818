package correlate

import (
	"iter"
	"strings"
)

// overlay is a map with changes on top that can be committed or dropped.
// Values in base are never changed in place, only replaced.
type overlay[T any] struct {
	base    map[string]*T
	changed map[string]*T // nil: removed
}

func over[T any](base map[string]*T) overlay[T] {
	return overlay[T]{base: base}
}

// get returns the value, or nil. It must not be changed.
func (o *overlay[T]) get(id string) *T {
	if value, ok := o.changed[id]; ok {
		return value
	}
	return o.base[id]
}

// edit returns the value to be changed: a copy of the base's, the one made
// before, or what fresh makes. The id is cloned where it is kept: it is a part
// of the whole body.
func (o *overlay[T]) edit(id string, fresh func(id string) *T) *T {
	value, ok := o.changed[id]
	if ok && value != nil {
		return value
	}
	id = strings.Clone(id)
	if committed := o.base[id]; committed != nil && !ok {
		copied := *committed
		value = &copied
	} else {
		value = fresh(id)
	}
	o.put(id, value)
	return value
}

func (o *overlay[T]) put(id string, value *T) {
	if o.changed == nil {
		o.changed = make(map[string]*T, 4)
	}
	o.changed[id] = value
}

// remove takes the value out; it may go on being read.
func (o *overlay[T]) remove(id string) { o.put(id, nil) }

// changes yields what each changed value is in the base and will be: nil where
// it is absent.
func (o *overlay[T]) changes() iter.Seq2[*T, *T] {
	return func(yield func(before, after *T) bool) {
		for id, after := range o.changed {
			if before := o.base[id]; (before != nil || after != nil) && !yield(before, after) {
				return
			}
		}
	}
}

func (o *overlay[T]) commit() {
	for id, value := range o.changed {
		if value == nil {
			delete(o.base, id)
		} else {
			o.base[id] = value
		}
	}
}
