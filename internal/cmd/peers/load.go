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

// endpoint is where a peer receives, and what it receives there.
type endpoint struct {
	address, path, contentType string
	// secure is set if the peer serves TLS. Its certificate is not verified.
	secure bool
}

// post sends the documents of each Call Bridge in order, over one connection each, and
// returns when all are answered 200. It writes the requests itself, so that the load
// takes less processor time than the server.
func (e endpoint) post(documents [][][]byte) error {
	var posting sync.WaitGroup
	errs := make([]error, len(documents))
	for i, list := range documents {
		posting.Go(func() { errs[i] = e.postInOrder(list) })
	}
	posting.Wait()
	for i, err := range errs {
		if err != nil {
			return fmt.Errorf("posting as Call Bridge %d to %s%s: %w", i, e.address, e.path, err)
		}
	}
	return nil
}

func (e endpoint) postInOrder(documents [][]byte) error {
	client, err := e.dial()
	if err != nil {
		return err
	}
	defer client.connection.Close()
	for _, document := range documents {
		if err := client.post(document); err != nil {
			return err
		}
	}
	return nil
}

// client posts over one connection, one document at a time.
type client struct {
	endpoint
	connection net.Conn
	answers    *bufio.Reader
}

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

// post returns an error that quotes the answer if the answer is not 200.
func (c *client) post(document []byte) error {
	head := fmt.Appendf(nil, "POST %s HTTP/1.1\r\nHost: %s\r\nContent-Type: %s\r\nContent-Length: %d\r\n\r\n",
		c.path, c.address, c.contentType, len(document))
	if _, err := (&net.Buffers{head, document}).WriteTo(c.connection); err != nil {
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
		return fmt.Errorf("answered %s: %.200q", answer.Status, text)
	}
	return nil
}
