package cmscdrreceiver

import (
	"cmp"
	"context"
	"fmt"
	"slices"
	"time"

	"go.opentelemetry.io/collector/component"
	"go.uber.org/zap"

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
	r.store.client, r.store.indexed = client, map[string]struct{}{}
	loaded, lost, err := checkpoint.Load(ctx, client)
	if err != nil {
		return fmt.Errorf("storage %q: cannot read what was saved: %w", r.config.Storage, err)
	}
	for _, bad := range lost {
		r.telemetry.ReceiverCmsCdrStorageErrors.Add(ctx, 1)
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
		if from.Heard.After(heard) {
			heard = from.Heard
		}
	}
	away := max(0, r.clock().Sub(heard))
	for _, from := range loaded {
		one, err := r.sessions.restore(from, away, r.clock())
		if err != nil {
			return err
		}
		r.store.indexed[one.id] = struct{}{}
		r.held.calls.Add(int64(one.state.CallCount()))
		r.held.legs.Add(int64(one.state.LegCount()))
		present = append(present, one.state.Memberships(one.source.instance)...)
		left = append(left, from.State.Left...)
		if one.source.series != nil {
			open := one.source.series.Begin()
			for thing := range one.state.Open() {
				open.Change(nil, thing)
			}
			open.Commit(ctx)
		}
	}
	r.sessions.meetings.Restore(present, left)
	r.sessions.order(loaded)
	return nil
}

func (s *sessions) restore(from *checkpoint.Loaded, away time.Duration, now time.Time) (*session, error) {
	one := s.newSession(from.ID)
	var err error
	one.source, err = s.sourceOf(from.Bridge, sender{systemID: from.SystemID, address: from.Address})
	if err != nil {
		return nil, err
	}
	one.placed, one.bridge, one.book = one.source, from.Bridge, from.Book
	one.listed, one.started = true, true
	one.refused = now // it has some time to speak before anything of it is closed
	one.began, one.heard = from.Began, from.Heard.Add(away)
	one.tracker.Restore(from.Records)
	one.state.Restore(from.State, from.Open, away, one.tracker.Next())
	s.byID[one.id] = one
	return one, nil
}

// order puts the sessions of each source in line: each follows the one that
// began before, unless they are of several servers.
func (s *sessions) order(loaded []*checkpoint.Loaded) {
	slices.SortFunc(loaded, func(a, b *checkpoint.Loaded) int { return cmp.Or(a.Began.Compare(b.Began), a.Heard.Compare(b.Heard)) })
	several := map[string]bool{}
	for _, from := range loaded {
		instance := s.byID[from.ID].source.instance
		several[instance] = several[instance] || from.Several
	}
	for _, from := range loaded {
		one := s.byID[from.ID]
		if !one.source.named {
			continue
		}
		in := s.lines[one.source.instance]
		if in == nil {
			s.lines[one.source.instance] = &line{latest: one, several: several[one.source.instance]}
			continue
		}
		if !in.several {
			in.latest.followed = one.began
		}
		in.latest = one
	}
}
