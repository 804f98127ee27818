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

// openStore opens the storage that the configuration names and loads what was
// saved there. Values that cannot be used are told of and deleted: a receiver
// that refused to start would lose more.
func (r *cdrReceiver) openStore(ctx context.Context, host component.Host) error {
	if r.config.Storage == nil {
		r.logger.Info("What is open and what was accepted is in memory only: set storage to keep it over a restart")
		return nil
	}
	client, err := r.storageClient(ctx, host)
	if err != nil {
		return err
	}
	r.store.client, r.store.lock, r.store.indexedSessions = client, make(chan struct{}, 1), map[string]struct{}{}
	loaded, lost, err := checkpoint.Load(ctx, client)
	if err != nil {
		return fmt.Errorf("storage %q: cannot read what was saved: %w", r.config.Storage, err)
	}
	for _, bad := range lost {
		r.telemetry.ReceiverCmsCdrStorageErrors.Add(ctx, 1, r.identity.self.add...)
		r.logger.Error("Something saved cannot be used and is started anew: records may be repeated, and spans may lack their beginnings",
			zap.String("key", bad.Key), zap.Error(bad.Err))
	}
	if len(lost) > 0 {
		if err := checkpoint.Sweep(ctx, client, lost, loaded); err != nil {
			r.logger.Error("What cannot be used cannot be deleted either", zap.Error(err))
		}
	}
	return r.restore(ctx, loaded)
}

// restore puts back the sessions that were saved, before anything is received.
func (r *cdrReceiver) restore(ctx context.Context, loaded []*checkpoint.Loaded) error {
	var present []meeting.Membership
	var left []meeting.Departure
	// While the receiver was away nothing could be heard.
	var heard time.Time
	for _, from := range loaded {
		if from.LastReceived.After(heard) {
			heard = from.LastReceived
		}
	}
	away := max(0, r.clock().Sub(heard))
	for _, from := range loaded {
		session, err := r.sessions.restore(from, away, r.clock())
		if err != nil {
			return err
		}
		r.store.indexedSessions[session.id] = struct{}{}
		r.openCounts.calls.Add(int64(session.state.CallCount()))
		r.openCounts.legs.Add(int64(session.state.LegCount()))
		present = append(present, session.state.Memberships(session.source.instance)...)
		left = append(left, from.State.Departures...)
		if session.source.series != nil {
			open := session.source.series.Begin()
			for thing := range session.state.Open() {
				open.EntityChanged(nil, thing)
			}
			open.Commit()
		}
	}
	for _, count := range r.sessions.meetings.Restore(present, left) {
		if source := r.aggregator.Lookup(count.Source); source != nil {
			stage := source.Begin()
			stage.Meetings(count.Active, count.Starts)
			stage.Commit()
		}
	}
	r.sessions.restoreHistories(loaded)
	return nil
}

func (s *sessions) restore(from *checkpoint.Loaded, away time.Duration, now time.Time) (*session, error) {
	session := s.newSession(from.ID)
	var err error
	session.source, err = s.assignSource(session, from.CallBridge, sender{
		systemID: from.SystemID, address: from.Address, parameters: loadParameters(from.Parameters),
	})
	if err != nil {
		return nil, err
	}
	session.committedSource, session.callBridge, session.writer = session.source, from.CallBridge, from.Writer
	session.indexed, session.startReported = true, true
	session.refusedAt = now // it has some time to speak before anything of it is closed
	session.start, session.seniority, session.lastReceived = from.Start, from.Start.Seniority, from.LastReceived.Add(away)
	s.lastSeniority = max(s.lastSeniority, session.seniority)
	session.tracker.Restore(from.Sequence)
	session.state.Restore(from.State, from.Open, away, session.tracker.NextIndex())
	s.byID[session.id] = session
	return session, nil
}

// restoreHistories puts back how the sessions of each source follow each other, of the
// copies that they saved.
func (s *sessions) restoreHistories(loaded []*checkpoint.Loaded) {
	copies := map[string][]callbridge.State{}
	for instance, sessions := range s.bySource(loaded) {
		for _, from := range sessions {
			copies[instance] = append(copies[instance], from.History)
		}
		if !slices.ContainsFunc(sessions, func(from *checkpoint.Loaded) bool { return len(from.History.Sessions) > 0 }) {
			copies[instance] = append(copies[instance], s.historyOfFormat1(sessions))
		}
	}
	for instance, of := range copies {
		history := callbridge.Restore(of...)
		for _, known := range history.State().Sessions {
			if s.byID[known.ID] == nil {
				history.Forget(known.ID)
			}
		}
		if !history.Empty() {
			s.histories[instance] = history
		}
	}
}

// bySource are the sessions of each source that is more than an address.
func (s *sessions) bySource(loaded []*checkpoint.Loaded) map[string][]*checkpoint.Loaded {
	all := map[string][]*checkpoint.Loaded{}
	for _, from := range loaded {
		if one := s.byID[from.ID]; one.source.named {
			all[one.source.instance] = append(all[one.source.instance], from)
		}
	}
	return all
}

// historyOfForm1 is the history of sessions that were saved in form 1: each follows the
// one that began before, unless they are of several servers.
func (s *sessions) historyOfFormat1(sessions []*checkpoint.Loaded) callbridge.State {
	slices.SortFunc(sessions, func(a, b *checkpoint.Loaded) int {
		return cmp.Or(a.Start.Time.Compare(b.Start.Time), a.LastReceived.Compare(b.LastReceived))
	})
	kept := callbridge.State{Revision: 1}
	for i, from := range sessions {
		if from.SharedSource {
			kept.Shared = from.LastReceived
		}
		s.lastSeniority++
		s.byID[from.ID].seniority = s.lastSeniority
		kept.Sessions = append(kept.Sessions, callbridge.Session{
			ID: from.ID, Seniority: s.lastSeniority, HighestIndex: from.Sequence.High, LatestTime: from.State.LatestTime.AsTime(), LastReceived: from.LastReceived,
			Replaced: i < len(sessions)-1 && !from.SharedSource,
		})
	}
	return kept
}
