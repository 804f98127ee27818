package cmscdrreceiver

import (
	"cmp"
	"strings"

	"go.opentelemetry.io/collector/pdata/pcommon"

	"github.com/cmscdr/cmscdrreceiver/internal/cdr"
	"github.com/cmscdr/cmscdrreceiver/internal/metadata"
	"github.com/cmscdr/cmscdrreceiver/internal/metrics"
)

// source is who posts: what a resource stands for. It never changes.
type source struct {
	instance string
	// named: it is more than an address, behind which there may be several.
	named    bool
	resource pcommon.Resource
	// series is nil where no pipeline takes metrics.
	series *metrics.Source
}

// sender is what is known of who posted a document beside its content.
type sender struct{ systemID, address string }

// settle finds out who posts: the Call Bridge, else the system id, else the
// address. It is settled by the first document; only a callBridge that comes
// later settles it anew. The session's turn must be held.
func (s *sessions) settle(of *session, doc *cdr.Document, from sender) error {
	if of.source != nil && (doc.CallBridge == "" || doc.CallBridge == of.bridge) {
		return nil
	}
	bridge := strings.Clone(doc.CallBridge)
	if of.id == "" {
		bridge = "" // it may be what makes the document unidentified
	}
	instance := cmp.Or(bridge, strings.Clone(from.systemID), from.address)
	build := metadata.NewResourceBuilder(metadata.DefaultResourceAttributesConfig())
	build.SetServiceName("cisco-meeting-server")
	build.SetServiceInstanceID(instance)
	if bridge != "" {
		build.SetCiscoCmsCallBridgeID(bridge)
	}
	if from.systemID != "" {
		build.SetCiscoCmsSystemID(strings.Clone(from.systemID))
	}
	settled := &source{instance: instance, named: bridge != "" || from.systemID != "", resource: build.Emit()}
	var err error
	if s.aggregator != nil {
		settled.series, err = s.aggregator.Source(instance, settled.resource)
	}
	if err != nil {
		return err
	}
	of.source, of.bridge = settled, bridge
	return nil
}
