package correlate

import (
	"slices"
	"strings"
)

// alias is another name by which records refer to something open. It never
// outlives what it refers to.
type alias struct {
	of   aliasOf
	name string
}

type aliasOf uint8

const (
	// coSpace: its call that is open, the newest.
	coSpace aliasOf = iota
	// lyncGroup: the first of a Lync user's legs.
	lyncGroup
	// dialogue: the leg of that SIP Call-ID, the newest.
	dialogue
)

// kind of what the alias refers to.
func (a alias) kind() kind {
	if a.of == coSpace {
		return aCall
	}
	return aLeg
}

// hasName reports whether the thing, or nil, is still called so.
func hasName(thing Thing, as alias) bool {
	return thing != nil && slices.Contains(slices.Collect(thing.aliases), as)
}

func (c *Call) aliases(yield func(alias) bool) {
	if c.CoSpace != "" {
		yield(alias{coSpace, c.CoSpace})
	}
}

func (l *Leg) aliases(yield func(alias) bool) {
	if l.GroupID != "" && isLync(l) && !yield(alias{lyncGroup, l.GroupID}) {
		return
	}
	if l.SIPCallID != "" {
		yield(alias{dialogue, l.SIPCallID})
	}
}

func (*Recording) aliases(func(alias) bool) {}
func (*Streaming) aliases(func(alias) bool) {}

// isLync: plain SIP legs have a groupId too, which says nothing.
func isLync(l *Leg) bool { return strings.HasPrefix(l.SubType, "lync") }

// known returns the id of what is open by that name, or empty.
func (t *Transaction) known(by alias) string {
	id, changed := t.named[by]
	if !changed {
		id = t.base.named[by]
	}
	return id
}

// name lets the names of something open refer to it.
func (t *Transaction) name(thing Thing) {
	id := thing.common().ID
	for as := range thing.aliases {
		switch known := t.known(as); {
		case known == id:
		case known != "" && as.of == lyncGroup && t.get(key{aLeg, known}) != nil:
		default:
			if t.named == nil {
				t.named = map[alias]string{}
			}
			t.named[as] = id
		}
	}
}
