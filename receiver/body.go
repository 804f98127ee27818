package cmscdrreceiver

import (
	"errors"
	"fmt"
	"io"
	"net/http"
	"unsafe"
)

// readBody reads the whole body, for which the caller has reserved memory. It allocates
// once if the length is announced. Otherwise the buffer grows, and the old and the new one
// together can take up to twice what is reserved. It returns the number of bytes read even
// if it fails.
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
			size := 2 * int64(len(buf))
			// The server limits the body to largest, so a longer body occurs only in tests.
			if int64(len(buf)) <= largest {
				size = min(size, largest+1)
			}
			buf = append(make([]byte, 0, size), buf...)
		}
	}
}

// answerUnreadBody returns the answer to a request whose body could not be read.
func answerUnreadBody(req *http.Request, err error) answer {
	var tooLarge *http.MaxBytesError
	if errors.As(err, &tooLarge) {
		rejection := answerTooLarge
		announced := "the length of the document is not known"
		if req.ContentLength >= 0 {
			announced = fmt.Sprintf("the announced length is %d", req.ContentLength)
		}
		rejection.detail = fmt.Sprintf("http::max_request_body_size is %d, and %s", tooLarge.Limit, announced)
		return rejection
	}
	return answerTruncated(err)
}
