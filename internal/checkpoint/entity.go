package checkpoint

import (
	"errors"
	"fmt"

	"go.opentelemetry.io/collector/pdata/pcommon"

	"github.com/cmscdr/cmscdrreceiver/internal/cdr"
	"github.com/cmscdr/cmscdrreceiver/internal/correlate"
)

var (
	errRanges = errors.New("checkpoint: ranges of indices do not ascend")
	errTrace  = errors.New("checkpoint: invalid trace id")
	errSpan   = errors.New("checkpoint: invalid span id")
)

// savedEntity is the format of an open entity. One of the last four fields is set.
type savedEntity struct {
	_         struct{} `cbor:",toarray"`
	Fields    savedFields
	Trace     []byte
	Call      *savedCall
	Leg       *savedLeg
	Recording []string // path, recorderUri, call, callLeg
	Streaming []string // streamerUri, streamUri, streamName, call, callLeg
}

type savedFields struct {
	_                               struct{} `cbor:",toarray"`
	ID                              string
	Start, LastReceived, OrphanedAt uint64
	LastIndex                       uint64
	Extra                           []string // names and values in turn
	Earliest                        uint64
}

type savedCall struct {
	_              struct{} `cbor:",toarray"`
	Texts          []string // name, coSpace, ownerName, tenant, cdrTag, callType, callCorrelator
	Meta           byte
	Discoverable   bool
	PreviousParent []byte
	// MeetingKey is the key of the call's meeting.
	MeetingKey string
}

// EncodeEntity encodes an open entity.
func EncodeEntity(entity correlate.Entity) ([]byte, error) {
	saved := savedEntity{}
	switch entity := entity.(type) {
	case *correlate.Call:
		saved.Fields, saved.Trace = saveFields(&entity.EntityFields), entity.Trace[:]
		saved.Call = &savedCall{
			Texts: []string{entity.Name, entity.CoSpace, entity.OwnerName, entity.Tenant, entity.CDRTag, entity.CallType, entity.Correlator},
			Meta:  saveBool(entity.CoSpaceMetaDataConfigured), Discoverable: entity.Discoverable, PreviousParent: entity.PreviousParent[:], MeetingKey: entity.MeetingKey,
		}
	case *correlate.Leg:
		saved.Fields, saved.Trace, saved.Leg = saveFields(&entity.EntityFields), entity.Trace[:], saveLeg(entity)
	case *correlate.Recording:
		saved.Fields, saved.Trace = saveFields(&entity.EntityFields), entity.Trace[:]
		saved.Recording = []string{entity.Path, entity.RecorderURI, entity.Call, entity.CallLeg}
	case *correlate.Streaming:
		saved.Fields, saved.Trace = saveFields(&entity.EntityFields), entity.Trace[:]
		saved.Streaming = []string{entity.StreamerURI, entity.StreamURI, entity.StreamName, entity.Call, entity.CallLeg}
	}
	return encode(saved)
}

// DecodeEntity decodes an open entity.
func DecodeEntity(data []byte) (correlate.Entity, error) {
	var saved savedEntity
	var first savedEntity1
	switch format, err := decode(data, &first, &saved); {
	case err != nil:
		return nil, err
	case format == 1:
		saved = first.upgrade()
	}
	fields, err := saved.Fields.load()
	if err != nil {
		return nil, err
	}
	trace, err := traceID(saved.Trace)
	switch {
	case err != nil:
		return nil, err
	case saved.Call != nil:
		return saved.Call.load(fields, trace)
	case saved.Leg != nil:
		return saved.Leg.load(fields, trace)
	case len(saved.Recording) == 4:
		t := saved.Recording
		return &correlate.Recording{EntityFields: fields, Trace: trace, Recording: cdr.Recording{
			Path: t[0], RecorderURI: t[1], Call: t[2], CallLeg: t[3],
		}}, nil
	case len(saved.Streaming) == 5:
		t := saved.Streaming
		return &correlate.Streaming{EntityFields: fields, Trace: trace, Streaming: cdr.Streaming{
			StreamerURI: t[0], StreamURI: t[1], StreamName: t[2], Call: t[3], CallLeg: t[4],
		}}, nil
	default:
		return nil, fmt.Errorf("checkpoint: %q is neither call, leg, recording nor streaming", fields.ID)
	}
}

func (c *savedCall) load(fields correlate.EntityFields, trace pcommon.TraceID) (correlate.Entity, error) {
	if len(c.Texts) != 7 || len(c.PreviousParent) != len(pcommon.SpanID{}) {
		return nil, fmt.Errorf("checkpoint: call %q has %d texts and a parent of %d bytes", fields.ID, len(c.Texts), len(c.PreviousParent))
	}
	meta, err := loadBool(c.Meta)
	return &correlate.Call{
		EntityFields: fields, Trace: trace, Discoverable: c.Discoverable, PreviousParent: pcommon.SpanID(c.PreviousParent), MeetingKey: c.MeetingKey,
		Call: cdr.Call{
			Name: c.Texts[0], CoSpace: c.Texts[1], OwnerName: c.Texts[2], Tenant: c.Texts[3], CDRTag: c.Texts[4],
			CallType: c.Texts[5], Correlator: c.Texts[6], CoSpaceMetaDataConfigured: meta,
		},
	}, err
}

func saveFields(fields *correlate.EntityFields) savedFields {
	saved := savedFields{
		ID: fields.ID, Start: uint64(fields.Start), LastReceived: uint64(fields.LastReceived), OrphanedAt: uint64(fields.OrphanedAt), LastIndex: fields.LastIndex,
		Earliest: uint64(fields.Earliest),
	}
	for _, extra := range fields.Extra {
		saved.Extra = append(saved.Extra, extra.Name, extra.Value)
	}
	return saved
}

func (c *savedFields) load() (correlate.EntityFields, error) {
	fields := correlate.EntityFields{
		ID: c.ID, Start: pcommon.Timestamp(c.Start), LastReceived: pcommon.Timestamp(c.LastReceived),
		OrphanedAt: pcommon.Timestamp(c.OrphanedAt), LastIndex: c.LastIndex,
		Earliest: pcommon.Timestamp(c.Earliest),
	}
	if c.ID == "" || len(c.Extra)%2 != 0 {
		return fields, fmt.Errorf("checkpoint: %q has %d names and values", c.ID, len(c.Extra))
	}
	for i := 0; i < len(c.Extra); i += 2 {
		fields.Extra = append(fields.Extra, cdr.Attribute{Name: c.Extra[i], Value: c.Extra[i+1]})
	}
	return fields, nil
}

func traceID(data []byte) (pcommon.TraceID, error) {
	if len(data) != len(pcommon.TraceID{}) {
		return pcommon.TraceID{}, errTrace
	}
	return pcommon.TraceID(data), nil
}

func spanID(data []byte) (pcommon.SpanID, error) {
	if len(data) != len(pcommon.SpanID{}) {
		return pcommon.SpanID{}, errSpan
	}
	return pcommon.SpanID(data), nil
}

// saveBool returns 0 for absent, 1 for false, 2 for true.
func saveBool(value cdr.Optional[bool]) byte {
	switch {
	case !value.Present:
		return 0
	case !value.Value:
		return 1
	default:
		return 2
	}
}

func loadBool(saved byte) (cdr.Optional[bool], error) {
	if saved > 2 {
		return cdr.Optional[bool]{}, fmt.Errorf("checkpoint: %d is not a bool", saved)
	}
	return cdr.Optional[bool]{Present: saved > 0, Value: saved == 2}, nil
}
