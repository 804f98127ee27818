package cmscdrreceiver

import (
	"context"
	"errors"
)

// work is what can be taken as a whole or in parts, in order: records of a
// document, or entities to close.
type work struct {
	// stage stages the items from up to to, which is at most most. What it stages
	// at first tells how many items there are.
	stage func(from, to int) *staged
	limit int
}

// maxTries bounds the calls to the pipelines of one signal for one piece of work.
const maxAttempts = 32

// tries counts those calls. waiting are the second halves that still need one.
type attempts struct {
	logs, traces, pending int
	// divided: the work was divided, so that items are handed on again anyway. An item
	// by itself that is refused for good is not.
	divided bool
	// alone: an item that cannot be divided gives out several log records or spans,
	// and they are handed on one by one.
	single bool
}

// errDivide: a part of what was delivered is refused for good, and may be smaller.
var errDivide = errors.New("refused for good: try it in halves")

// allow reports whether what was refused is worth trying in parts: a payload of so
// many log records or spans, in a transaction of so many items.
func (t *attempts) canDivide(items, payload int, why refusal) bool {
	calls := 2
	if items == 1 {
		calls = payload
	}
	switch {
	case why == notOfRecords || items < 2 && (payload < 2 || t.single || !t.divided):
		return false
	case why == tooLarge:
		return true // each part is smaller, so this ends
	default:
		return max(t.logs, t.traces)+t.pending+calls <= maxAttempts
	}
}

// take takes the work in one transaction: stage, deliver, commit. It returns what it
// staged. What the pipelines refuse for good is tried in halves, each a transaction
// of its own and in order, so that only the smallest refused part is dropped. An error
// means that the part that was not committed must come again.
func (r *cdrReceiver) run(ctx context.Context, w work) (*staged, error) {
	s := w.stage(0, w.limit)
	return s, r.runPart(ctx, w, s, 0, new(attempts))
}

// takePart takes what was staged, which begins at the item from.
func (r *cdrReceiver) runPart(ctx context.Context, w work, s *staged, from int, attempts *attempts) error {
	err := r.deliver(ctx, s, attempts)
	if err != nil {
		s.drop()
	}
	switch {
	case errors.Is(err, errDivide) && s.items == 1:
		attempts.single = true
		err = r.runPart(ctx, w, w.stage(from, from+1), from, attempts)
		attempts.single = false
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
