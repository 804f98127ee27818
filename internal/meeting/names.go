package meeting

import "slices"

// name is one by which calls find the meeting that they are a part of: a
// callCorrelator or a coSpace id.
type name struct {
	coSpace bool
	id      string
}

// namesOf are the names of a call, the correlator first.
func namesOf(j Joining) (all []name) {
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
type index map[name][]*meeting

// find returns the meeting that a call of those names joins, or nil: of one that
// has its correlator and another that has its coSpace the older.
func (x index) find(names []name, source string, by *Transaction) (found *meeting) {
	for _, n := range names {
		for _, of := range x[n] {
			if of.joinable(source, by) {
				if found == nil || of.born < found.born {
					found = of
				}
				break
			}
		}
	}
	return found
}

// add lets the meeting be found by those names.
func (x index) add(of *meeting, names []name, source string, by *Transaction) {
	for _, n := range names {
		if slices.Contains(of.names, n) {
			continue
		}
		at := slices.IndexFunc(x[n], func(other *meeting) bool { return other.born > of.born || other.has(source, by) })
		if at < 0 {
			at = len(x[n])
		}
		x[n] = slices.Insert(x[n], at, of)
		of.names = append(of.names, n)
	}
}

// remove forgets the meeting.
func (x index) remove(of *meeting) {
	for _, n := range of.names {
		x[n] = slices.DeleteFunc(x[n], func(other *meeting) bool { return other == of })
		if len(x[n]) == 0 {
			delete(x, n)
		}
	}
}
