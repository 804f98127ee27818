// Package bridge is one Call Bridge as a sender of call detail records: it numbers them, keeps them for each
// of its receivers, and posts them until they are acknowledged.
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

// Settings describe a Call Bridge. Client, Ledger, Patience and Tally are those of the whole run.
type Settings struct {
	Number     int
	CallBridge string   // GUID, empty outside clusters
	Receivers  []string // URIs, up to four
	Seed       uint64

	Client   *http.Client
	Ledger   *expect.Ledger
	Patience *Patience
	Tally    *Tally
	Backoff  func(attempt int) time.Duration // before the attempt, which counts from 1

	Bundle int // most records in a document, 0 for no bound
	Bytes  int // about the most bytes in a document
	Buffer int // records kept for each receiver

	Loss   float64 // how probable it is that a record vanishes
	Repeat float64 // how probable it is that a 200 is lost on its way back
	Silent bool    // leave numPreceedingRecordsMissing out
}

// Bridge is a running Call Bridge.
type Bridge struct {
	Settings
	rng *rand.Rand // of the one who reports

	mu      sync.Mutex // guards all below and the queues
	changed *sync.Cond // of everything that somebody waits for
	session *session
	queues  []*queue
	paused  bool
	closed  bool
}

// session is what a Call Bridge is from one start to the next.
type session struct {
	id       string
	recorded int // records so far, lost ones too: the next correlatorIndex
	expected *expect.Session
}

// New starts a Call Bridge. It reports nothing until told and posts nothing before Run.
func New(settings Settings) *Bridge {
	b := &Bridge{Settings: settings, rng: rand.New(rand.NewPCG(settings.Seed, uint64(settings.Number)))}
	b.changed = sync.NewCond(&b.mu)
	for i, uri := range settings.Receivers {
		b.queues = append(b.queues, &queue{
			bridge: b, uri: uri,
			rng: rand.New(rand.NewPCG(settings.Seed, uint64(settings.Number)<<8|uint64(i+1))),
		})
	}
	b.session = b.newSession()
	return b
}

func (b *Bridge) newSession() *session {
	return &session{id: sessionID(b.rng), expected: b.Ledger.Session(b.Number)}
}

// sessionID draws a random (version 4) GUID.
func sessionID(rng *rand.Rand) string {
	var g [16]byte
	binary.BigEndian.PutUint64(g[:8], rng.Uint64()&^0xf000|0x4000)
	binary.BigEndian.PutUint64(g[8:], rng.Uint64()&^(3<<62)|1<<63)
	return fmt.Sprintf("%x-%x-%x-%x-%x", g[:4], g[4:6], g[6:8], g[8:10], g[10:])
}

// Report numbers the records of one second and gives them to every receiver's queue. It never waits: what
// does not fit pushes out the oldest.
func (b *Bridge) Report(at time.Time, bodies []wire.Body) {
	b.mu.Lock()
	defer b.mu.Unlock()
	for _, body := range bodies {
		e := &entry{session: b.session, record: wire.Record{
			Type: body.Type(), Time: at, CorrelatorIndex: b.session.recorded, Element: wire.Element(body),
		}}
		b.session.recorded++
		if b.Loss > 0 && b.rng.Float64() < b.Loss {
			b.session.expected.Reported(body, 0)
			continue
		}
		b.session.expected.Reported(body, len(b.queues))
		for _, q := range b.queues {
			q.add(e)
		}
	}
	b.changed.Broadcast()
}

// Restart ends the session, and with it everything that is open, without a word. What waits to be sent is
// sent as before, or lost; what was sent once without an answer is sent again in any case, since nobody
// could say whether it had arrived.
func (b *Bridge) Restart(lose bool) {
	b.mu.Lock()
	defer b.mu.Unlock()
	if lose {
		for _, q := range b.queues {
			q.drop(len(q.waiting))
		}
	}
	b.session = b.newSession()
	b.changed.Broadcast()
}

// Pause stops the posting, as a broken network would, until it is called with false.
func (b *Bridge) Pause(paused bool) {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.paused = paused
	b.changed.Broadcast()
}

// Drain waits until everything is acknowledged, unless the Call Bridge is paused, or ctx ends.
func (b *Bridge) Drain(ctx context.Context) {
	b.await(ctx, func() bool {
		for _, q := range b.queues {
			if len(q.sent)+len(q.waiting) > 0 {
				return b.paused
			}
		}
		return true
	})
}

// Close lets Run end once everything is acknowledged; it ends a pause.
func (b *Bridge) Close() {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.closed, b.paused = true, false
	b.changed.Broadcast()
}

// Run posts until the Call Bridge is closed and everything is acknowledged, or ctx ends, or patience does.
func (b *Bridge) Run(ctx context.Context) error {
	ctx, cancel := context.WithCancelCause(ctx)
	defer cancel(nil)
	var posting sync.WaitGroup
	for _, q := range b.queues {
		posting.Go(func() {
			if err := q.run(ctx); err != nil {
				cancel(err)
			}
		})
	}
	posting.Wait()
	return context.Cause(ctx)
}

// await waits until a condition holds and says whether it does; it may not if ctx has ended.
func (b *Bridge) await(ctx context.Context, holds func() bool) bool {
	b.mu.Lock()
	defer b.mu.Unlock()
	if holds() {
		return true
	}
	stop := context.AfterFunc(ctx, func() {
		b.mu.Lock()
		defer b.mu.Unlock()
		b.changed.Broadcast()
	})
	defer stop()
	for !holds() {
		if ctx.Err() != nil {
			return false
		}
		b.changed.Wait()
	}
	return true
}
