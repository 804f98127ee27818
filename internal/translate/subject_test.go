package translate

import (
	"testing"

	"github.com/stretchr/testify/require"
	"go.opentelemetry.io/collector/pdata/pcommon"

	"github.com/cmscdr/cmscdrreceiver/internal/cdr"
	"github.com/cmscdr/cmscdrreceiver/internal/correlate"
)

// TestCallOfLogRecord checks that a log record has the id of the call that the CDR record
// names, else of the call of its leg, recording or streaming. It has the other attributes of
// this call if the effect of the record has the call, and never those of another call.
func TestCallOfLogRecord(t *testing.T) {
	call := &correlate.Call{EntityFields: correlate.EntityFields{ID: "c1"}, Call: cdr.Call{Name: "Ward 7", CDRTag: "north", CoSpace: "s", Tenant: "t"}}
	leg := &correlate.Leg{CallLeg: cdr.CallLeg{Call: "c1"}}
	all := map[string]any{
		"cisco.cms.call.id": "c1", "cisco.cms.call.name": "Ward 7", "cisco.cms.call.cdr_tag": "north",
		"cisco.cms.cospace.id": "s", "cisco.cms.tenant.id": "t",
	}
	update := func(id string) cdr.Body { return &cdr.CallLegUpdate{CallLeg: cdr.CallLeg{Call: id}} }
	cases := map[string]struct {
		body   cdr.Body
		effect correlate.Effect
		want   map[string]any
	}{
		"the named call":               {update("c1"), correlate.Effect{Leg: leg, CallID: "c1", InCall: call}, all},
		"the call of the leg":          {update(""), correlate.Effect{Leg: leg, CallID: "c1", InCall: call}, all},
		"a call that the leg left":     {update("c0"), correlate.Effect{Leg: leg, CallID: "c1", InCall: call}, map[string]any{"cisco.cms.call.id": "c0"}},
		"a call that is not open":      {update(""), correlate.Effect{Leg: leg, CallID: "c1"}, map[string]any{"cisco.cms.call.id": "c1"}},
		"no call":                      {update(""), correlate.Effect{Leg: &correlate.Leg{}}, map[string]any{}},
		"the call of a recording":      {&cdr.RecordingEnd{}, correlate.Effect{CallID: "c1", InCall: call}, all},
		"a recording whose call ended": {&cdr.RecordingEnd{}, correlate.Effect{CallID: "c1"}, map[string]any{"cisco.cms.call.id": "c1"}},
		"a recording in no call":       {&cdr.RecordingEnd{}, correlate.Effect{}, map[string]any{}},
		"the call of a call record":    {&cdr.CallEnd{}, correlate.Effect{Call: call}, all},
		"a record of unknown type":     {nil, correlate.Effect{}, map[string]any{}},
		"the named call of a streaming": {
			&cdr.StreamingStart{Streaming: cdr.Streaming{Call: "c1"}}, correlate.Effect{CallID: "c1", InCall: call}, all,
		},
	}
	require.Len(t, cases, 11)
	for name, c := range cases {
		t.Run(name, func(t *testing.T) {
			var a attributes
			id := ""
			if c.effect.Call != nil {
				id = "c1"
			}
			writeSubject(&a, &cdr.Record{ID: id, Body: c.body}, &c.effect)
			out := pcommon.NewMap()
			a.writeTo(out)
			require.Equal(t, c.want, out.AsRaw())
		})
	}
}
