package e2e

import (
	"context"
	"net"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/cmscdr/cmscdrreceiver/internal/testing/otelcol"
)

// binary returns the path of the collector to test.
func binary(t *testing.T) string {
	t.Helper()
	return program(t, "COLLECTOR")
}

// start starts the collector and waits until it answers a GET of the URL with 200. It is
// killed at the end of the test.
func start(t *testing.T, url string, configs ...string) *otelcol.Collector {
	t.Helper()
	c, err := otelcol.Start(context.Background(), binary(t), configs...)
	require.NoError(t, err)
	t.Cleanup(c.Kill)
	if err := c.Ready(t.Context(), url); err != nil {
		t.Fatalf("%v; output of the collector:\n%s", err, c.Output())
	}
	return c
}

// freeAddress returns an unused address of the loopback interface.
func freeAddress(t *testing.T) string {
	t.Helper()
	address, err := otelcol.FreeAddress()
	require.NoError(t, err)
	return address
}

// freePort returns an unused port of the loopback interface.
func freePort(t *testing.T) string {
	t.Helper()
	_, port, err := net.SplitHostPort(freeAddress(t))
	require.NoError(t, err)
	return port
}
