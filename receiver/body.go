package cmscdrreceiver

import (
	"errors"
	"fmt"
	"io"
	"net/http"
	"slices"
	"unsafe"
)

// readBody reads the whole body, for which the caller has reserved memory. It allocates
// once if the length is announced. It returns the number of bytes read even if it fails.
func readBody(req *http.Request, largest int64) (string, int, error) {
	// One byte more than announced, so that EOF is seen without growing the buffer.
	buf := make([]byte, 0, min(max(req.ContentLength, 511), largest)+1)
	for {
		n, err := req.Body.Read(buf[len(buf):cap(buf)])
		buf = buf[:len(buf)+n]
		switch {
		case errors.Is(err, io.EOF):
			// buf is never written again, so the string can share its memory.
			return unsafe.String(unsafe.SliceData(buf), len(buf)), len(buf), nil
		case err != nil:
			return "", len(buf), err
		case len(buf) == cap(buf):
			buf = slices.Grow(buf, len(buf))
		}
	}
}

// answerUnreadBody returns the answer to a request whose body could not be read.
func answerUnreadBody(req *http.Request, err error) answer {
	var tooLarge *http.MaxBytesError
	if errors.As(err, &tooLarge) {
		rejection := answerTooLarge
		announced := "no length was announced"
		if req.ContentLength >= 0 {
			announced = fmt.Sprintf("the announced length is %d", req.ContentLength)
		}
		rejection.detail = fmt.Sprintf("http::max_request_body_size is %d, and %s", tooLarge.Limit, announced)
		return rejection
	}
	return answerTruncated(err)
}
