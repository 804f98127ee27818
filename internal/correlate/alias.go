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

// maxAliases is how many aliases an entity can have. An alias without a name is none.
const maxAliases = 2

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
	if entity == nil || as.name == "" {
		return false
	}
	has := entity.aliases()
	return slices.Contains(has[:], as)
}

func (c *Call) aliases() [maxAliases]alias {
	return [maxAliases]alias{{coSpaceAlias, c.CoSpace}}
}

func (l *Leg) aliases() (all [maxAliases]alias) {
	if isLync(l) {
		all[0] = alias{lyncGroupAlias, l.GroupID}
	}
	all[1] = alias{sipDialogAlias, l.SIPCallID}
	return all
}

func (*Recording) aliases() (none [maxAliases]alias) { return none }
func (*Streaming) aliases() (none [maxAliases]alias) { return none }

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
	for _, as := range entity.aliases() {
		if as.name == "" {
			continue
		}
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
	for _, as := range before.aliases() {
		if as.name != "" && s.aliases[as] == before.fields().ID && !hasAlias(after, as) {
			delete(s.aliases, as)
		}
	}
}
