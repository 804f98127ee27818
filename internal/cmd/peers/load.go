package main

import (
	"bufio"
	"fmt"
	"io"
	"net"
	"net/http"
	"sync"
)

// post sends the documents of each Call Bridge in order, over one connection each,
// and returns once all are answered with 200. It writes requests by itself, so that
// the load takes less of the machine than the server.
func post(address, path, contentType string, documents [callBridges][][]byte) error {
	var posting sync.WaitGroup
	var errs [callBridges]error
	for i, list := range documents {
		posting.Go(func() { errs[i] = postAll(address, path, contentType, list) })
	}
	posting.Wait()
	for i, err := range errs {
		if err != nil {
			return fmt.Errorf("posting of Call Bridge %d to %s%s: %w", i, address, path, err)
		}
	}
	return nil
}

func postAll(address, path, contentType string, documents [][]byte) error {
	connection, err := net.Dial("tcp", address)
	if err != nil {
		return err
	}
	defer connection.Close()
	answers := bufio.NewReader(connection)
	for _, document := range documents {
		head := fmt.Appendf(nil, "POST %s HTTP/1.1\r\nHost: %s\r\nContent-Type: %s\r\nContent-Length: %d\r\n\r\n",
			path, address, contentType, len(document))
		if _, err := (&net.Buffers{head, document}).WriteTo(connection); err != nil {
			return err
		}
		answer, err := http.ReadResponse(answers, nil)
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
	}
	return nil
}
