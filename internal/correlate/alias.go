package correlate

import (
	"slices"
	"strings"
)

// alias is another name by which records refer to an entity. It is removed when the
// entity no longer has it, or is closed.
type alias struct {
	kind aliasKind
	name string
}

// maxAliases is the highest number of aliases of an entity. The method aliases returns
// that many; those with an empty name do not exist.
const maxAliases = 2

type aliasKind uint8

const (
	// coSpaceAlias is a coSpace's GUID; it refers to the newest call of the coSpace
	// while that is open, and then to none, even if an older call is still open.
	coSpaceAlias aliasKind = iota
	// lyncGroupAlias is a groupId; it refers to the first leg of a Lync user while that is
	// open.
	lyncGroupAlias
	// sipDialogAlias is a SIP Call-ID; of several legs with it, it refers to the one whose
	// record was processed last, while that is open. When the leg that this alias or
	// lyncGroupAlias refers to is closed, the alias refers to none until another leg with it
	// has a record, or until a restart.
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
	if entity == nil || wanted.name == "" {
		return false
	}
	aliases := entity.aliases()
	return slices.Contains(aliases[:], wanted)
}

func (c *Call) aliases() [maxAliases]alias {
	return [maxAliases]alias{{coSpaceAlias, c.CoSpace}}
}

func (l *Leg) aliases() (aliases [maxAliases]alias) {
	if isLync(l) {
		aliases[0] = alias{lyncGroupAlias, l.GroupID}
	}
	aliases[1] = alias{sipDialogAlias, l.SIPCallID}
	return aliases
}

func (*Recording) aliases() (none [maxAliases]alias) { return none }
func (*Streaming) aliases() (none [maxAliases]alias) { return none }

// isLync reports whether the leg is a Lync leg. The groupId of another leg has no
// meaning.
func isLync(l *Leg) bool { return strings.HasPrefix(l.SubType, "lync") }

// lookupAlias returns the id of the open entity that the alias refers to, or an empty
// string. The alias of an entity that t closed is ignored before the commit removes it, so
// that the result does not depend on how records are divided into transactions.
func (t *Transaction) lookupAlias(a alias) string {
	id, changed := t.aliases[a]
	if !changed {
		id = t.base.aliases[a]
	}
	if !hasAlias(t.get(key{a.entityKind(), id}), a) {
		return ""
	}
	return id
}

// setAliases makes the aliases of an entity refer to it. The alias of a Lync group
// continues to refer to its first leg while that is open.
func (t *Transaction) setAliases(entity Entity) {
	id := entity.fields().ID
	for _, a := range entity.aliases() {
		if a.name == "" {
			continue
		}
		switch current := t.lookupAlias(a); {
		case current == id:
		case current != "" && a.kind == lyncGroupAlias:
		default:
			if t.aliases == nil {
				t.aliases = map[alias]string{}
			}
			t.aliases[a] = id
		}
	}
}

// removeAliases removes the aliases that an entity no longer has. after is nil if the
// entity was closed.
func (s *Session) removeAliases(before, after Entity) {
	for _, a := range before.aliases() {
		if a.name != "" && s.aliases[a] == before.fields().ID && !hasAlias(after, a) {
			delete(s.aliases, a)
		}
	}
}
