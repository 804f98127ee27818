package meeting

import "slices"

// name is an id by which calls find their meeting: a callCorrelator or a coSpace id.
type name struct {
	coSpace bool
	id      string
}

// namesOf returns the names of a call, the correlator first.
func namesOf(request JoinRequest) (names []name) {
	if request.Correlator != "" {
		names = append(names, name{id: request.Correlator})
	}
	if request.CoSpace != "" {
		names = append(names, name{coSpace: true, id: request.CoSpace})
	}
	return names
}

// nameIndex holds the meetings with each name. Meetings never merge, so a name can have
// several. They are in the order in which a call tries them, older first. However, if a
// Call Bridge has a second call with the name, the meeting of that call precedes the
// meeting of the first one, because the end of the first call was probably lost.
type nameIndex map[name][]*meeting

// find returns the meeting that a call with those names joins, or nil. If one meeting
// has the correlator and another the coSpace, it returns the older one.
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

// add adds the names to the meeting. The source is that of the call with the names.
func (x nameIndex) add(m *meeting, names []name, source string, t *Transaction) {
	for _, n := range names {
		if slices.Contains(m.names, n) {
			continue
		}
		position := slices.IndexFunc(x[n], func(other *meeting) bool { return other.order > m.order || other.hasCallOf(source, t) })
		if position < 0 {
			position = len(x[n])
		}
		x[n] = slices.Insert(x[n], position, m)
		m.names = append(m.names, n)
	}
}

// remove removes the meeting with all its names.
func (x nameIndex) remove(m *meeting) {
	for _, n := range m.names {
		x[n] = slices.DeleteFunc(x[n], func(other *meeting) bool { return other == m })
		if len(x[n]) == 0 {
			delete(x, n)
		}
	}
}
