package cmscdrreceiver

import (
	"context"
	"errors"
	"fmt"
	"time"

	"go.uber.org/zap"

	"github.com/cmscdr/cmscdrreceiver/internal/cdr"
	"github.com/cmscdr/cmscdrreceiver/internal/correlate"
	"github.com/cmscdr/cmscdrreceiver/internal/metrics"
	"github.com/cmscdr/cmscdrreceiver/internal/sequence"
	"github.com/cmscdr/cmscdrreceiver/internal/translate"
)

// staged is what a document would change and what it gives out. Dropped,
// nothing has happened. Logs, traces and series are nil where the signal is in no
// pipeline.
type staged struct {
	session  *session
	sequence *sequence.Transaction
	state    *correlate.Transaction
	logs     *translate.Logs
	traces   *translate.Traces
	series   *metrics.Stage
	tally    tally
	started  bool
}

// unidentified: nothing in a document without a session can be told from a
// repeat.
func unidentified(doc *cdr.Document) error {
	if doc.Session == "" {
		return errors.New("cdr: <records> has no session")
	}
	return fmt.Errorf("cdr: session or callBridge has more than %d bytes: %.40q, %.40q", cdr.MaxID, doc.Session, doc.CallBridge)
}

// stage reads the records into a transaction over the session.
func (r *cdrReceiver) stage(session *session, doc *cdr.Document, body string, arrived time.Time) *staged {
	s := &staged{
		session:  session,
		sequence: session.tracker.Begin(),
		state:    session.state.Begin(),
		started:  session.started,
	}
	if r.nextLogs != nil {
		s.logs = translate.NewLogs(session.source.resource, session.id, arrived, r.config.IncludeOriginal)
	}
	if r.nextTraces != nil {
		s.traces = translate.NewTraces(session.source.resource, session.id)
	}
	if r.nextMetrics != nil {
		s.series = session.source.series.Begin()
	}
	if session.id == "" {
		r.malformed(s, &cdr.Malformed{Bytes: body, Err: unidentified(doc)})
		return s
	}
	for record, malformed := range doc.Records() {
		if malformed != nil {
			r.malformed(s, malformed)
			continue
		}
		r.record(s, record)
	}
	s.tally.replaced = doc.Replaced
	return s
}

// record is the way of one record: is it new, what does it mean, how is it said.
func (r *cdrReceiver) record(s *staged, record *cdr.Record) {
	verdict := s.sequence.Observe(record.CorrelatorIndex, record.PrecedingMissing.Value)
	if verdict.Repeated {
		s.tally.duplicates++
		s.series.Duplicate()
		return
	}
	if !s.started {
		s.started = true
		s.logs.SessionStart(record, r.sessions.previous(s.session))
	}
	s.logs.Gap(record, verdict.Missing)
	effect := s.state.Apply(record)
	s.logs.Record(record, &effect)
	s.traces.Add(effect.Ended)
	s.series.Record(record, verdict, &effect)
	s.tally.record(record, verdict)
}

// maxOwnLog in bytes is how much of what could not be read goes to the
// collector's own log where no logs pipeline takes it whole.
const maxOwnLog = 4 << 10

func (r *cdrReceiver) malformed(s *staged, malformed *cdr.Malformed) {
	s.tally.malformed++
	if r.nextLogs != nil {
		s.logs.Malformed(malformed)
		return
	}
	r.logger.Error("A part of a document could not be read as a record, and no logs pipeline keeps it",
		zap.Error(malformed.Err), zap.String("session", s.session.id), zap.Int("size", len(malformed.Bytes)),
		zap.String("begins", malformed.Bytes[:min(len(malformed.Bytes), maxOwnLog)]))
}

// commit makes what was staged the truth. Nothing in it can fail.
func (r *cdrReceiver) commit(ctx context.Context, s *staged) {
	if s.series != nil {
		s.session.moveSeries(ctx, s.series)
		for before, after := range s.state.Calls() {
			s.series.Call(before, after)
		}
		for before, after := range s.state.Legs() {
			s.series.Leg(before, after)
		}
		s.series.Commit(ctx)
	}
	calls, legs := s.session.state.CallCount(), s.session.state.LegCount()
	s.sequence.Commit()
	s.state.Commit()
	r.held.calls.Add(int64(s.session.state.CallCount() - calls))
	r.held.legs.Add(int64(s.session.state.LegCount() - legs))
	if s.started && !s.session.started {
		r.sessions.begun(s.session)
	}
	r.observe(ctx, s)
}

// moveSeries counts what is open in the series of the source that the session
// was settled on anew, and no longer in those of the one before.
func (s *session) moveSeries(ctx context.Context, to *metrics.Stage) {
	from := s.counted
	s.counted = s.source
	if from == nil || from == s.source {
		return
	}
	leaving := from.series.Begin()
	for call := range s.state.OpenCalls() {
		leaving.Call(call, nil)
		to.Call(nil, call)
	}
	for leg := range s.state.OpenLegs() {
		leaving.Leg(leg, nil)
		to.Leg(nil, leg)
	}
	leaving.Commit(ctx)
}
