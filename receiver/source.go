package cmscdrreceiver

import (
	"cmp"
	"strings"

	"go.opentelemetry.io/collector/pdata/pcommon"

	"github.com/cmscdr/cmscdrreceiver/internal/cdr"
	"github.com/cmscdr/cmscdrreceiver/internal/metadata"
	"github.com/cmscdr/cmscdrreceiver/internal/metrics"
)

// source is who posts; a resource describes it. It is immutable.
type source struct {
	instance string
	sender   sender
	// hasStableID is set if the source is known by more than an address, which several
	// servers can share.
	hasStableID bool
	resource    pcommon.Resource
	// series is nil if the receiver is in no metrics pipeline.
	series *metrics.Source
}

// sender is what is known about a POST besides its content.
type sender struct {
	systemID, address string
	parameters        []parameter
}

// resolveSource determines the source of the session: the Call Bridge, else the
// system id, else the address. The first document decides; a callBridge that appears
// later changes the source once. The session's lock must be held.
func (s *sessions) resolveSource(session *session, doc *cdr.Document, from sender) error {
	if session.source != nil && (doc.CallBridge == "" || session.callBridge != "") {
		return nil
	}
	bridge := strings.Clone(doc.CallBridge)
	if session.id == "" {
		bridge = "" // it may be too long
	}
	from.systemID = strings.Clone(from.systemID)
	resolved, err := s.assignSource(session, bridge, from)
	if err != nil {
		return err
	}
	session.source, session.callBridge = resolved, bridge
	return nil
}

// assignSource returns the source of the session and counts the session for it.
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

// unrefSource releases the series of a source when its last session is gone. mu must
// be held.
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

// newSource returns the source of a Call Bridge, or of the sender if callBridge is
// empty. It has series if it is counted.
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
	resolved := &source{instance: instance, sender: from, hasStableID: bridge != "" || from.systemID != "", resource: build.Emit()}
	writeParameters(from.parameters, resolved.resource)
	var err error
	if s.aggregator != nil && counted {
		resolved.series, err = s.aggregator.Source(instance, resolved.resource)
	}
	return resolved, err
}

// instanceID returns the service.instance.id of a source.
func instanceID(bridge string, from sender) string {
	return cmp.Or(bridge, from.systemID, from.address)
}
