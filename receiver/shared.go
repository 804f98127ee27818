package cmscdrreceiver

import (
	"context"
	"sync"

	"go.opentelemetry.io/collector/component"
	"go.opentelemetry.io/collector/receiver"
)

// shared gives all signals of one configured receiver the same component. The collector
// creates each signal separately, with the same *Config; that pointer is the key. An
// entry is removed at the first Shutdown, so that the same configuration can be used
// again.
type shared struct {
	mu       sync.Mutex
	byConfig map[*Config]*signals
}

func newShared() *shared { return &shared{byConfig: map[*Config]*signals{}} }

// create returns the component of cfg, which it creates for the first signal of cfg. It
// calls connect, which sets the next consumer of the signal that is created now.
func (s *shared) create(set receiver.Settings, cfg *Config, connect func(*cdrReceiver)) (*signals, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	existing := s.byConfig[cfg]
	if existing == nil {
		r, err := newReceiver(set, cfg)
		if err != nil {
			return nil, err
		}
		existing = &signals{receiver: r, remove: func() { s.remove(cfg) }}
		s.byConfig[cfg] = existing
	}
	existing.created++
	connect(existing.receiver)
	return existing, nil
}

func (s *shared) remove(cfg *Config) {
	s.mu.Lock()
	defer s.mu.Unlock()
	delete(s.byConfig, cfg)
}

// signals is the component that the collector gets for each signal of a receiver, the same
// one for all. created counts the signals; hosts has one host for each that was started.
type signals struct {
	receiver *cdrReceiver
	// remove removes the component from shared.
	remove func()
	// created is written under shared.mu, before the first signal is started.
	created int

	mu      sync.Mutex
	hosts   hosts
	stopped bool
}

// Start starts the receiver when the last of its signals is started. Before that, a
// pipeline may not be ready to consume.
func (s *signals) Start(ctx context.Context, host component.Host) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.hosts = append(s.hosts, host)
	if len(s.hosts) < s.created {
		return nil
	}
	return s.receiver.start(ctx, host, s.hosts)
}

// Shutdown stops the receiver at the first call, while the pipelines of all signals
// still accept what is flushed.
func (s *signals) Shutdown(ctx context.Context) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.stopped {
		return nil
	}
	s.stopped = true
	s.remove()
	return s.receiver.shutdown(ctx)
}
