package cmscdrreceiver

import (
	"context"
	"errors"
)

// work is processed in one transaction, or in several if a pipeline refuses it permanently.
// Its items are those of a slice, or entities to close.
type work struct {
	// stage stages the items [from, to). The first call is stage(0, limit). It can stage
	// fewer items, and so determines the number of items of the work. Later calls stage
	// parts of these items.
	stage func(from, to int) *staged
	limit int
}

// maxAttempts limits how far a work is divided. A part is not divided if a sum would exceed
// it: the calls of a signal so far, one call for each pending half, and the calls for the new
// parts. A half with several payloads needs several calls, so there can be more calls. The
// limit does not apply if a payload is too large: see canDivide.
const maxAttempts = 32

// attempts counts the calls for one work. pending is the number of second halves that still
// need a call.
type attempts struct {
	logs, traces, pending int
	// divided is set once the work was divided. A work with a single item is not divided,
	// and its payloads that are refused permanently are dropped without a retry.
	divided bool
	// oneByOne is set while an item that cannot be divided is delivered one log record
	// and one span at a time.
	oneByOne bool
}

// errDivide reports that a payload is refused permanently, and that a part of the
// transaction may still be accepted.
var errDivide = errors.New("refused permanently: retry in halves")

// canDivide reports whether a transaction whose payload was refused permanently is retried
// in parts. items is the number of items of the transaction, payloadItems that of the
// payload.
func (t *attempts) canDivide(items, payloadItems int, refusal refusal) bool {
	calls := 2
	if items == 1 {
		calls = payloadItems
	}
	switch {
	case refusal == targetRefuses || items < 2 && (payloadItems < 2 || t.oneByOne || !t.divided):
		return false
	case refusal == tooLarge:
		return true // the recursion ends, because each part is smaller
	default:
		return max(t.logs, t.traces)+t.pending+calls <= maxAttempts
	}
}

// run processes the work in one transaction: stage, deliver, commit. It returns that
// transaction, which has the number of items of the work. If a pipeline refuses it
// permanently, run retries in halves, in order and each in its own transaction. In a part
// that canDivide does not divide further, the refused payloads are dropped, and the part is
// committed. After an error, what was not committed must be processed again.
func (r *cdrReceiver) run(ctx context.Context, w work) (*staged, error) {
	s := w.stage(0, w.limit)
	return s, r.runPart(ctx, w, s, 0, new(attempts))
}

// runPart delivers and commits the staged part, which begins at item from.
func (r *cdrReceiver) runPart(ctx context.Context, w work, s *staged, from int, attempts *attempts) error {
	err := r.deliver(ctx, s, attempts)
	if err != nil {
		s.drop()
	}
	switch {
	case errors.Is(err, errDivide) && s.items == 1:
		attempts.oneByOne = true
		err = r.runPart(ctx, w, w.stage(from, from+1), from, attempts)
		attempts.oneByOne = false
		return err
	case errors.Is(err, errDivide):
		middle, to := from+s.items/2, from+s.items
		attempts.divided = true
		attempts.pending++
		err = r.runPart(ctx, w, w.stage(from, middle), from, attempts)
		attempts.pending--
		if err != nil {
			return err
		}
		return r.runPart(ctx, w, w.stage(middle, to), middle, attempts)
	case err != nil:
		return err
	}
	r.commit(ctx, s)
	return nil
}
