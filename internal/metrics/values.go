package metrics

import (
	"slices"
	"strings"

	"github.com/cmscdr/cmscdrreceiver/internal/cdr"
	"github.com/cmscdr/cmscdrreceiver/internal/correlate"
)

// otherValue replaces every value that the guide does not list, so that clients cannot
// create series without limit. It is also the instance of the sources above maxSources.
const otherValue = "_OTHER"

// Values that the guide lists (chapter 4).
var (
	callTypes   = []string{"coSpace", "adHoc", "lyncConferencing", "forwarding"}
	directions  = []string{"incoming", "outgoing"}
	legTypes    = []string{"sip", "acano"}
	legSubTypes = []string{"lync", "avaya", "lyncdistribution", "webApp", "distributionLink"}
	audioCodecs = []string{
		"g711u", "g711a", "g722", "g728", "g729", "g722_1", "g722_1c", "aac", "speexNb", "speexWb", "speexUwb",
		"isacWb", "isacSwb", "opus",
	}
	videoCodecs = []string{"h261", "h263", "h263+", "h264", "h264Lync", "vp8", "rtVideo"}
)

var encryptionStates = []encryptionState{"encrypted", "unencrypted", "mixed", "none"}

const (
	receive  ioDirection = "receive"
	transmit ioDirection = "transmit"
)

// listedValue returns the value in the spelling of the list, ignoring case. It returns
// _OTHER for a value that is not listed, and an empty value unchanged.
func listedValue(list []string, value string) string {
	if value == "" {
		return ""
	}
	index := slices.Index(list, value) // nearly always found, and faster
	if index < 0 {
		index = slices.IndexFunc(list, func(listed string) bool { return strings.EqualFold(listed, value) })
	}
	if index >= 0 {
		return list[index] // value would keep the document in memory
	}
	return otherValue
}

// RecordType returns the record's type, or _OTHER.
func RecordType(record *cdr.Record) string {
	if record.Body == nil {
		return otherValue
	}
	return listedValue(cdr.RecordTypes, record.Type)
}

func callTypeOf(call *correlate.Call) callType {
	return callType(listedValue(callTypes, call.CallType))
}

func legClassOf(leg *correlate.Leg) legClass {
	return legClass{
		direction: listedValue(directions, leg.Direction),
		legType:   listedValue(legTypes, leg.Type),
		subType:   listedValue(legSubTypes, leg.SubType),
		role:      correlate.RoleOf(leg),
	}
}

func outcomeOf(class legClass, end *cdr.CallLegEnd) legOutcome {
	ending := correlate.EndingOf(end.Reason)
	o := legOutcome{legClass: class, reason: ending.Reason, outcome: ending.Outcome}
	if ending.Reason == "" && end.Reason != "" {
		o.reason, o.endedBy = otherValue, endedBy(end.RemoteTeardown)
	}
	return o
}

// endedBy returns which side ended a leg, from remoteTeardown, which is also defined for
// reasons that the guide does not list.
func endedBy(remote cdr.Optional[bool]) string {
	switch {
	case !remote.Present:
		return "unknown"
	case remote.Value:
		return "remote"
	default:
		return "local"
	}
}

// encryptionOf returns whether a leg had encrypted media, unencrypted media, both or none.
func encryptionOf(end *cdr.CallLegEnd) encryptionState {
	switch encrypted, unencrypted := end.EncryptedMedia.Value, end.UnencryptedMedia.Value; {
	case encrypted && unencrypted:
		return "mixed"
	case encrypted:
		return "encrypted"
	case unencrypted:
		return "unencrypted"
	default:
		return "none"
	}
}

func audioCodec(codec string) mediaCodec {
	return mediaCodec{medium: "audio", codec: listedValue(audioCodecs, codec)}
}

func videoCodec(codec string) mediaCodec {
	return mediaCodec{medium: "video", codec: listedValue(videoCodecs, codec)}
}
