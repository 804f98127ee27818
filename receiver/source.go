package cmscdrreceiver

import (
	"cmp"
	"strings"

	"go.opentelemetry.io/collector/pdata/pcommon"

	"github.com/cmscdr/cmscdrreceiver/internal/cdr"
	"github.com/cmscdr/cmscdrreceiver/internal/metadata"
	"github.com/cmscdr/cmscdrreceiver/internal/metrics"
)

// source is the server that posts, described by a resource. It is immutable.
type source struct {
	instance string
	sender   sender
	// hasStableID is set if a callBridge or a system id identifies the source. An
	// address alone may be that of several servers.
	hasStableID bool
	resource    pcommon.Resource
	// series is nil if the receiver is in no metrics pipeline or the session is ephemeral.
	series *metrics.Source
}

// sender is what a POST shows of its sender besides the document.
type sender struct {
	systemID, address string
	parameters        []parameter
}

// resolveSource determines the source of the session: the Call Bridge, else the
// system id, else the address. The first document determines it; a callBridge that is
// first named in a later document changes it once. The session's lock must be held.
func (s *sessions) resolveSource(session *session, doc *cdr.Document, from sender) error {
	if session.source != nil && (doc.CallBridge == "" || session.callBridge != "") {
		return nil
	}
	callBridge := strings.Clone(doc.CallBridge)
	if session.id == "" {
		callBridge = "" // a callBridge that is too long also makes the session id unusable
	}
	from.systemID = strings.Clone(from.systemID)
	resolved, err := s.assignSource(session, callBridge, from)
	if err != nil {
		return err
	}
	session.source, session.callBridge = resolved, callBridge
	return nil
}

// assignSource returns a new source for the session and counts the session in sourceRefs.
// If the session already has a source that no commit has accepted, the new one replaces it, and the
// session is no longer counted there. An ephemeral session is not counted and has no series.
func (s *sessions) assignSource(session *session, callBridge string, from sender) (*source, error) {
	if session.ephemeral {
		return s.newSource(callBridge, from, false)
	}
	s.mu.Lock()
	s.sourceRefs[instanceID(callBridge, from)]++ // before newSource, so that no other session releases its series
	s.mu.Unlock()
	resolved, err := s.newSource(callBridge, from, true)
	s.mu.Lock()
	defer s.mu.Unlock()
	if err != nil {
		s.unrefSource(resolved)
	} else if session.source != session.committedSource {
		s.unrefSource(session.source)
	}
	return resolved, err
}

// unrefSource subtracts a session from the source, which may be nil. After the last one it
// releases the series of the source and removes its history, which is empty then. mu must be
// held.
func (s *sessions) unrefSource(old *source) {
	if old == nil {
		return
	}
	if s.sourceRefs[old.instance]--; s.sourceRefs[old.instance] > 0 {
		return
	}
	delete(s.sourceRefs, old.instance)
	delete(s.histories, old.instance)
	if s.aggregator != nil {
		s.aggregator.Release(old.instance)
	}
}

// newSource returns the source of a Call Bridge, or of the sender if callBridge is
// empty. It has series if withSeries is set and the receiver is in a metrics
// pipeline.
func (s *sessions) newSource(callBridge string, from sender, withSeries bool) (*source, error) {
	instance := instanceID(callBridge, from)
	build := metadata.NewResourceBuilder(metadata.DefaultResourceAttributesConfig())
	build.SetServiceName("cisco-meeting-server")
	build.SetServiceInstanceID(instance)
	if callBridge != "" {
		build.SetCiscoCmsCallBridgeID(callBridge)
	}
	if from.systemID != "" {
		build.SetCiscoCmsSystemID(from.systemID)
	}
	resolved := &source{instance: instance, sender: from, hasStableID: callBridge != "" || from.systemID != "", resource: build.Emit()}
	writeParameters(from.parameters, resolved.resource)
	var err error
	if s.aggregator != nil && withSeries {
		resolved.series, err = s.aggregator.Source(instance, resolved.resource)
	}
	return resolved, err
}

// instanceID returns the service.instance.id of a source.
func instanceID(callBridge string, from sender) string {
	return cmp.Or(callBridge, from.systemID, from.address)
}
