package cmscdrreceiver

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/http"
	"sync"
	"time"

	"go.opentelemetry.io/collector/component"
	"go.opentelemetry.io/collector/component/componentstatus"
	"go.opentelemetry.io/collector/config/confighttp"
	"go.opentelemetry.io/collector/consumer"
	"go.opentelemetry.io/collector/receiver"
	"go.opentelemetry.io/collector/receiver/receiverhelper"
	"go.opentelemetry.io/otel/sdk/instrumentation"
	"go.uber.org/zap"

	"github.com/cmscdr/cmscdrreceiver/internal/correlate"
	"github.com/cmscdr/cmscdrreceiver/internal/metadata"
	"github.com/cmscdr/cmscdrreceiver/internal/metrics"
	"github.com/cmscdr/cmscdrreceiver/internal/translate"
)

// cdrReceiver receives documents and emits all signals. A next consumer is nil if the
// receiver is in no pipeline of its signal.
type cdrReceiver struct {
	config   *Config
	settings receiver.Settings
	logger   *zap.Logger
	scope    instrumentation.Scope

	nextLogs    consumer.Logs
	nextTraces  consumer.Traces
	nextMetrics consumer.Metrics

	obsrep     *receiverhelper.ObsReport
	telemetry  *metadata.TelemetryBuilder
	ownLabels  *ownLabels
	sessions   *sessions
	aggregator *metrics.Aggregator
	status     status
	// clock returns the current time. Tests replace it.
	clock func() time.Time
	// rejections limits how much clients can write to the log.
	rejections *rejections
	// acknowledgedMalformed has the uids of malformed parts that were committed.
	acknowledgedMalformed latestUIDs
	// uncommittedMalformed replaces session.uncommitted for ephemeral sessions, because these are
	// not kept. It has the uids of malformed parts that the pipelines accepted or refused
	// permanently in transactions that were dropped afterwards.
	uncommittedMalformed latestUIDs
	bodies               *admission
	budgetEnforcer       budgetEnforcer
	openCounts           openCounts
	store                store

	guard     *guard
	server    *http.Server
	emitter   *ticker
	scanner   *ticker
	snapshots *ticker
	serving   sync.WaitGroup
	// handling counts the running request handlers, which a closed server does not
	// wait for.
	handling sync.WaitGroup
}

func newReceiver(set receiver.Settings, cfg *Config) (*cdrReceiver, error) {
	obsrep, err := receiverhelper.NewObsReport(receiverhelper.ObsReportSettings{
		ReceiverID: set.ID, Transport: "http", ReceiverCreateSettings: set,
	})
	if err != nil {
		return nil, err
	}
	telemetry, err := metadata.NewTelemetryBuilder(set.TelemetrySettings)
	if err != nil {
		return nil, err
	}
	scope := translate.Scope(set.BuildInfo.Version)
	return &cdrReceiver{
		config:                cfg,
		settings:              set,
		logger:                set.Logger,
		obsrep:                obsrep,
		telemetry:             telemetry,
		ownLabels:             newOwnLabels(set.ID),
		sessions:              newSessions(correlate.Limits{MaxOpen: cfg.MaxOpen, Expire: cfg.ExpireAfter}, int64(cfg.Memory.Open)),
		clock:                 time.Now,
		rejections:            newRejections(),
		acknowledgedMalformed: newLatestUIDs(),
		uncommittedMalformed:  newLatestUIDs(),
		scope:                 scope,
		aggregator:            metrics.NewAggregator(scope, cfg.Metrics.Disabled),
		bodies:                newAdmission(int64(cfg.Memory.Bodies), cfg.largestBody()),
	}, nil
}

// start opens the storage, restores the saved sessions and starts the server. host is that
// of the signal that was started last, signalHosts those of all signals.
func (r *cdrReceiver) start(ctx context.Context, host component.Host, signalHosts hosts) error {
	r.status.hosts = signalHosts
	if r.nextMetrics != nil {
		r.sessions.aggregator = r.aggregator
	}
	if err := r.openStore(ctx, host); err != nil {
		return err
	}
	if err := r.initMetrics(); err != nil {
		return err
	}
	handler, err := r.newHandler()
	if err != nil {
		return err
	}
	r.server, err = r.config.HTTP.ToServer(ctx, host.GetExtensions(), r.settings.TelemetrySettings, handler, confighttp.WithErrorHandler(r.rejectedByServer))
	if err != nil {
		return err
	}
	listener, err := r.config.HTTP.ToListener(ctx)
	if err != nil {
		return fmt.Errorf("cannot listen on http::endpoint %q: %w", r.config.HTTP.NetAddr.Endpoint, err)
	}
	if r.nextMetrics != nil {
		r.emitter = every(r.config.Metrics.Interval, r.emit)
	}
	r.scanner = every(scanInterval, r.scan)
	r.startSnapshots()
	r.warnOfTimeouts()
	r.serving.Go(func() { r.serve(listener, signalHosts) })
	r.logger.Info("Listening for call detail records",
		zap.Stringer("address", listener.Addr()), zap.String("path", r.config.Path))
	return nil
}

// warnOfTimeouts warns if a document may arrive in more time than it has for its arrival and
// delivery together.
func (r *cdrReceiver) warnOfTimeouts() {
	if readTimeout, limit := r.config.HTTP.ReadTimeout, r.deliveryTimeout(); readTimeout <= 0 || readTimeout >= limit {
		r.logger.Warn("http::read_timeout is 0, which is no limit, or not below four fifths of http::write_timeout, so a document that arrives slowly is refused each time; "+
			"set http::read_timeout above 0 and below the limit, which a higher http::write_timeout raises",
			zap.Duration("http::read_timeout", readTimeout), zap.Duration("limit", limit))
	}
}

// serve reports a fatal error if the server stops by itself.
func (r *cdrReceiver) serve(listener net.Listener, signalHosts hosts) {
	if err := r.server.Serve(listener); !errors.Is(err, http.ErrServerClosed) {
		signalHosts.report(componentstatus.NewFatalErrorEvent(err))
	}
}

// stopServing waits for the requests in flight. If some are not answered when ctx ends, or
// when the delivery timeout has passed since the call of stopServing, their clients are
// disconnected, and an error is returned. A delivery is not interrupted: stopServing waits
// for it also then.
func (r *cdrReceiver) stopServing(ctx context.Context) error {
	ctx, cancel := context.WithTimeout(ctx, r.deliveryTimeout())
	defer cancel()
	err := r.server.Shutdown(ctx)
	if err != nil {
		err = errors.Join(err, r.server.Close())
	}
	r.serving.Wait()
	r.handling.Wait()
	return err
}

// shutdown stops the server, waits for requests in flight, saves or closes open
// entities, and emits the metrics once more. It can be called without start.
func (r *cdrReceiver) shutdown(ctx context.Context) error {
	var err error
	if r.server != nil {
		err = r.stopServing(ctx)
	}
	if r.snapshots != nil {
		r.snapshots.stop()
	}
	if r.scanner != nil {
		r.scanner.stop()
	}
	err = errors.Join(err, r.saveOrClose(ctx))
	if r.emitter != nil {
		r.emitter.stop()
		r.aggregator.Flush()
		r.emit(ctx)
	}
	r.telemetry.Shutdown()
	return err
}
