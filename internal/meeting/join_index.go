package meeting

import (
	"crypto/sha256"
	"slices"
)

// joinID is an id by which calls find their meeting: a callCorrelator or a coSpace id, or the
// hash of one that is longer than maxJoinIDBytes.
type joinID struct {
	coSpace bool
	id      string
}

// maxJoinIDBytes limits the length of an id in memory, because a meeting keeps the ids of the
// calls that left, and these are not part of the budget. Call Bridges send GUIDs of 36 bytes.
const maxJoinIDBytes = 64

func newJoinID(coSpace bool, id string) joinID {
	if len(id) > maxJoinIDBytes {
		sum := sha256.Sum256([]byte(id))
		id = string(sum[:])
	}
	return joinID{coSpace: coSpace, id: id}
}

// joinIDsOf returns the ids by which a call finds its meeting, the correlator first.
func joinIDsOf(request JoinRequest) (joinIDs []joinID) {
	if request.Correlator != "" {
		joinIDs = append(joinIDs, newJoinID(false, request.Correlator))
	}
	if request.CoSpace != "" {
		joinIDs = append(joinIDs, newJoinID(true, request.CoSpace))
	}
	return joinIDs
}

// joinIndex holds the meetings with each id. Meetings never merge, so an id can have
// several. They are in the order in which a call tries them, older first. However, if a
// Call Bridge has a second call with the id, the meeting of that call precedes the
// meeting of the first one, because the end of the first call was probably lost.
type joinIndex map[joinID][]*meeting

// These limit the meetings with one id, and the ids of one meeting, because a client can post
// any number of either. Normally both are few: a Call Bridge has a second call with an id
// only if the end record of the first one was lost, and the calls of a meeting share their
// ids.
const (
	maxMeetingsOfID = 64
	maxJoinIDs      = 16
)

// find returns the meeting that a call of t's source with those ids joins, or nil. If one
// meeting has the correlator and another the coSpace, it returns the older one.
func (x joinIndex) find(joinIDs []joinID, request *JoinRequest, t *Transaction) (found *meeting) {
	for _, id := range joinIDs {
		for _, mtg := range x[id] {
			if mtg.joinable(request, t) {
				if found == nil || mtg.order < found.order {
					found = mtg
				}
				break
			}
		}
	}
	return found
}

// add adds the ids to the meeting, up to maxJoinIDs. The source is that of the call that
// joins the meeting. If an id then has more than maxMeetingsOfID meetings, add removes the
// last of them from this id.
func (x joinIndex) add(mtg *meeting, joinIDs []joinID, source string, t *Transaction) {
	for _, id := range joinIDs {
		isNew := !slices.Contains(mtg.joinIDs, id)
		if slices.Contains(x[id], mtg) || isNew && len(mtg.joinIDs) >= maxJoinIDs {
			continue
		}
		position := slices.IndexFunc(x[id], func(other *meeting) bool { return other.order > mtg.order || other.hasCallOf(source, t) })
		if position < 0 {
			position = len(x[id])
		}
		x[id] = slices.Insert(x[id], position, mtg)
		if len(x[id]) > maxMeetingsOfID {
			x[id] = slices.Delete(x[id], maxMeetingsOfID, len(x[id]))
		}
		if isNew {
			mtg.joinIDs = append(mtg.joinIDs, id)
		}
	}
}

// remove removes the meeting from all its ids. The meeting keeps the ids.
func (x joinIndex) remove(mtg *meeting) {
	for _, id := range mtg.joinIDs {
		x[id] = slices.DeleteFunc(x[id], func(other *meeting) bool { return other == mtg })
		if len(x[id]) == 0 {
			delete(x, id)
		}
	}
}
