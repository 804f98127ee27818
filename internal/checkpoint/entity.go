package checkpoint

import (
	"errors"
	"fmt"

	"go.opentelemetry.io/collector/pdata/pcommon"

	"github.com/cmscdr/cmscdrreceiver/internal/cdr"
	"github.com/cmscdr/cmscdrreceiver/internal/correlate"
)

var (
	errRanges   = errors.New("checkpoint: the indices are not ascending ranges, each with a first and a last index")
	errEntityID = errors.New("checkpoint: the id of an entity is empty")
	errTrace    = errors.New("checkpoint: a trace id does not have 16 bytes")
	errSpan     = errors.New("checkpoint: a span id does not have 8 bytes")
)

// savedEntity is the format of an open entity. One of the last four fields is set.
// Recording and Streaming are the texts of the entity. The order of the texts of each kind
// of entity is defined in package correlate, for example by RecordingTextFields.
type savedEntity struct {
	_         struct{} `cbor:",toarray"`
	Fields    savedFields
	Trace     []byte
	Call      *savedCall
	Leg       *savedLeg
	Recording []string
	Streaming []string
}

type savedFields struct {
	_                               struct{} `cbor:",toarray"`
	ID                              string
	Start, LastReceived, GraceBegan uint64
	LastIndex                       uint64
	Extra                           []string // alternating names and values
	Earliest                        uint64
}

type savedCall struct {
	_                         struct{} `cbor:",toarray"`
	Texts                     []string
	CoSpaceMetaDataConfigured byte
	Discoverable              bool
	PreviousParent            []byte
	MeetingKey                string
}

// EncodeEntity encodes an open entity. The result shares no memory with it.
func EncodeEntity(entity correlate.Entity) ([]byte, error) {
	fields, trace := correlate.FieldsOf(entity)
	saved := savedEntity{Fields: saveFields(fields), Trace: trace[:]}
	switch entity := entity.(type) {
	case *correlate.Call:
		texts := correlate.CallTextFields(&entity.Call)
		saved.Call = &savedCall{
			Texts: saveTexts(texts[:]), CoSpaceMetaDataConfigured: saveBool(entity.CoSpaceMetaDataConfigured),
			Discoverable: entity.Discoverable, PreviousParent: entity.PreviousParent[:], MeetingKey: entity.MeetingKey,
		}
	case *correlate.Leg:
		saved.Leg = saveLeg(entity)
	case *correlate.Recording:
		texts := correlate.RecordingTextFields(&entity.Recording)
		saved.Recording = saveTexts(texts[:])
	case *correlate.Streaming:
		texts := correlate.StreamingTextFields(&entity.Streaming)
		saved.Streaming = saveTexts(texts[:])
	}
	return encode(saved)
}

// DecodeEntity decodes an open entity. It returns a *VersionError if the format
// version is unknown, and another error if the value is damaged.
func DecodeEntity(data []byte) (correlate.Entity, error) {
	var saved savedEntity
	var savedInVersion1 savedEntity1
	version, err := decode(data, &savedInVersion1, &saved)
	if err != nil {
		return nil, err
	}
	if version == 1 {
		saved = savedInVersion1.upgrade()
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
	case saved.Recording != nil:
		recording := &correlate.Recording{EntityFields: fields, Trace: trace}
		texts := correlate.RecordingTextFields(&recording.Recording)
		return recording, loadTexts(fields.ID, texts[:], saved.Recording)
	case saved.Streaming != nil:
		streaming := &correlate.Streaming{EntityFields: fields, Trace: trace}
		texts := correlate.StreamingTextFields(&streaming.Streaming)
		return streaming, loadTexts(fields.ID, texts[:], saved.Streaming)
	default:
		return nil, fmt.Errorf("checkpoint: entity %q is no call, leg, recording or streaming", fields.ID)
	}
}

func (c *savedCall) load(fields correlate.EntityFields, trace pcommon.TraceID) (correlate.Entity, error) {
	call := &correlate.Call{EntityFields: fields, Trace: trace, Discoverable: c.Discoverable, MeetingKey: c.MeetingKey}
	texts := correlate.CallTextFields(&call.Call)
	if err := loadTexts(fields.ID, texts[:], c.Texts); err != nil {
		return nil, err
	}
	var err error
	if call.PreviousParent, err = spanID(c.PreviousParent); err != nil {
		return nil, err
	}
	call.CoSpaceMetaDataConfigured, err = loadBool(c.CoSpaceMetaDataConfigured)
	return call, err
}

func saveFields(fields *correlate.EntityFields) savedFields {
	saved := savedFields{
		ID: fields.ID, Start: uint64(fields.Start), LastReceived: uint64(fields.LastReceived), GraceBegan: uint64(fields.GraceBegan),
		LastIndex: fields.LastIndex, Earliest: uint64(fields.Earliest),
	}
	for _, extra := range fields.Extra {
		saved.Extra = append(saved.Extra, extra.Name, extra.Value)
	}
	return saved
}

func (f *savedFields) load() (correlate.EntityFields, error) {
	fields := correlate.EntityFields{
		ID: f.ID, Start: pcommon.Timestamp(f.Start), LastReceived: pcommon.Timestamp(f.LastReceived),
		GraceBegan: pcommon.Timestamp(f.GraceBegan), LastIndex: f.LastIndex, Earliest: pcommon.Timestamp(f.Earliest),
	}
	if f.ID == "" {
		return fields, errEntityID
	}
	if len(f.Extra)%2 != 0 {
		return fields, fmt.Errorf("checkpoint: entity %q has %d extra names and values, which is not an even number", f.ID, len(f.Extra))
	}
	for i := 0; i < len(f.Extra); i += 2 {
		fields.Extra = append(fields.Extra, cdr.Attribute{Name: f.Extra[i], Value: f.Extra[i+1]})
	}
	return fields, nil
}

func saveTexts(fields []*string) []string {
	texts := make([]string, len(fields))
	for i, field := range fields {
		texts[i] = *field
	}
	return texts
}

// loadTexts sets the fields of an entity to the saved texts.
func loadTexts(id string, fields []*string, texts []string) error {
	if len(texts) != len(fields) {
		return fmt.Errorf("checkpoint: entity %q has %d texts, not %d", id, len(texts), len(fields))
	}
	for i, field := range fields {
		*field = texts[i]
	}
	return nil
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
		return cdr.Optional[bool]{}, fmt.Errorf("checkpoint: %d does not encode a bool; 0 to 2 do", saved)
	}
	return cdr.Optional[bool]{Present: saved > 0, Value: saved == 2}, nil
}
