package correlate

import (
	"slices"
	"strings"
)

// alias is another name by which records refer to an entity. It never outlives
// the entity.
type alias struct {
	kind aliasKind
	name string
}

type aliasKind uint8

const (
	// coSpace: its open call, the newest.
	coSpaceAlias aliasKind = iota
	// lyncGroup: the first of a Lync user's legs.
	lyncGroupAlias
	// dialogue: the leg of that SIP Call-ID, the newest.
	sipDialogAlias
)

// kind of the entity that the alias refers to.
func (a alias) entityKind() kind {
	if a.kind == coSpaceAlias {
		return callKind
	}
	return legKind
}

// hasAlias reports whether the entity, or nil, is still called so.
func hasAlias(entity Entity, as alias) bool {
	return entity != nil && slices.Contains(slices.Collect(entity.aliases), as)
}

func (c *Call) aliases(yield func(alias) bool) {
	if c.CoSpace != "" {
		yield(alias{coSpaceAlias, c.CoSpace})
	}
}

func (l *Leg) aliases(yield func(alias) bool) {
	if l.GroupID != "" && isLync(l) && !yield(alias{lyncGroupAlias, l.GroupID}) {
		return
	}
	if l.SIPCallID != "" {
		yield(alias{sipDialogAlias, l.SIPCallID})
	}
}

func (*Recording) aliases(func(alias) bool) {}
func (*Streaming) aliases(func(alias) bool) {}

// isLync: plain SIP legs have a groupId too, which says nothing.
func isLync(l *Leg) bool { return strings.HasPrefix(l.SubType, "lync") }

// named returns the id of the entity of that alias, or empty.
func (t *Transaction) lookupAlias(by alias) string {
	id, changed := t.aliases[by]
	if !changed {
		id = t.base.aliases[by]
	}
	return id
}

// name lets the aliases of an entity refer to it.
func (t *Transaction) setAliases(entity Entity) {
	id := entity.fields().ID
	for as := range entity.aliases {
		switch named := t.lookupAlias(as); {
		case named == id:
		case named != "" && as.kind == lyncGroupAlias && t.get(key{legKind, named}) != nil:
		default:
			if t.aliases == nil {
				t.aliases = map[alias]string{}
			}
			t.aliases[as] = id
		}
	}
}

// unname takes back the aliases that an entity has no longer.
func (s *Session) removeAliases(before, after Entity) {
	for as := range before.aliases {
		if s.aliases[as] == keyOf(before).id && !hasAlias(after, as) {
			delete(s.aliases, as)
		}
	}
}
