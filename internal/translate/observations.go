package translate

import (
	"cmp"
	"crypto/sha256"
	"encoding/hex"
	"unicode/utf8"

	"go.opentelemetry.io/collector/pdata/plog"

	"github.com/cmscdr/cmscdrreceiver/internal/cdr"
	"github.com/cmscdr/cmscdrreceiver/internal/sequence"
)

// The event names of the observations about documents. The log.record.uid of an
// observation is derived from its record or malformed part, so that it is the same if the
// document is sent again.
const (
	eventSessionStart = "cisco.cms.session.start"
	eventGap          = "cisco.cms.record.gap"
	eventMalformed    = "cisco.cms.document.malformed"
)

// SessionInfo is what the observation of a session's first record contains.
type SessionInfo struct {
	// PreviousID is the id of the session that this one replaces, or empty.
	PreviousID string
	// Address is the address of the client that posted the record.
	Address string
	// UnknownAttributes of <records> are those that the guide does not list.
	UnknownAttributes []cdr.Attribute
}

// SessionStart adds an observation that the record is the first of its session.
func (l *Logs) SessionStart(record *cdr.Record, session SessionInfo) {
	if l == nil {
		return
	}
	uid, skipped := l.noteObservation(l.uid(record) + "/" + eventSessionStart)
	if skipped {
		return
	}
	out := l.appendRecord(record.Time, plog.SeverityNumberInfo, eventSessionStart)
	l.entries = append(l.entries, entry{uid: uid})
	a := newAttributes()
	a.text("log.record.uid", uid)
	a.text("cisco.cms.session.id", l.session)
	a.text("cisco.cms.session.previous_id", session.PreviousID)
	a.text("client.address", session.Address)
	a.addUnknown("cisco.cms.extra.records.", session.UnknownAttributes)
	l.writeAttributes(out, a)
}

// Gap adds an observation of the records that are missing before the record. It adds
// none if missing is empty.
func (l *Logs) Gap(record *cdr.Record, missing []sequence.Range) {
	if l == nil || len(missing) == 0 {
		return
	}
	uid, skipped := l.noteObservation(l.uid(record) + "/" + eventGap)
	if skipped {
		return
	}
	var count uint64
	for _, gap := range missing {
		count += gap.Count()
	}
	out := l.appendRecord(record.Time, plog.SeverityNumberWarn, eventGap)
	l.entries = append(l.entries, entry{uid: uid})
	a := newAttributes()
	a.text("log.record.uid", uid)
	a.text("cisco.cms.session.id", l.session)
	a.int("cisco.cms.record.missing_count", int64(count))
	a.int("cisco.cms.record.first_missing", int64(missing[0].First))
	a.int("cisco.cms.record.last_missing", int64(missing[len(missing)-1].Last))
	l.writeAttributes(out, a)
}

// noteObservation adds the uid to those of the transaction, and reports whether the
// observation must be skipped.
func (l *Logs) noteObservation(uid string) (string, bool) {
	l.observationUIDs = append(l.observationUIDs, uid)
	return uid, l.skip(uid)
}

// MalformedUID returns the log.record.uid of a malformed part in a document of a session.
func MalformedUID(session string, malformed *cdr.Malformed) string {
	sum := sha256.Sum256([]byte(cmp.Or(malformed.Identity, malformed.Bytes)))
	return session + "/" + hex.EncodeToString(sum[:])
}

// Malformed adds an observation with the malformed part as its body. uid is that of
// MalformedUID.
func (l *Logs) Malformed(uid string, malformed *cdr.Malformed) {
	if _, skipped := l.noteObservation(uid); skipped {
		return
	}
	// The log record has the time of receipt, because a malformed part has no time of its own.
	out := l.appendRecord(l.observedAt.AsTime(), plog.SeverityNumberError, eventMalformed)
	l.entries = append(l.entries, entry{uid: uid})
	a := newAttributes()
	a.text("log.record.uid", uid)
	a.text("cisco.cms.session.id", l.session)
	a.text("cisco.cms.document.error.message", malformed.Err.Error())
	if malformed.Size > len(malformed.Bytes) {
		a.bool("cisco.cms.document.truncated", true)
		a.int("cisco.cms.document.size", int64(malformed.Size))
	}
	l.writeAttributes(out, a)
	l.maxSize += len(malformed.Bytes)
	if utf8.ValidString(malformed.Bytes) {
		out.Body().SetStr(malformed.Bytes)
	} else {
		out.Body().SetEmptyBytes().FromRaw([]byte(malformed.Bytes))
	}
}
