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
	// follows is the session that the document's session is the first to follow.
	follows *session
	// places: it is a document, which places the session where its source is.
	places bool
	// first and latest are times of new records: of the first, and the latest of all.
	first, latest time.Time
	// indices are those of the new records.
	indices []uint64
	// unknown are attributes of <records> that the guide does not list.
	unknown []cdr.Attribute
	// malformed are the uids of what could not be read, repeats left out.
	malformed map[string]struct{}
}

// unidentified: nothing in a document without a session can be told from a
// repeat.
func unidentified(doc *cdr.Document) error {
	if doc.Session == "" {
		return errors.New("cdr: <records> has no session")
	}
	return fmt.Errorf("cdr: session or callBridge has more than %d bytes: %.40q, %.40q", cdr.MaxID, doc.Session, doc.CallBridge)
}

// begin starts what a document, or the time, would change in the session, as of
// that source.
func (r *cdrReceiver) begin(session *session, as *source, now time.Time) *staged {
	s := &staged{
		session:  session,
		sequence: session.tracker.Begin(),
		state:    session.state.Begin(as.instance, now),
		started:  session.started,
	}
	if r.nextTraces != nil {
		s.traces = translate.NewTraces(r.scope, as.resource, session.id)
	}
	if r.nextMetrics != nil {
		s.series = as.series.Begin()
	}
	return s
}

// stage reads the records into a transaction over the session.
func (r *cdrReceiver) stage(session, follows *session, doc *cdr.Document, body string, arrived time.Time) *staged {
	s := r.begin(session, session.source, arrived)
	s.follows, s.places, s.unknown = follows, true, doc.Attributes
	if r.nextLogs != nil {
		s.logs = translate.NewLogs(r.scope, session.source.resource, session.id, arrived, r.config.IncludeOriginal, func(uid string) bool {
			_, told := session.told.own[uid]
			return told
		})
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
		s.begins(record)
	}
	if s.first.IsZero() {
		s.first = record.Time
	}
	if record.Time.After(s.latest) {
		s.latest = record.Time
	}
	s.logs.Gap(record, verdict.Missing)
	if len(verdict.Missing) > 0 {
		s.state.Gap()
	}
	effect := s.state.Apply(record)
	s.indices = append(s.indices, record.CorrelatorIndex)
	if !s.session.told.records.Contains(record.CorrelatorIndex) {
		s.logs.Record(record, &effect)
	}
	s.series.Record(record, verdict, &effect)
	s.tally.record(record, verdict)
	s.spans(effect.Ended)
}

// begins notes the first record of the session.
func (s *staged) begins(record *cdr.Record) {
	s.started = true
	told := translate.Beginning{Address: s.session.source.sender.address, Unknown: s.unknown}
	if s.follows != nil {
		told.Previous = s.follows.id
	}
	s.logs.SessionStart(record, told)
}

// spans takes what ended.
func (s *staged) spans(ended []correlate.Ended) {
	s.traces.Add(ended)
	s.series.Incomplete(ended)
	s.tally.spans(ended)
}

// maxOwnLog in bytes is how much of what could not be read goes to the
// collector's own log where no logs pipeline takes it whole.
const maxOwnLog = 4 << 10

func (r *cdrReceiver) malformed(s *staged, malformed *cdr.Malformed) {
	uid := translate.MalformedUID(s.session.id, malformed)
	if _, twice := s.malformed[uid]; twice || r.unreadable.has(uid) {
		return
	}
	if s.malformed == nil {
		s.malformed = map[string]struct{}{}
	}
	s.malformed[uid] = struct{}{}
	s.tally.malformed++
	if r.nextLogs != nil {
		s.logs.Malformed(uid, malformed)
		return
	}
	r.logger.Error("A part of a document could not be read as a record, and no logs pipeline keeps it",
		zap.Error(malformed.Err), zap.String("session", s.session.id), zap.Int("size", len(malformed.Bytes)),
		zap.String("begins", malformed.Bytes[:min(len(malformed.Bytes), maxOwnLog)]))
}

// commit makes what was staged the truth. Nothing in it can fail.
func (r *cdrReceiver) commit(ctx context.Context, s *staged) {
	if s.places && s.started && s.session.placed != s.session.source {
		r.place(ctx, s)
	}
	saved := r.store.client != nil
	for before, after := range s.state.Changes() {
		if saved {
			s.session.book.Change(before, after)
		}
		if s.series != nil {
			s.series.Change(before, after)
		}
	}
	if s.series != nil {
		s.series.Commit(ctx)
	}
	if saved && len(s.indices) > 0 {
		s.session.book.Touch()
	}
	calls, legs := s.session.state.CallCount(), s.session.state.LegCount()
	s.session.told.settle(s)
	for uid := range s.malformed {
		r.unreadable.add(uid)
	}
	s.sequence.Commit()
	s.state.Commit()
	r.held.calls.Add(int64(s.session.state.CallCount() - calls))
	r.held.legs.Add(int64(s.session.state.LegCount() - legs))
	s.session.started = s.started
	r.witness(s.session, s.latest)
	r.observe(ctx, s)
}

// place puts the session into the line of the source that it was settled on, and
// counts what is open in its series, no longer in those of the source before.
func (r *cdrReceiver) place(ctx context.Context, s *staged) {
	of := s.session
	from := of.placed
	r.sessions.begun(of, s.follows, s.first)
	of.placed = of.source
	of.book.Touch()
	if s.series == nil {
		return
	}
	if s.follows != nil {
		s.series.Restart()
	}
	if from == nil {
		return
	}
	leaving := from.series.Begin()
	for thing := range of.state.Open() {
		leaving.Change(thing, nil)
		s.series.Change(nil, thing)
	}
	leaving.Commit(ctx)
}
