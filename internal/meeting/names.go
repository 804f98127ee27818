package meeting

import "slices"

// name is one by which calls find the meeting that they are a part of: a
// callCorrelator or a coSpace id.
type name struct {
	coSpace bool
	id      string
}

// namesOf are the names of a call, the correlator first.
func namesOf(j JoinRequest) (all []name) {
	if j.Correlator != "" {
		all = append(all, name{id: j.Correlator})
	}
	if j.CoSpace != "" {
		all = append(all, name{coSpace: true, id: j.CoSpace})
	}
	return all
}

// index leads from a name to the meetings that have it, in the order in which a
// call tries them: the older first, as meetings never merge; but before all others
// one that began because a Call Bridge has a second call, as the end of the first
// call is likely to be lost.
type nameIndex map[name][]*meeting

// find returns the meeting that a call of those names joins, or nil: of one that
// has its correlator and another that has its coSpace the older.
func (x nameIndex) find(names []name, source string, by *Transaction) (found *meeting) {
	for _, n := range names {
		for _, m := range x[n] {
			if m.joinable(source, by) {
				if found == nil || m.order < found.order {
					found = m
				}
				break
			}
		}
	}
	return found
}

// add lets the meeting be found by those names.
func (x nameIndex) add(m *meeting, names []name, source string, by *Transaction) {
	for _, n := range names {
		if slices.Contains(m.names, n) {
			continue
		}
		at := slices.IndexFunc(x[n], func(other *meeting) bool { return other.order > m.order || other.hasCallOf(source, by) })
		if at < 0 {
			at = len(x[n])
		}
		x[n] = slices.Insert(x[n], at, m)
		m.names = append(m.names, n)
	}
}

// remove forgets the meeting.
func (x nameIndex) remove(m *meeting) {
	for _, n := range m.names {
		x[n] = slices.DeleteFunc(x[n], func(other *meeting) bool { return other == m })
		if len(x[n]) == 0 {
			delete(x, n)
		}
	}
}
