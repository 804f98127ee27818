package main

import (
	"bufio"
	"crypto/tls"
	"fmt"
	"io"
	"net"
	"net/http"
	"sync"
)

// endpoint is where a peer receives requests, and their content type.
type endpoint struct {
	address, contentType string
	// secure is set if the peer serves TLS. Its certificate is not verified.
	secure bool
}

// request is the body of a POST to a path.
type request struct {
	path string
	body []byte
}

// post sends the requests of each Call Bridge in order, over one connection for each Call
// Bridge. It returns nil if all are answered 200. It writes the requests without net/http to
// save processor time: a sender that is slower than the server would limit the measured rate.
func (e endpoint) post(requests [][]request) error {
	var posts sync.WaitGroup
	errs := make([]error, len(requests))
	for i, list := range requests {
		posts.Go(func() { errs[i] = e.postInOrder(list) })
	}
	posts.Wait()
	for i, err := range errs {
		if err != nil {
			return fmt.Errorf("requests of Call Bridge %d: %w", i, err)
		}
	}
	return nil
}

// postInOrder posts requests over one connection, each after the answer to the one before.
func (e endpoint) postInOrder(requests []request) error {
	client, err := e.dial()
	if err != nil {
		return err
	}
	defer client.connection.Close()
	for _, request := range requests {
		if err := client.post(request); err != nil {
			return err
		}
	}
	return nil
}

// client posts over one connection, one request at a time.
type client struct {
	endpoint
	connection net.Conn
	answers    *bufio.Reader
}

// dial opens a connection, which the caller closes.
func (e endpoint) dial() (*client, error) {
	var connection net.Conn
	var err error
	if e.secure {
		connection, err = tls.Dial("tcp", e.address, &tls.Config{InsecureSkipVerify: true})
	} else {
		connection, err = net.Dial("tcp", e.address)
	}
	if err != nil {
		return nil, err
	}
	return &client{endpoint: e, connection: connection, answers: bufio.NewReader(connection)}, nil
}

// post posts a request and waits for the answer. If it is not 200, the error quotes it.
func (c *client) post(r request) error {
	header := fmt.Appendf(nil, "POST %s HTTP/1.1\r\nHost: %s\r\nContent-Type: %s\r\nContent-Length: %d\r\n\r\n",
		r.path, c.address, c.contentType, len(r.body))
	if _, err := (&net.Buffers{header, r.body}).WriteTo(c.connection); err != nil {
		return err
	}
	answer, err := http.ReadResponse(c.answers, nil)
	if err != nil {
		return err
	}
	text, err := io.ReadAll(answer.Body)
	if err != nil {
		return err
	}
	if answer.StatusCode != http.StatusOK {
		return fmt.Errorf("%s%s answered %s: %.200q", c.address, r.path, answer.Status, text)
	}
	return nil
}
