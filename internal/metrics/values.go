package metrics

import (
	"slices"

	"github.com/cmscdr/cmscdrreceiver/internal/cdr"
	"github.com/cmscdr/cmscdrreceiver/internal/correlate"
)

// other stands for every value that the guide does not list: what a caller can
// choose never becomes a series.
const other = "_OTHER"

// The values that the guide lists (chapter 3). Absent ones stay absent.
var (
	callTypes   = []string{"coSpace", "adHoc", "lyncConferencing", "forwarding"}
	directions  = []string{"incoming", "outgoing"}
	legTypes    = []string{"sip", "acano"}
	legSubTypes = []string{"lync", "avaya", "lyncdistribution", "webApp", "distributionLink"}
	recordTypes = []string{
		"callStart", "callEnd", "callLegStart", "callLegUpdate", "callLegEnd",
		"recordingStart", "recordingEnd", "streamingStart", "streamingEnd",
	}
)

func oneOf(list []string, value string) string {
	if value == "" {
		return ""
	}
	if at := slices.Index(list, value); at >= 0 {
		return list[at] // not value, which is a part of a whole document
	}
	return other
}

// RecordType is the record's type, or _OTHER.
func RecordType(record *cdr.Record) string {
	if record.Body == nil {
		return other
	}
	return oneOf(recordTypes, record.Type)
}

// legClass is what legs are told apart by. Its values are from the lists above,
// as those of the attributes are.
type legClass struct{ direction, legType, subType, role string }

func classOf(leg *cdr.CallLeg) legClass {
	return legClass{
		direction: oneOf(directions, leg.Direction),
		legType:   oneOf(legTypes, leg.Type),
		subType:   oneOf(legSubTypes, leg.SubType),
		role:      correlate.Role(leg),
	}
}

// legOutcome is how a leg of a class ended.
type legOutcome struct {
	legClass
	reason, outcome string
}

func outcomeOf(class legClass, reason string) legOutcome {
	ending := correlate.EndingOf(reason)
	if ending.Reason == "" && reason != "" {
		ending.Reason = other
	}
	return legOutcome{legClass: class, reason: ending.Reason, outcome: ending.Outcome}
}
