package cmscdrreceiver

import (
	"errors"
	"fmt"
	"testing"

	"github.com/stretchr/testify/require"
	"go.opentelemetry.io/collector/consumer/consumererror"
	"google.golang.org/genproto/googleapis/rpc/errdetails"
	"google.golang.org/grpc/codes"
	grpcstatus "google.golang.org/grpc/status"
	"google.golang.org/protobuf/types/known/durationpb"
)

// TestRefusalOf checks how errors of pipelines are classified. The cases "HTTP" and "gRPC"
// have errors of the type consumererror.Error. The cases "exporter" have errors in the form
// in which the OTLP exporters and the Kafka exporter return them.
func TestRefusalOf(t *testing.T) {
	full := errors.New("queue is full")
	badData := consumererror.NewPermanent(errors.New("bad data"))
	unauthenticated := consumererror.NewPermanent(grpcstatus.Error(codes.Unauthenticated, "invalid token"))
	exhausted := grpcstatus.New(codes.ResourceExhausted, "slow down")
	withRetryInfo, err := exhausted.WithDetails(&errdetails.RetryInfo{RetryDelay: durationpb.New(1)})
	require.NoError(t, err)
	grpcLimit := grpcstatus.New(codes.ResourceExhausted, "grpc: received message larger than max (5242880 vs. 4194304)")
	cases := map[string]struct {
		err  error
		want refusal
	}{
		"not classified":                        {full, temporary},
		"permanent":                             {badData, itemsRefused},
		"permanent, wrapped":                    {fmt.Errorf("exporter: %w", badData), itemsRefused},
		"permanent around a wrapped error":      {consumererror.NewPermanent(fmt.Errorf("x: %w", full)), itemsRefused},
		"both branches permanent":               {errors.Join(badData, badData), itemsRefused},
		"one branch permanent":                  {errors.Join(badData, full), temporary},
		"one branch permanent, wrapped":         {fmt.Errorf("fan-out: %w", errors.Join(full, badData)), temporary},
		"a tree of branches":                    {errors.Join(errors.Join(badData, badData), errors.Join(badData, full)), temporary},
		"permanent around one permanent branch": {consumererror.NewPermanent(errors.Join(badData, full)), temporary},
		"one branch refuses the collector":      {errors.Join(unauthenticated, badData), itemsRefused},
		"both branches refuse the collector":    {errors.Join(unauthenticated, unauthenticated), targetRefuses},
		"branches without an error":             {noErrors{}, temporary},
		"retryable":                             {consumererror.NewRetryableError(full), temporary},
		"HTTP 400":                              {consumererror.NewOTLPHTTPError(full, 400), itemsRefused},
		"HTTP 401":                              {consumererror.NewOTLPHTTPError(full, 401), targetRefuses},
		"HTTP 403":                              {consumererror.NewOTLPHTTPError(full, 403), targetRefuses},
		"HTTP 404":                              {consumererror.NewOTLPHTTPError(full, 404), targetRefuses},
		"HTTP 413":                              {consumererror.NewOTLPHTTPError(full, 413), tooLarge},
		"HTTP 422":                              {consumererror.NewOTLPHTTPError(full, 422), itemsRefused},
		"HTTP 429":                              {consumererror.NewOTLPHTTPError(full, 429), temporary},
		"HTTP 500":                              {consumererror.NewOTLPHTTPError(full, 500), itemsRefused},
		"HTTP 503":                              {consumererror.NewOTLPHTTPError(full, 503), temporary},
		"gRPC InvalidArgument":                  {consumererror.NewOTLPGRPCError(full, grpcstatus.New(codes.InvalidArgument, "x")), itemsRefused},
		"gRPC Unimplemented":                    {consumererror.NewOTLPGRPCError(full, grpcstatus.New(codes.Unimplemented, "x")), targetRefuses},
		"gRPC PermissionDenied":                 {consumererror.NewOTLPGRPCError(full, grpcstatus.New(codes.PermissionDenied, "x")), targetRefuses},
		"gRPC Unavailable":                      {consumererror.NewOTLPGRPCError(full, grpcstatus.New(codes.Unavailable, "x")), temporary},
		"gRPC ResourceExhausted with RetryInfo": {consumererror.NewOTLPGRPCError(full, withRetryInfo), temporary},
		"gRPC ResourceExhausted":                {consumererror.NewOTLPGRPCError(full, exhausted), itemsRefused},
		"gRPC limit":                            {consumererror.NewOTLPGRPCError(full, grpcLimit), tooLarge},
		"exporter: gRPC limit":                  {consumererror.NewPermanent(grpcLimit.Err()), tooLarge},
		"exporter: ResourceExhausted":           {consumererror.NewPermanent(exhausted.Err()), itemsRefused},
		"exporter: RetryInfo":                   {fmt.Errorf("throttle: %w", withRetryInfo.Err()), temporary},
		"exporter: HTTP 413":                    {consumererror.NewPermanent(grpcstatus.Error(codes.Unknown, "responded with HTTP Status Code 413")), tooLarge},
		"exporter: HTTP 429":                    {grpcstatus.Error(codes.ResourceExhausted, "responded with HTTP Status Code 429"), temporary},
		"exporter: HTTP 404":                    {consumererror.NewPermanent(grpcstatus.Error(codes.Unimplemented, "HTTP Status Code 404")), targetRefuses},
		"exporter: Kafka limit":                 {consumererror.NewPermanent(errors.New("MESSAGE_TOO_LARGE: larger than the broker takes")), tooLarge},
		"permanent status":                      {grpcstatus.Error(codes.InvalidArgument, "x"), itemsRefused},
		"temporary status":                      {grpcstatus.Error(codes.DeadlineExceeded, "x"), temporary},
		"permanent around a temporary status":   {consumererror.NewPermanent(grpcstatus.Error(codes.Unavailable, "x")), itemsRefused},
	}
	require.Len(t, cases, 39)
	for name, c := range cases {
		t.Run(name, func(t *testing.T) { require.Equal(t, c.want, refusalOf(c.err)) })
	}
}

// noErrors is an error that wraps an empty list of errors.
type noErrors struct{}

func (noErrors) Error() string   { return "none" }
func (noErrors) Unwrap() []error { return nil }
