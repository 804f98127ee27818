package cmscdrreceiver

import (
	"sync"
	"time"

	"go.uber.org/zap"

	"github.com/cmscdr/cmscdrreceiver/internal/cdr"
	"github.com/cmscdr/cmscdrreceiver/internal/correlate"
	"github.com/cmscdr/cmscdrreceiver/internal/metrics"
	"github.com/cmscdr/cmscdrreceiver/internal/sequence"
	"github.com/cmscdr/cmscdrreceiver/internal/translate"
)

// staged is a transaction: what it would change, and what it emits. A dropped
// transaction leaves the session unchanged except for uncommitted. Logs, traces and
// series are nil if the receiver is in no pipeline of the signal. Logs are also nil if
// the work is entities to close, and series are also nil for an ephemeral session.
type staged struct {
	session *session
	source  *source
	now     time.Time // of receipt, or of the closing if the work is entities to close
	// items is the number of records and malformed parts, including duplicates, or of entities
	// to close.
	items         int
	sequence      *sequence.Transaction
	state         *correlate.Transaction
	logs          *translate.Logs
	traces        *translate.Traces
	series        *metrics.Stage
	tally         tally
	startReported bool
	// predecessor is the session that the document's session replaces, or nil. It is also nil
	// if the session was in the history of its source before the document was received.
	predecessor *session
	// mayMoveToSource is set for a document of a session that is not ephemeral. The commit
	// then moves the session to the history and the series of its source, unless it is there
	// already or no record of it was accepted yet.
	mayMoveToSource bool
	// newest is the index and the time of the new record with the highest index.
	newest struct {
		index uint64
		at    time.Time
	}
	// indices of the new records.
	indices []uint64
	// unknownAttributes are those of <records> that the guide does not list.
	unknownAttributes []cdr.Attribute
	// finishedLogs and finishedTraces are the payloads that were accepted or dropped. A payload
	// whose permanent refusal divides the work is not among them.
	finishedLogs   []translate.LogsPayload
	finishedTraces []translate.TracesPayload
	// malformedUIDs has the uids of the malformed parts that were not acknowledged before.
	malformedUIDs map[string]struct{}
	// unloggedMalformed has these parts if the receiver is in no logs pipeline. The commit
	// writes them to the collector's own log.
	unloggedMalformed []*cdr.Malformed
}

// transactionPool reuses the memory of transactions that ended.
var transactionPool = sync.Pool{New: func() any { return new(correlate.Transaction) }}

// drop ends a transaction that was refused.
func (s *staged) drop() {
	s.state.Drop()
	transactionPool.Put(s.state)
}

// newTransaction starts a transaction of the session. The transaction counts in the series
// of the source. The caller sets logs.
func (r *cdrReceiver) newTransaction(session *session, source *source, now time.Time) *staged {
	s := &staged{
		session:       session,
		source:        source,
		now:           now,
		sequence:      session.tracker.Begin(),
		state:         session.state.BeginIn(transactionPool.Get().(*correlate.Transaction), source.instance, now),
		startReported: session.startReported,
	}
	if r.nextTraces != nil {
		s.traces = translate.NewTraces(r.scope, source.resource, session.id, session.uncommitted.hasSpan)
	}
	if source.series != nil {
		s.series = source.series.Begin()
	}
	return s
}

// stageRecord stages one record: whether it is new, what it changes, and what is
// emitted for it. It reports whether it is new.
func (r *cdrReceiver) stageRecord(s *staged, record *cdr.Record) (isNew bool) {
	verdict := s.sequence.Observe(record.CorrelatorIndex, record.PrecedingMissing.Value)
	if verdict.Duplicate {
		s.tally.duplicates++
		s.series.Duplicate()
		return false
	}
	if !s.startReported {
		s.stageSessionStart(record)
	}
	if len(s.indices) == 0 || record.CorrelatorIndex > s.newest.index {
		s.newest.index, s.newest.at = record.CorrelatorIndex, record.Time
	}
	s.logs.Gap(record, verdict.Missing)
	if len(verdict.Missing) > 0 {
		s.state.NoteGap()
	}
	effect := s.state.Apply(record)
	s.indices = append(s.indices, record.CorrelatorIndex)
	if !s.session.uncommitted.hasRecord(record.CorrelatorIndex) {
		s.logs.Record(record, &effect)
	}
	s.series.Record(record, verdict, &effect)
	s.tally.countRecord(record, verdict)
	s.stageSpans(effect.Ended)
	return true
}

// stageSessionStart stages the log record for the start of the session, with the time of its
// first record.
func (s *staged) stageSessionStart(record *cdr.Record) {
	s.startReported = true
	info := translate.SessionInfo{Address: s.session.source.sender.address, UnknownAttributes: s.unknownAttributes}
	if s.predecessor != nil {
		info.PreviousID = s.predecessor.id
	}
	s.logs.SessionStart(record, info)
}

// stageSpans stages the spans of ended entities.
func (s *staged) stageSpans(ended []correlate.EndedEntity) {
	s.traces.Add(ended)
	s.series.Incomplete(ended)
	s.tally.countIncomplete(ended)
}

// maxOwnLog limits in bytes how much of a malformed part is written to the
// collector's own log if the receiver is in no logs pipeline.
const maxOwnLog = 4 << 10

// stageMalformed stages the log record of a malformed part, or its message in the
// collector's own log if the receiver is in no logs pipeline, unless the part is staged
// already or was acknowledged before. The indices that can be read in it do not count as
// missing. It reports whether the part was neither staged already nor acknowledged before.
func (r *cdrReceiver) stageMalformed(s *staged, malformed *cdr.Malformed) (isNew bool) {
	for _, index := range malformed.Indices {
		if s.sequence.ObserveUnreadable(index) {
			s.series.Recovered()
		}
		s.state.NoteGap() // it may have been an end record
	}
	uid := translate.MalformedUID(s.session.id, malformed)
	if _, isStaged := s.malformedUIDs[uid]; isStaged || r.acknowledgedMalformed.has(uid) {
		return false
	}
	if s.malformedUIDs == nil {
		s.malformedUIDs = map[string]struct{}{}
	}
	s.malformedUIDs[uid] = struct{}{}
	s.tally.malformed++
	if r.nextLogs != nil {
		s.logs.Malformed(uid, malformed)
	} else {
		s.unloggedMalformed = append(s.unloggedMalformed, malformed)
	}
	return true
}

// logMalformed writes the beginnings of malformed parts to the collector's own log.
func (r *cdrReceiver) logMalformed(s *staged) {
	for _, malformed := range s.unloggedMalformed {
		r.logger.Error("A part of a document cannot be read as a record, and this receiver is in no logs pipeline that could keep it",
			zap.Error(malformed.Err), zap.String("session", s.session.id), zap.Int("size", malformed.Size),
			zap.String("begins", malformed.Bytes[:min(len(malformed.Bytes), maxOwnLog)]))
	}
}
