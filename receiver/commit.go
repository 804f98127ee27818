package cmscdrreceiver

import (
	"context"

	"go.uber.org/zap"

	"github.com/cmscdr/cmscdrreceiver/internal/meeting"
)

// commit applies what was staged. It cannot fail.
func (r *cdrReceiver) commit(ctx context.Context, s *staged) {
	if s.mayMoveToSource && s.startReported && s.session.committedSource != s.session.source {
		r.moveToSource(s)
	}
	hasStorage := r.store.client != nil
	for before, after := range s.state.Changes() {
		if hasStorage {
			s.session.writer.EntityChanged(before, after)
		}
		if s.series != nil {
			s.series.EntityChanged(before, after)
		}
	}
	if hasStorage && s.sequence.HasRecords() {
		s.session.writer.SessionChanged()
	}
	calls, legs := s.session.state.CallCount(), s.session.state.LegCount()
	s.session.uncommitted.commit(s)
	for uid := range s.malformedUIDs {
		r.acknowledgedMalformed.add(uid)
		r.uncommittedMalformed.remove(uid)
	}
	r.logMalformed(s)
	wasTruncated := s.session.tracker.Truncated()
	s.sequence.Commit()
	if s.session.tracker.Truncated() && !wasTruncated {
		r.logger.Warn("So many records of a session are missing or out of order that not all indices are remembered; "+
			"old records that are sent again are accepted as new, with the same log.record.uid",
			zap.String("session", s.session.id))
	}
	r.countMeetings(s, s.state.Commit())
	transactionPool.Put(s.state)
	if s.series != nil {
		s.series.Commit()
	}
	r.openCounts.calls.Add(int64(s.session.state.CallCount() - calls))
	r.openCounts.legs.Add(int64(s.session.state.LegCount() - legs))
	s.session.startReported = s.startReported
	r.sessions.updateSize(s.session)
	if len(s.indices) > 0 && s.session.committedSource != nil && r.sessions.observe(s.session, s.newest.index, s.newest.at, s.now) {
		r.warnShared(s.session)
	}
	r.countCommitted(ctx, s)
}

// countMeetings counts meetings at their sources, which can differ from that of the
// transaction.
func (r *cdrReceiver) countMeetings(s *staged, counts []meeting.CountChange) {
	if s.series == nil {
		return
	}
	for _, count := range counts {
		if count.Source == s.source.instance {
			s.series.Meetings(count.Active, count.Starts)
		} else if other := r.aggregator.Lookup(count.Source); other != nil {
			stage := other.Begin()
			stage.Meetings(count.Active, count.Starts)
			stage.Commit()
		}
	}
}

// moveToSource adds the session to the history of its resolved source, and moves its
// entities from the series of the old source to those of the new one.
func (r *cdrReceiver) moveToSource(s *staged) {
	session := s.session
	oldSource := session.committedSource
	r.sessions.accept(session)
	session.writer.SessionChanged()
	if s.series == nil {
		return
	}
	if s.predecessor != nil {
		s.series.Restart()
	}
	if oldSource == nil {
		return
	}
	oldSeries := oldSource.series.Begin()
	for entity := range session.state.Open() {
		oldSeries.EntityChanged(entity, nil)
		s.series.EntityChanged(nil, entity)
	}
	oldSeries.Commit()
}
