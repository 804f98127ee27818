package meeting

import (
	"container/heap"
	"iter"
	"time"
)

// Timeline yields the events of a run in order. It holds only the meetings in progress, so that its memory does not
// grow with the length of a run.
type Timeline struct {
	next func() (Meeting, bool)
	end  time.Duration
}

// NewTimeline returns the timeline of a number of meetings, or of unlimited meetings if the number is 0. Bursts of SIP
// scanner calls do not count. The timeline ends before the first event at end or later, unless end is 0.
func NewTimeline(g *Generator, meetings int, end time.Duration) Timeline {
	count := 0
	return Timeline{end: end, next: func() (Meeting, bool) {
		if meetings > 0 && count == meetings {
			return Meeting{}, false
		}
		m := g.Next()
		if !m.Scanner {
			count++
		}
		return m, end == 0 || m.Start < end
	}}
}

// Single returns the timeline of one meeting.
func Single(m Meeting) Timeline {
	yielded := false
	return Timeline{next: func() (Meeting, bool) {
		first := !yielded
		yielded = true
		return m, first
	}}
}

// Seconds yields the events of each second that has any. The slice is valid until the next iteration. The iteration
// consumes the timeline.
func (t Timeline) Seconds() iter.Seq2[time.Duration, []Event] {
	return func(yield func(time.Duration, []Event) bool) {
		var inProgress schedule
		var events []Event
		upcoming, ok := t.next()
		for ok || len(inProgress) > 0 {
			for ok && (len(inProgress) == 0 || upcoming.Start <= inProgress[0][0].At) {
				heap.Push(&inProgress, upcoming.Events)
				upcoming, ok = t.next()
			}
			events = events[:0]
			for at := inProgress[0][0].At; len(inProgress) > 0 && inProgress[0][0].At == at; {
				events = append(events, inProgress.removeFirst())
			}
			if t.end > 0 && events[0].At >= t.end || !yield(events[0].At, events) {
				return
			}
		}
	}
}

// Length returns the time of the last event. It consumes the timeline.
func (t Timeline) Length() time.Duration {
	var last time.Duration
	for at := range t.Seconds() {
		last = at
	}
	return last
}

// schedule is a heap of the meetings in progress. Each has its remaining events, at least one.
type schedule [][]Event

func (a schedule) Len() int { return len(a) }

func (a schedule) Less(i, j int) bool {
	if a[i][0].At != a[j][0].At {
		return a[i][0].At < a[j][0].At
	}
	return a[i][0].Meeting < a[j][0].Meeting
}

func (a schedule) Swap(i, j int) { a[i], a[j] = a[j], a[i] }

// Push implements heap.Interface.
func (a *schedule) Push(x any) { *a = append(*a, x.([]Event)) }

// Pop implements heap.Interface.
func (a *schedule) Pop() any {
	last := (*a)[len(*a)-1]
	*a = (*a)[:len(*a)-1]
	return last
}

// removeFirst removes and returns the earliest event.
func (a *schedule) removeFirst() Event {
	first := (*a)[0][0]
	if (*a)[0] = (*a)[0][1:]; len((*a)[0]) == 0 {
		heap.Pop(a)
	} else {
		heap.Fix(a, 0)
	}
	return first
}
