package meeting

import (
	"container/heap"
	"iter"
	"time"
)

// Timeline is everything that happens in a run, in order. A meeting is made up when its time comes and
// forgotten with its last record, so a run can be as long as one likes.
type Timeline struct {
	next func() (Meeting, bool)
	end  time.Duration
}

// NewTimeline holds as many meetings as told, or, with none told, those that fit; what would happen at end
// or later is cut off. An end of 0 cuts nothing.
func NewTimeline(g *Generator, meetings int, end time.Duration) Timeline {
	held := 0
	return Timeline{end: end, next: func() (Meeting, bool) {
		if meetings > 0 && held == meetings {
			return Meeting{}, false
		}
		m := g.Next()
		if !m.Scanner {
			held++
		}
		return m, end == 0 || m.Start < end
	}}
}

// Single is a timeline of one meeting.
func Single(m Meeting) Timeline {
	held := false
	return Timeline{next: func() (Meeting, bool) {
		first := !held
		held = true
		return m, first
	}}
}

// Seconds yields what happens in each second in which something does. The slice is good until the next.
func (t Timeline) Seconds() iter.Seq2[time.Duration, []Event] {
	return func(yield func(time.Duration, []Event) bool) {
		var under agenda
		var now []Event
		coming, ok := t.next()
		for ok || len(under) > 0 {
			for ok && (len(under) == 0 || coming.Start <= under[0][0].At) {
				heap.Push(&under, coming.Events)
				coming, ok = t.next()
			}
			now = now[:0]
			for at := under[0][0].At; len(under) > 0 && under[0][0].At == at; {
				now = append(now, under.take())
			}
			if t.end > 0 && now[0].At >= t.end || !yield(now[0].At, now) {
				return
			}
		}
	}
}

// Length is when the last thing happens. It uses the timeline up.
func (t Timeline) Length() time.Duration {
	var last time.Duration
	for at := range t.Seconds() {
		last = at
	}
	return last
}

// agenda is a heap of the meetings under way, each by what is left of it; none is empty.
type agenda [][]Event

func (a agenda) Len() int { return len(a) }

func (a agenda) Less(i, j int) bool {
	if a[i][0].At != a[j][0].At {
		return a[i][0].At < a[j][0].At
	}
	return a[i][0].Meeting < a[j][0].Meeting
}

func (a agenda) Swap(i, j int) { a[i], a[j] = a[j], a[i] }

// Push is for package heap.
func (a *agenda) Push(x any) { *a = append(*a, x.([]Event)) }

// Pop is for package heap.
func (a *agenda) Pop() any {
	last := (*a)[len(*a)-1]
	*a = (*a)[:len(*a)-1]
	return last
}

// take removes the first event of all.
func (a *agenda) take() Event {
	first := (*a)[0][0]
	if (*a)[0] = (*a)[0][1:]; len((*a)[0]) == 0 {
		heap.Pop(a)
	} else {
		heap.Fix(a, 0)
	}
	return first
}
