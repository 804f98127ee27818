package correlate

import (
	"slices"
	"strings"
)

// alias is another name by which records refer to an entity. It never outlives
// the entity.
type alias struct {
	of   aliasOf
	name string
}

type aliasOf uint8

const (
	// coSpace: its open call, the newest.
	coSpace aliasOf = iota
	// lyncGroup: the first of a Lync user's legs.
	lyncGroup
	// dialogue: the leg of that SIP Call-ID, the newest.
	dialogue
)

// kind of the entity that the alias refers to.
func (a alias) kind() kind {
	if a.of == coSpace {
		return aCall
	}
	return aLeg
}

// hasAlias reports whether the entity, or nil, is still called so.
func hasAlias(entity Entity, as alias) bool {
	return entity != nil && slices.Contains(slices.Collect(entity.aliases), as)
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

// named returns the id of the entity of that alias, or empty.
func (t *Transaction) named(by alias) string {
	id, changed := t.aliases[by]
	if !changed {
		id = t.base.aliases[by]
	}
	return id
}

// name lets the aliases of an entity refer to it.
func (t *Transaction) name(entity Entity) {
	id := entity.common().ID
	for as := range entity.aliases {
		switch named := t.named(as); {
		case named == id:
		case named != "" && as.of == lyncGroup && t.get(key{aLeg, named}) != nil:
		default:
			if t.aliases == nil {
				t.aliases = map[alias]string{}
			}
			t.aliases[as] = id
		}
	}
}

// unname takes back the aliases that an entity has no longer.
func (s *Session) unname(before, after Entity) {
	for as := range before.aliases {
		if s.aliases[as] == keyOf(before).id && !hasAlias(after, as) {
			delete(s.aliases, as)
		}
	}
}
