package translate

import (
	"crypto/sha256"
	"encoding/hex"
	"unicode/utf8"

	"go.opentelemetry.io/collector/pdata/plog"

	"github.com/cmscdr/cmscdrreceiver/internal/cdr"
	"github.com/cmscdr/cmscdrreceiver/internal/sequence"
)

// The receiver's own observations. Each has a log.record.uid that is a function
// of the input, so that a resend repeats none.
const (
	eventSessionStart = "cisco.cms.session.start"
	eventGap          = "cisco.cms.record.gap"
	eventMalformed    = "cisco.cms.document.malformed"
)

// SessionStart writes that the record is the first of its session; previous is
// the source's session before it, or empty.
func (l *Logs) SessionStart(record *cdr.Record, previous string) {
	if l == nil {
		return
	}
	out := l.append(record.Time, plog.SeverityNumberInfo, eventSessionStart)
	a := &l.scratch
	a.text("log.record.uid", l.uid(record)+"/"+eventSessionStart)
	a.text("cisco.cms.session.id", l.session)
	a.text("cisco.cms.session.previous_id", previous)
	a.moveTo(out.Attributes())
}

// Gap writes that the record showed others to be missing, if it did.
func (l *Logs) Gap(record *cdr.Record, missing []sequence.Range) {
	if l == nil || len(missing) == 0 {
		return
	}
	var count uint64
	for _, gap := range missing {
		count += gap.Count()
	}
	out := l.append(record.Time, plog.SeverityNumberWarn, eventGap)
	a := &l.scratch
	a.text("log.record.uid", l.uid(record)+"/"+eventGap)
	a.text("cisco.cms.session.id", l.session)
	a.int("cisco.cms.record.missing_count", int64(count))
	a.int("cisco.cms.record.first_missing", int64(missing[0].First))
	a.int("cisco.cms.record.last_missing", int64(missing[len(missing)-1].Last))
	a.moveTo(out.Attributes())
}

// Malformed writes what could not be read, whole.
func (l *Logs) Malformed(malformed *cdr.Malformed) {
	// It has no time that can be read: stores file it under its receipt.
	out := l.append(l.observed.AsTime(), plog.SeverityNumberError, eventMalformed)
	sum := sha256.Sum256([]byte(malformed.Bytes))
	a := &l.scratch
	a.text("log.record.uid", l.session+"/"+hex.EncodeToString(sum[:]))
	a.text("cisco.cms.session.id", l.session)
	a.text("exception.message", malformed.Err.Error())
	a.moveTo(out.Attributes())
	if utf8.ValidString(malformed.Bytes) {
		out.Body().SetStr(malformed.Bytes)
	} else {
		out.Body().SetEmptyBytes().FromRaw([]byte(malformed.Bytes))
	}
}
