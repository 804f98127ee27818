package cmscdrreceiver

import (
	"cmp"
	"context"
	"strings"
	"sync"

	"go.opentelemetry.io/collector/pdata/pcommon"

	"github.com/cmscdr/cmscdrreceiver/internal/cdr"
	"github.com/cmscdr/cmscdrreceiver/internal/correlate"
	"github.com/cmscdr/cmscdrreceiver/internal/metadata"
	"github.com/cmscdr/cmscdrreceiver/internal/metrics"
	"github.com/cmscdr/cmscdrreceiver/internal/sequence"
)

// sessions are the runs of Call Bridges that documents came from. Its lock is
// short: it is never held during a delivery.
type sessions struct {
	// aggregator is nil where no pipeline takes metrics.
	aggregator *metrics.Aggregator

	mu   sync.Mutex
	byID map[string]*session
	// latest session of a source, by its instance.
	latest map[string]string
}

func newSessions() *sessions {
	return &sessions{byID: map[string]*session{}, latest: map[string]string{}}
}

// session is one run of a Call Bridge.
type session struct {
	id string
	// turn holds a token while a document of the session is staged, delivered
	// and committed. It guards what follows.
	turn    chan struct{}
	tracker sequence.Tracker
	state   *correlate.Session
	started bool
	source  *source
	// counted is the source in whose series what is open was counted. It differs
	// from source only until the first commit after that was settled anew.
	counted *source
	// bridge is the last callBridge that the session named: inside clusters it
	// is sometimes absent.
	bridge string
}

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

// of returns the session that the document is of. One that cannot be identified
// gets a session without an id, for itself alone.
func (s *sessions) of(doc *cdr.Document) *session {
	if doc.Session == "" || len(doc.Session) > cdr.MaxID || len(doc.CallBridge) > cdr.MaxID {
		return newSession("")
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	one := s.byID[doc.Session]
	if one == nil {
		one = newSession(strings.Clone(doc.Session))
		s.byID[one.id] = one
	}
	return one
}

func newSession(id string) *session {
	return &session{id: id, turn: make(chan struct{}, 1), state: correlate.NewSession()}
}

func (s *sessions) count() int {
	s.mu.Lock()
	defer s.mu.Unlock()
	return len(s.byID)
}

// acquire waits for the session's turn, as long as ctx lasts.
func (s *session) acquire(ctx context.Context) error {
	select {
	case s.turn <- struct{}{}:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}

func (s *session) release() { <-s.turn }

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
	settled := &source{instance: instance, named: instance != from.address, resource: build.Emit()}
	var err error
	if s.aggregator != nil {
		settled.series, err = s.aggregator.Source(instance, settled.resource)
	}
	if err != nil {
		return err
	}
	of.source, of.bridge = settled, bridge
	if of.started {
		s.begun(of)
	}
	return nil
}

// previous is the source's session before this one, or empty.
func (s *sessions) previous(of *session) string {
	if !of.source.named {
		return ""
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	if latest := s.latest[of.source.instance]; latest != of.id {
		return latest
	}
	return ""
}

// begun notes that the session's first document was accepted.
func (s *sessions) begun(of *session) {
	of.started = true
	s.mu.Lock()
	defer s.mu.Unlock()
	s.latest[of.source.instance] = of.id
}
