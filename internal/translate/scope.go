package translate

import (
	"go.opentelemetry.io/collector/pdata/pcommon"
	"go.opentelemetry.io/otel/sdk/instrumentation"
	conventions "go.opentelemetry.io/otel/semconv/v1.41.0"
)

// Scope returns the instrumentation scope of everything that the receiver emits. Its
// schema URL is that of the semantic conventions, which define names such as service.name
// and error.type.
func Scope(version string) instrumentation.Scope {
	return instrumentation.Scope{
		Name: "github.com/cmscdr/cmscdrreceiver", Version: version, SchemaURL: conventions.SchemaURL,
	}
}

func writeScope(to pcommon.InstrumentationScope, scope instrumentation.Scope) {
	to.SetName(scope.Name)
	to.SetVersion(scope.Version)
}
