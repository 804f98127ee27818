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
	sender   sender
	// named: it is more than an address, behind which there may be several.
	named    bool
	resource pcommon.Resource
	// series is nil where no pipeline takes metrics.
	series *metrics.Source
}

// sender is what is known of who posted a document beside its content.
type sender struct {
	systemID, address string
	parameters        []parameter
}

// settle finds out who posts: the Call Bridge, else the system id, else the
// address. It is settled by the first document; only the first callBridge, if it
// comes later, settles it anew: that of a session never changes. The session's turn
// must be held.
func (s *sessions) resolveSource(session *session, doc *cdr.Document, from sender) error {
	if session.source != nil && (doc.CallBridge == "" || session.callBridge != "") {
		return nil
	}
	bridge := strings.Clone(doc.CallBridge)
	if session.id == "" {
		bridge = "" // it may be what makes the document unidentified
	}
	from.systemID = strings.Clone(from.systemID)
	settled, err := s.assignSource(session, bridge, from)
	if err != nil {
		return err
	}
	session.source, session.callBridge = settled, bridge
	return nil
}

// enterSource is the source that the session is of from now on.
func (s *sessions) assignSource(session *session, bridge string, from sender) (*source, error) {
	if session.ephemeral {
		return s.newSource(bridge, from, false)
	}
	s.mu.Lock()
	if session.source != nil && session.source != session.committedSource {
		s.unrefSource(session.source)
	}
	s.sourceRefs[instanceID(bridge, from)]++ // before its series are asked for
	s.mu.Unlock()
	return s.newSource(bridge, from, true)
}

// leaveSource lets the series of a source go if no session is of it any more. The lock
// must be held.
func (s *sessions) unrefSource(left *source) {
	if left == nil {
		return
	}
	if s.sourceRefs[left.instance]--; s.sourceRefs[left.instance] > 0 {
		return
	}
	delete(s.sourceRefs, left.instance)
	if s.aggregator != nil {
		s.aggregator.Release(left.instance)
	}
}

// sourceOf is the source of that Call Bridge, if it is known, else of the sender.
// It has series where it is counted.
func (s *sessions) newSource(bridge string, from sender, counted bool) (*source, error) {
	instance := instanceID(bridge, from)
	build := metadata.NewResourceBuilder(metadata.DefaultResourceAttributesConfig())
	build.SetServiceName("cisco-meeting-server")
	build.SetServiceInstanceID(instance)
	if bridge != "" {
		build.SetCiscoCmsCallBridgeID(bridge)
	}
	if from.systemID != "" {
		build.SetCiscoCmsSystemID(from.systemID)
	}
	settled := &source{instance: instance, sender: from, named: bridge != "" || from.systemID != "", resource: build.Emit()}
	writeParameters(from.parameters, settled.resource)
	var err error
	if s.aggregator != nil && counted {
		settled.series, err = s.aggregator.Source(instance, settled.resource)
	}
	return settled, err
}

// instanceOf is what a source is known by.
func instanceID(bridge string, from sender) string {
	return cmp.Or(bridge, from.systemID, from.address)
}
