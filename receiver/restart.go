package cmscdrreceiver

import (
	"context"
	"time"

	"go.uber.org/zap"

	"github.com/cmscdr/cmscdrreceiver/internal/cdr"
	"github.com/cmscdr/cmscdrreceiver/internal/correlate"
)

// A Call Bridge that starts has a session of its own: what was open in the one
// before is over, and nobody will say so.

// predecessor closes what is open in the session that this one, new to its
// source, follows, and returns that session, or nil.
func (r *cdrReceiver) predecessor(ctx context.Context, of *session, doc *cdr.Document, now time.Time) (*session, error) {
	if of.placed == of.source || of.fleeting {
		return nil, nil
	}
	first, good := firstRecord(doc)
	if !good && !of.started {
		return nil, nil
	}
	before := r.sessions.before(of, first)
	if before == nil {
		return nil, nil
	}
	if err := before.acquire(ctx); err != nil {
		return nil, err
	}
	defer before.release()
	return before, r.releaseEverything(ctx, before, correlate.Restarted, now)
}

// firstRecord is the time of the document's first good record, if there is one. The
// document stands where it stood.
func firstRecord(doc *cdr.Document) (time.Time, bool) {
	start := doc.Mark()
	defer doc.Rewind(start)
	for record := range doc.Records() {
		if record != nil {
			return record.Time, true
		}
	}
	return time.Time{}, false
}

// before is the source's session that one which began then follows. One that
// began before the latest did is a late witness of an older run: it follows
// none, and is over.
func (s *sessions) before(of *session, began time.Time) *session {
	s.mu.Lock()
	defer s.mu.Unlock()
	in := s.lines[of.source.instance]
	if !of.began.IsZero() {
		began = of.began
	}
	switch {
	case !of.source.named || in == nil || in.several || in.latest == of:
		return nil
	case began.Before(in.latest.began):
		of.followed = in.latest.began
		return nil
	default:
		return in.latest
	}
}

// begun notes that a document of the session, new to its source, was accepted,
// whose first record had that time. The session is the source's latest then,
// unless it is known to be over.
func (s *sessions) begun(of, before *session, first time.Time) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if of.began.IsZero() {
		of.began = first
	}
	if from := of.placed; from != nil && s.lines[from.instance] != nil && s.lines[from.instance].latest == of {
		delete(s.lines, from.instance)
	}
	if before != nil {
		before.followed = of.began
		of.place = min(of.place, before.place)
	}
	if !of.source.named || !of.followed.IsZero() {
		return
	}
	if in := s.lines[of.source.instance]; in != nil {
		in.latest = of
	} else {
		s.lines[of.source.instance] = &line{latest: of}
	}
}

// clocks may differ by so much between the end of one session and the beginning
// of the next.
const clockStep = time.Minute

// witness looks at the time of a new record of a session that another followed:
// one from after that began comes from a second server.
func (r *cdrReceiver) witness(of *session, latest time.Time) {
	if !r.sessions.shared(of, latest) {
		return
	}
	of.book.Touch()
	r.logger.Warn("Two servers share one identity, so that a restart of either can no longer be seen: "+
		"give each its own system_id in its receiver URI, or its own callBridge",
		zap.String("service.instance.id", of.source.instance), zap.String("session", of.id))
}

// shared reports whether the record shows, for the first time, that several
// servers share the source.
func (s *sessions) shared(of *session, latest time.Time) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	if of.followed.IsZero() || !latest.After(of.followed.Add(clockStep)) {
		return false
	}
	of.followed = time.Time{}
	in := s.lines[of.source.instance]
	if in == nil || in.several {
		return false
	}
	in.several = true
	return true
}

// fate is what is known of the session beside its records.
func (s *sessions) fate(of *session) correlate.Fate {
	s.mu.Lock()
	defer s.mu.Unlock()
	return correlate.Fate{GapAfter: of.tracker.MissingAfter, Restarted: !of.followed.IsZero(), Heard: of.heard}
}
