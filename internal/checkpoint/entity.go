package checkpoint

import (
	"errors"
	"fmt"

	"go.opentelemetry.io/collector/pdata/pcommon"

	"github.com/cmscdr/cmscdrreceiver/internal/cdr"
	"github.com/cmscdr/cmscdrreceiver/internal/correlate"
)

var (
	errRanges = errors.New("checkpoint: ranges of indices that do not ascend")
	errTrace  = errors.New("checkpoint: a trace id that is none")
	errSpan   = errors.New("checkpoint: a span id that is none")
)

// entity is the form of what is open: one of the four is there.
type entity struct {
	_         struct{} `cbor:",toarray"`
	Common    common
	Trace     []byte
	Call      *call
	Leg       *leg
	Recording []string // path, recorderUri, call, callLeg
	Streaming []string // streamerUri, streamUri, streamName, call, callLeg
}

type common struct {
	_                      struct{} `cbor:",toarray"`
	ID                     string
	Start, Heard, Orphaned uint64
	Index                  uint64
	Extra                  []string // names and values in turn
	Earliest               uint64
}

type call struct {
	_      struct{} `cbor:",toarray"`
	Texts  []string // name, coSpace, ownerName, tenant, cdrTag, callType, callCorrelator
	Meta   byte
	Joined bool
	Parent []byte
	// Meeting is the key of its meeting.
	Meeting string
}

// EncodeEntity writes something that is open.
func EncodeEntity(of correlate.Entity) ([]byte, error) {
	form := entity{}
	switch of := of.(type) {
	case *correlate.Call:
		form.Common, form.Trace = commonForm(&of.Common), of.Trace[:]
		form.Call = &call{
			Texts: []string{of.Name, of.CoSpace, of.OwnerName, of.Tenant, of.CDRTag, of.CallType, of.Correlator},
			Meta:  boolForm(of.CoSpaceMetaDataConfigured), Joined: of.Joined, Parent: of.Parent[:], Meeting: of.Meeting,
		}
	case *correlate.Leg:
		form.Common, form.Trace, form.Leg = commonForm(&of.Common), of.Trace[:], legForm(of)
	case *correlate.Recording:
		form.Common, form.Trace = commonForm(&of.Common), of.Trace[:]
		form.Recording = []string{of.Path, of.RecorderURI, of.Call, of.CallLeg}
	case *correlate.Streaming:
		form.Common, form.Trace = commonForm(&of.Common), of.Trace[:]
		form.Streaming = []string{of.StreamerURI, of.StreamURI, of.StreamName, of.Call, of.CallLeg}
	}
	return encode(form)
}

// DecodeEntity reads something that was open.
func DecodeEntity(data []byte) (correlate.Entity, error) {
	var form entity
	var first entity1
	switch saved, err := decode(data, &first, &form); {
	case err != nil:
		return nil, err
	case saved == 1:
		form = first.entity()
	}
	of, err := form.Common.common()
	if err != nil {
		return nil, err
	}
	trace, err := traceID(form.Trace)
	switch {
	case err != nil:
		return nil, err
	case form.Call != nil:
		return form.Call.call(of, trace)
	case form.Leg != nil:
		return form.Leg.leg(of, trace)
	case len(form.Recording) == 4:
		t := form.Recording
		return &correlate.Recording{Common: of, Trace: trace, Recording: cdr.Recording{
			Path: t[0], RecorderURI: t[1], Call: t[2], CallLeg: t[3],
		}}, nil
	case len(form.Streaming) == 5:
		t := form.Streaming
		return &correlate.Streaming{Common: of, Trace: trace, Streaming: cdr.Streaming{
			StreamerURI: t[0], StreamURI: t[1], StreamName: t[2], Call: t[3], CallLeg: t[4],
		}}, nil
	default:
		return nil, fmt.Errorf("checkpoint: %q is nothing that can be open", of.ID)
	}
}

func (c *call) call(of correlate.Common, trace pcommon.TraceID) (correlate.Entity, error) {
	if len(c.Texts) != 7 || len(c.Parent) != len(pcommon.SpanID{}) {
		return nil, fmt.Errorf("checkpoint: call %q has %d texts and a parent of %d bytes", of.ID, len(c.Texts), len(c.Parent))
	}
	meta, err := boolOf(c.Meta)
	return &correlate.Call{
		Common: of, Trace: trace, Joined: c.Joined, Parent: pcommon.SpanID(c.Parent), Meeting: c.Meeting,
		Call: cdr.Call{
			Name: c.Texts[0], CoSpace: c.Texts[1], OwnerName: c.Texts[2], Tenant: c.Texts[3], CDRTag: c.Texts[4],
			CallType: c.Texts[5], Correlator: c.Texts[6], CoSpaceMetaDataConfigured: meta,
		},
	}, err
}

func commonForm(of *correlate.Common) common {
	form := common{
		ID: of.ID, Start: uint64(of.Start), Heard: uint64(of.Heard), Orphaned: uint64(of.Orphaned), Index: of.Index,
		Earliest: uint64(of.Earliest),
	}
	for _, extra := range of.Extra {
		form.Extra = append(form.Extra, extra.Name, extra.Value)
	}
	return form
}

func (c *common) common() (correlate.Common, error) {
	of := correlate.Common{
		ID: c.ID, Start: pcommon.Timestamp(c.Start), Heard: pcommon.Timestamp(c.Heard),
		Orphaned: pcommon.Timestamp(c.Orphaned), Index: c.Index,
		Earliest: pcommon.Timestamp(c.Earliest),
	}
	if c.ID == "" || len(c.Extra)%2 != 0 {
		return of, fmt.Errorf("checkpoint: %q has %d names and values", c.ID, len(c.Extra))
	}
	for i := 0; i < len(c.Extra); i += 2 {
		of.Extra = append(of.Extra, cdr.Attribute{Name: c.Extra[i], Value: c.Extra[i+1]})
	}
	return of, nil
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

// boolForm is 0 for absent, 1 for false, 2 for true.
func boolForm(of cdr.Optional[bool]) byte {
	switch {
	case !of.Present:
		return 0
	case !of.Value:
		return 1
	default:
		return 2
	}
}

func boolOf(form byte) (cdr.Optional[bool], error) {
	if form > 2 {
		return cdr.Optional[bool]{}, fmt.Errorf("checkpoint: %d is no truth", form)
	}
	return cdr.Optional[bool]{Present: form > 0, Value: form == 2}, nil
}
