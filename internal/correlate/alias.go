package correlate

import (
	"slices"
	"strings"
)

// alias is another name by which records refer to an entity. It is removed with the
// entity.
type alias struct {
	kind aliasKind
	name string
}

type aliasKind uint8

const (
	// coSpaceAlias is a coSpace's GUID; it refers to the newest open call of the
	// coSpace.
	coSpaceAlias aliasKind = iota
	// lyncGroupAlias is a groupId; it refers to the first leg of a Lync user.
	lyncGroupAlias
	// sipDialogAlias is a SIP Call-ID; it refers to the newest leg with it.
	sipDialogAlias
)

// entityKind returns the kind of the entity that the alias refers to.
func (a alias) entityKind() kind {
	if a.kind == coSpaceAlias {
		return callKind
	}
	return legKind
}

// hasAlias reports whether the entity, which can be nil, has the alias.
func hasAlias(entity Entity, wanted alias) bool {
	return entity != nil && slices.Contains(slices.Collect(entity.aliases), wanted)
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

// isLync reports whether the leg is a Lync leg. The groupId of other SIP legs has no
// meaning.
func isLync(l *Leg) bool { return strings.HasPrefix(l.SubType, "lync") }

// lookupAlias returns the id of the entity that the alias refers to, or an empty
// string.
func (t *Transaction) lookupAlias(a alias) string {
	id, changed := t.aliases[a]
	if !changed {
		id = t.base.aliases[a]
	}
	return id
}

// setAliases makes the aliases of an entity refer to it.
func (t *Transaction) setAliases(entity Entity) {
	id := entity.fields().ID
	for a := range entity.aliases {
		switch named := t.lookupAlias(a); {
		case named == id:
		case named != "" && a.kind == lyncGroupAlias && t.get(key{legKind, named}) != nil:
		default:
			if t.aliases == nil {
				t.aliases = map[alias]string{}
			}
			t.aliases[a] = id
		}
	}
}

// removeAliases removes the aliases that an entity no longer has.
func (s *Session) removeAliases(before, after Entity) {
	for a := range before.aliases {
		if s.aliases[a] == keyOf(before).id && !hasAlias(after, a) {
			delete(s.aliases, a)
		}
	}
}
