package cmscdrreceiver

import (
	"context"
	"errors"
	"time"

	"go.uber.org/zap"

	"github.com/cmscdr/cmscdrreceiver/internal/cdr"
	"github.com/cmscdr/cmscdrreceiver/internal/correlate"
	"github.com/cmscdr/cmscdrreceiver/internal/metrics"
	"github.com/cmscdr/cmscdrreceiver/internal/sequence"
	"github.com/cmscdr/cmscdrreceiver/internal/translate"
)

// staged is what a document would change and what it gives out. Dropped,
// nothing has happened.
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

// errNoSession: nothing in such a document can be told from a repeat.
var errNoSession = errors.New("cdr: <records> has no session")

// stage reads the records into a transaction over the session.
func (r *cdrReceiver) stage(session *session, doc *cdr.Document, body string, arrived time.Time) *staged {
	s := &staged{
		session:  session,
		sequence: session.tracker.Begin(),
		state:    session.state.Begin(),
		logs:     translate.NewLogs(session.source.resource, session.id, arrived, r.config.IncludeOriginal),
		traces:   translate.NewTraces(session.source.resource, session.id),
		started:  session.started,
	}
	if r.nextMetrics != nil {
		s.series = session.source.series.Begin()
	}
	if doc.Session == "" {
		r.malformed(s, &cdr.Malformed{Bytes: body, Err: errNoSession})
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
	if len(verdict.Missing) > 0 {
		s.logs.Gap(record, verdict.Missing)
	}
	effect := s.state.Apply(record)
	s.logs.Record(record, &effect)
	if effect.Ended != nil {
		s.traces.Add(effect.Ended)
	}
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
		for before, after := range s.state.Calls() {
			s.series.Call(before, after)
		}
		for before, after := range s.state.Legs() {
			s.series.Leg(before, after)
		}
	}
	s.series.Commit(ctx)
	calls, legs := s.session.state.Calls(), s.session.state.Legs()
	s.sequence.Commit()
	s.state.Commit()
	r.held.calls.Add(int64(s.session.state.Calls() - calls))
	r.held.legs.Add(int64(s.session.state.Legs() - legs))
	if s.started && !s.session.started {
		r.sessions.begun(s.session)
	}
	r.observe(ctx, s)
}
