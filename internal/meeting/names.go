package meeting

import "slices"

// name is an id by which calls find their meeting: a callCorrelator or a coSpace id.
type name struct {
	coSpace bool
	id      string
}

// namesOf returns the names of a call, the correlator first.
func namesOf(j JoinRequest) (all []name) {
	if j.Correlator != "" {
		all = append(all, name{id: j.Correlator})
	}
	if j.CoSpace != "" {
		all = append(all, name{coSpace: true, id: j.CoSpace})
	}
	return all
}

// nameIndex has the meetings with each name, in the order in which a call tries them:
// older first, because meetings never merge. A meeting that exists because a Call
// Bridge has a second call precedes all others, because the end of the first call was
// probably lost.
type nameIndex map[name][]*meeting

// find returns the meeting that a call with those names joins, or nil. If one meeting
// has the correlator and another the coSpace, it is the older of them.
func (x nameIndex) find(names []name, source string, t *Transaction) (found *meeting) {
	for _, n := range names {
		for _, m := range x[n] {
			if m.joinable(source, t) {
				if found == nil || m.order < found.order {
					found = m
				}
				break
			}
		}
	}
	return found
}

// add adds the names to the meeting.
func (x nameIndex) add(m *meeting, names []name, source string, t *Transaction) {
	for _, n := range names {
		if slices.Contains(m.names, n) {
			continue
		}
		at := slices.IndexFunc(x[n], func(other *meeting) bool { return other.order > m.order || other.hasCallOf(source, t) })
		if at < 0 {
			at = len(x[n])
		}
		x[n] = slices.Insert(x[n], at, m)
		m.names = append(m.names, n)
	}
}

// remove removes the meeting.
func (x nameIndex) remove(m *meeting) {
	for _, n := range m.names {
		x[n] = slices.DeleteFunc(x[n], func(other *meeting) bool { return other == m })
		if len(x[n]) == 0 {
			delete(x, n)
		}
	}
}
