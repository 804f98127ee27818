package cmscdrreceiver

import (
	"cmp"
	"context"
	"fmt"
	"slices"
	"time"

	"go.opentelemetry.io/collector/component"
	"go.uber.org/zap"

	"github.com/cmscdr/cmscdrreceiver/internal/callbridge"
	"github.com/cmscdr/cmscdrreceiver/internal/checkpoint"
	"github.com/cmscdr/cmscdrreceiver/internal/meeting"
)

// openStore opens the configured storage and loads what was saved. Values that cannot
// be read are logged and deleted, because a receiver that refuses to start would lose
// more.
func (r *cdrReceiver) openStore(ctx context.Context, host component.Host) error {
	if r.config.Storage == nil {
		r.logger.Info("Open calls and the indices of accepted records are kept in memory only; set storage to keep them after a restart")
		return nil
	}
	client, err := r.storageClient(ctx, host)
	if err != nil {
		return err
	}
	r.store.client, r.store.lock, r.store.list.ids = client, make(chan struct{}, 1), map[string]struct{}{}
	loaded, unreadable, err := checkpoint.Load(ctx, client)
	if err == nil {
		var damaged []*checkpoint.Unreadable
		r.store.list.departures, damaged, err = checkpoint.LoadDepartures(ctx, client)
		unreadable = append(unreadable, damaged...)
	}
	if err != nil {
		return fmt.Errorf("storage %q: cannot read what was saved: %w", r.config.Storage, err)
	}
	for _, value := range unreadable {
		r.telemetry.ReceiverCmsCdrStorageErrors.Add(ctx, 1, r.ownLabels.receiverOnly.add...)
		r.logger.Error("A saved value cannot be read and is deleted; records may be repeated, and spans may lack their beginnings",
			zap.String("key", value.Key), zap.Error(value.Err))
	}
	if len(unreadable) > 0 {
		if err := checkpoint.Sweep(ctx, client, unreadable, loaded); err != nil {
			r.logger.Error("Values that cannot be read cannot be deleted either", zap.Error(err))
		}
	}
	return r.restore(loaded)
}

// restore adds the saved sessions, their meetings and the histories of their sources,
// before the server starts.
func (r *cdrReceiver) restore(loaded []*checkpoint.Loaded) error {
	var memberships []meeting.Membership
	departures := slices.Clone(r.store.list.departures)
	var lastReceived time.Time
	for _, saved := range loaded {
		if saved.LastReceived.After(lastReceived) {
			lastReceived = saved.LastReceived
		}
	}
	// Deadlines are moved by the downtime. It is counted from the receipt of the newest saved
	// document, because the time at which the receiver stopped is not saved.
	downtime := max(0, r.clock().Sub(lastReceived))
	for _, saved := range loaded {
		session, err := r.sessions.restore(saved, downtime, r.clock())
		if err != nil {
			return err
		}
		r.store.list.ids[session.id] = struct{}{}
		r.openCounts.calls.Add(int64(session.state.CallCount()))
		r.openCounts.legs.Add(int64(session.state.LegCount()))
		memberships = append(memberships, session.state.Memberships()...)
		departures = append(departures, saved.Correlation.Departures...)
		if session.source.series != nil {
			stage := session.source.series.Begin()
			for entity := range session.state.Open() {
				stage.EntityChanged(nil, entity)
			}
			stage.Commit()
		}
	}
	for _, count := range r.sessions.meetings.Restore(memberships, departures) {
		if source := r.aggregator.Lookup(count.Source); source != nil {
			stage := source.Begin()
			stage.Meetings(count.Active, count.Starts)
			stage.Commit()
		}
	}
	r.sessions.restoreHistories(loaded, downtime, r.clock())
	return nil
}

