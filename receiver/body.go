package cmscdrreceiver

import (
	"errors"
	"fmt"
	"io"
	"net/http"
	"slices"
	"unsafe"
)

// trusted is how much memory a Content-Length gets before any body has come.
const trusted = 1 << 20

// readBody reads the whole body, in one allocation where its length is told and
// trusted. What it returns beside an error came before it.
func readBody(req *http.Request) (string, error) {
	// One byte more than told, to see the end without growing.
	buf := make([]byte, 0, min(max(req.ContentLength, 511), trusted)+1)
	for {
		n, err := req.Body.Read(buf[len(buf):cap(buf)])
		buf = buf[:len(buf)+n]
		switch {
		case errors.Is(err, io.EOF):
			// The bytes are never written again, so the string may be them.
			return unsafe.String(unsafe.SliceData(buf), len(buf)), nil
		case err != nil:
			return string(buf), err
		case len(buf) == cap(buf):
			buf = slices.Grow(buf, grow(len(buf), req.ContentLength))
		}
	}
}

// grow is by how much a full buffer grows: as much again as came, but no further
// than the length told.
func grow(have int, told int64) int {
	if rest := told + 1 - int64(have); rest > 0 {
		return int(min(rest, int64(have)))
	}
	return have
}

// bodyRefused says why a body could not be read.
func bodyRefused(req *http.Request, err error) answer {
	var tooLarge *http.MaxBytesError
	if errors.As(err, &tooLarge) {
		refusal := answerTooLarge
		refusal.detail = fmt.Sprintf("http::max_request_body_size is %d, and the announced length is %d", tooLarge.Limit, req.ContentLength)
		return refusal
	}
	return answerTruncated(err)
}
