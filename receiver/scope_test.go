package cmscdrreceiver

import (
	"net/http"
	"testing"

	"github.com/stretchr/testify/require"
	"go.opentelemetry.io/collector/pdata/pcommon"
)

// TestScope checks that the scope of each signal has the name of the receiver's module and
// the version of the collector, and that the resource and the scope have a schema URL of
// the OpenTelemetry conventions, of any version 1.x.0.
func TestScope(t *testing.T) {
	rig := newRig(t, nil)
	require.Equal(t, http.StatusOK, rig.post("/cdr", `<records session="s">`+
		`<record type="callEnd" time="2026-03-02T08:00:00Z" correlatorIndex="0"><call id="c"/></record></records>`).Code)
	logs := rig.logs.AllLogs()[0].ResourceLogs().At(0)
	spans := rig.traces.AllTraces()[0].ResourceSpans().At(0)
	series := rig.series().ResourceMetrics().At(0)
	for _, scope := range []pcommon.InstrumentationScope{
		logs.ScopeLogs().At(0).Scope(), spans.ScopeSpans().At(0).Scope(), series.ScopeMetrics().At(0).Scope(),
	} {
		require.Equal(t, "github.com/cmscdr/cmscdrreceiver", scope.Name())
		require.Equal(t, rig.receiver.settings.BuildInfo.Version, scope.Version())
	}
	for _, url := range []string{
		logs.SchemaUrl(), logs.ScopeLogs().At(0).SchemaUrl(), spans.SchemaUrl(), spans.ScopeSpans().At(0).SchemaUrl(),
		series.SchemaUrl(), series.ScopeMetrics().At(0).SchemaUrl(),
	} {
		require.Regexp(t, `^https://opentelemetry\.io/schemas/1\.\d+\.0$`, url)
	}
}