// restore adds a saved session with its entities. The deadlines of both are moved by the
// downtime.
func (s *sessions) restore(saved *checkpoint.Loaded, downtime time.Duration, now time.Time) (*session, error) {
	session := s.newSession(saved.ID)
	var err error
	session.source, err = s.assignSource(session, saved.CallBridge, sender{
		systemID: saved.SystemID, address: saved.Address, parameters: loadParameters(saved.Parameters),
	})
	if err != nil {
		return nil, err
	}
	session.committedSource, session.callBridge, session.writer = session.source, saved.CallBridge, saved.Writer
	session.listed, session.startReported = true, true
	session.refusedAt = now // its Call Bridge gets the retry window to post before entities are closed
	session.start, session.seniority, session.lastReceived = saved.Start, saved.Start.Seniority, notAfter(now, saved.LastReceived.Add(downtime))
	s.lastSeniority = max(s.lastSeniority, session.seniority)
	session.tracker.Restore(saved.Sequence)
	session.state.Restore(session.source.instance, saved.Correlation, saved.Open, downtime, session.tracker.NextIndex())
	session.state.RestoreReceived(notAfter(now, saved.LastReceived))
	s.byID[session.id] = session
	s.updateSize(session)
	return session, nil
}

// notAfter returns a saved time, or now if the saved time is later because the receiver's
// clock was set back since then.
func notAfter(now, saved time.Time) time.Time {
	if saved.After(now) {
		return now
	}
	return saved
}

// restoreHistories restores the history of each source from the copies that its
// sessions saved. The times at which sessions were replaced are moved by the downtime.
func (s *sessions) restoreHistories(loaded []*checkpoint.Loaded, downtime time.Duration, now time.Time) {
	copies := map[string][]callbridge.State{}
	for instance, sessions := range s.bySource(loaded) {
		for _, saved := range sessions {
			copies[instance] = append(copies[instance], saved.History)
		}
		if !slices.ContainsFunc(sessions, func(saved *checkpoint.Loaded) bool { return len(saved.History.Sessions) > 0 }) {
			copies[instance] = append(copies[instance], s.historyOfFormat1(sessions))
		}
	}
	for instance, states := range copies {
		history := callbridge.Restore(states...)
		for _, member := range history.State().Sessions {
			// A session that moved to another source is still in the copies of the old one.
			if session := s.byID[member.ID]; session == nil || session.source.instance != instance {
				history.Forget(member.ID)
			} else if predecessor := s.byID[member.Predecessor]; predecessor != nil {
				predecessor.replacedAt = notAfter(now, session.start.Received.Add(downtime))
			}
		}
		s.histories[instance] = history // also if it is empty, see removeFromHistory
	}
}

// bySource groups the sessions by the instance of their source. It leaves out sources that
// only an address identifies, because their sessions replace nothing.
func (s *sessions) bySource(loaded []*checkpoint.Loaded) map[string][]*checkpoint.Loaded {
	groups := map[string][]*checkpoint.Loaded{}
	for _, saved := range loaded {
		if session := s.byID[saved.ID]; session.source.hasStableID {
			groups[session.source.instance] = append(groups[session.source.instance], saved)
		}
	}
	return groups
}

// historyOfFormat1 returns the history of sessions that were saved in format 1: each
// replaces the one that began before it, unless several servers share the source. It also
// sets the seniority of the sessions, which format 1 does not have.
func (s *sessions) historyOfFormat1(sessions []*checkpoint.Loaded) callbridge.State {
	slices.SortFunc(sessions, func(a, b *checkpoint.Loaded) int {
		return cmp.Or(a.Start.Time.Compare(b.Start.Time), a.LastReceived.Compare(b.LastReceived))
	})
	state := callbridge.State{Revision: 1}
	for i, saved := range sessions {
		if saved.SharedSource {
			state.SharedAt = saved.LastReceived
		}
		s.lastSeniority++
		s.byID[saved.ID].seniority = s.lastSeniority
		session := callbridge.Session{
			ID: saved.ID, Seniority: s.lastSeniority, HighestIndex: saved.Sequence.HighestIndex, LatestTime: saved.Correlation.LatestTime.AsTime(), LastReceived: saved.LastReceived,
		}
		if i < len(sessions)-1 && !saved.SharedSource {
			next := sessions[i+1].Start
			session.Replace(next.Time, next.Received)
		}
		state.Sessions = append(state.Sessions, session)
	}
	return state
}
