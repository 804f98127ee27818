// Package bridge simulates a Call Bridge as a sender of call detail records. It numbers the records, queues
// them for the receiver, and posts them until the receiver acknowledges them with 200 OK. Package simulate
// runs the Call Bridges.
package bridge

import (
	"context"
	"encoding/binary"
	"fmt"
	"math/rand/v2"
	"net/http"
	"sync"
	"time"

	"github.com/cmscdr/cmscdrreceiver/internal/cmd/cmssim/expect"
	"github.com/cmscdr/cmscdrreceiver/internal/cmd/cmssim/wire"
)

// Settings describe a Call Bridge. All Call Bridges of a run share Client, Ledger, Watchdog and Tally.
type Settings struct {
	Number     int    // from 0
	CallBridge string // GUID, empty outside clusters
	Receiver   string // receiver URI
	Seed       uint64

	Client   *http.Client
	Ledger   *expect.Ledger
	Watchdog *Watchdog
	Tally    *Tally
	Backoff  func(attempt int) time.Duration // delay after the attempt, counted from 1

	Loss   float64 // probability that a record is lost
	Repeat float64 // probability that a 200 is lost
}

// Bridge is a Call Bridge. It is safe for concurrent use, but Run must be called only once.
type Bridge struct {
	Settings
	reportRNG *rand.Rand // for session ids and Loss, used with mu held
	postRNG   *rand.Rand // for Repeat and retries, used only by Run

	mu      sync.Mutex // guards everything below
	changed *sync.Cond // signals that pauses, closed or the length of the queue changed
	session *session
	queue   queue
	pauses  int
	closed  bool
}

// session is the period from a start of a Call Bridge to its next start.
type session struct {
	id       string
	next     int // correlatorIndex of the next record
	expected *expect.Session
}

// New returns a Call Bridge with a new session. Run posts what Report queues.
func New(settings Settings) *Bridge {
	number := uint64(settings.Number)
	b := &Bridge{
		Settings:  settings,
		reportRNG: rand.New(rand.NewPCG(settings.Seed, number<<1)),
		postRNG:   rand.New(rand.NewPCG(settings.Seed, number<<1|1)),
	}
	b.changed = sync.NewCond(&b.mu)
	b.session = b.newSession()
	return b
}

func (b *Bridge) newSession() *session {
	return &session{id: sessionID(b.reportRNG), expected: b.Ledger.NewSession(b.Number)}
}

// sessionID returns a random (version 4) GUID.
func sessionID(rng *rand.Rand) string {
	var g [16]byte
	binary.BigEndian.PutUint64(g[:8], rng.Uint64()&^0xf000|0x4000)
	binary.BigEndian.PutUint64(g[8:], rng.Uint64()&^(3<<62)|1<<63)
	return fmt.Sprintf("%x-%x-%x-%x-%x", g[:4], g[4:6], g[6:8], g[8:10], g[10:])
}

// Report numbers and queues the records of one second. It does not wait for the receiver.
func (b *Bridge) Report(at time.Time, bodies []wire.Body) {
	b.mu.Lock()
	defer b.mu.Unlock()
	for _, body := range bodies {
		e := &entry{session: b.session, body: body, record: wire.Record{
			Type: body.Type(), Time: at, CorrelatorIndex: b.session.next, Element: wire.Element(body),
		}}
		b.session.next++
		if b.Loss > 0 && b.reportRNG.Float64() < b.Loss {
			b.session.expected.Lost()
			continue
		}
		b.session.expected.Reported()
		b.queue.waiting = append(b.queue.waiting, e)
	}
	b.changed.Broadcast()
}

// Restart replaces the session. Queued records of the old session are still posted. The caller must not report
// further records about the calls and legs of the old session.
func (b *Bridge) Restart() {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.session = b.newSession()
}

// Pause stops posting, as a network failure does. Pauses can overlap: each ends with a call of Resume.
func (b *Bridge) Pause() { b.addPauses(1) }

// Resume ends a pause. Posting continues after the last one.
func (b *Bridge) Resume() { b.addPauses(-1) }

func (b *Bridge) addPauses(n int) {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.pauses += n
	b.changed.Broadcast()
}

// paused reports whether posting is stopped. mu must be held.
func (b *Bridge) paused() bool { return b.pauses > 0 && !b.closed }

// Drain waits until all records are acknowledged, the Call Bridge is paused, or ctx ends.
func (b *Bridge) Drain(ctx context.Context) {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.wait(ctx, func() bool { return b.paused() || b.queue.len() == 0 })
}

// Close makes Run return when all records are acknowledged. It ends all pauses, and Pause has no effect afterwards.
func (b *Bridge) Close() {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.closed = true
	b.changed.Broadcast()
}

// wait blocks until the condition holds or ctx ends. The caller holds the lock.
func (b *Bridge) wait(ctx context.Context, condition func() bool) {
	stop := context.AfterFunc(ctx, func() {
		b.mu.Lock()
		defer b.mu.Unlock()
		b.changed.Broadcast()
	})
	defer stop()
	for !condition() && ctx.Err() == nil {
		b.changed.Wait()
	}
}
