package cmscdrreceiver

import (
	"cmp"
	"errors"
	"net/http"
	"slices"
	"strings"

	"go.opentelemetry.io/collector/consumer/consumererror"
	"google.golang.org/genproto/googleapis/rpc/errdetails"
	"google.golang.org/grpc/codes"
	grpcstatus "google.golang.org/grpc/status"
)

// refusal is what the error of a pipeline says about delivering the same items again. After
// temporary, the constants are ordered by how far canDivide allows a work to be divided.
type refusal uint8

const (
	// temporary: the same items may be accepted later.
	temporary refusal = iota
	// targetRefuses: the target refuses the collector, regardless of the items.
	targetRefuses
	// itemsRefused: some of the items are refused permanently.
	itemsRefused
	// tooLarge: a smaller payload may be accepted.
	tooLarge
)

// refusalOf classifies the error of a pipeline as the OTLP exporters classify the
// answers of their targets. An error without a classification is temporary, as the
// contract of consumers says.
func refusalOf(err error) refusal {
	switch e := err.(type) {
	case interface{ Unwrap() []error }:
		return refusalOfAll(e.Unwrap())
	case *consumererror.Error:
		switch {
		case e.IsRetryable():
			return temporary
		case consumererror.ToHTTPStatus(e) == http.StatusRequestEntityTooLarge:
			return tooLarge
		}
		return refusalOfStatus(consumererror.ToGRPCStatus(e))
	case interface{ GRPCStatus() *grpcstatus.Status }:
		return refusalOfStatus(e.GRPCStatus())
	}
	unwrapped := errors.Unwrap(err)
	if unwrapped == nil {
		return temporary
	}
	inner := refusalOf(unwrapped)
	// err itself is from NewPermanent, so a temporary error in it counts as permanent.
	if consumererror.IsPermanent(err) && !consumererror.IsPermanent(unwrapped) {
		if saysTooLarge(unwrapped.Error()) {
			return tooLarge
		}
		return cmp.Or(inner, itemsRefused)
	}
	return inner
}

// refusalOfAll classifies the joined errors of the fan-out, one for each branch. The
// refusal is temporary if one branch may accept the items later; otherwise it is the
// highest of the branches, with which the work is divided furthest. IsPermanent is not used,
// because it is true as soon as one branch refuses the items permanently.
func refusalOfAll(branches []error) refusal {
	refusals := make([]refusal, len(branches))
	for i, err := range branches {
		refusals[i] = refusalOf(err)
	}
	if len(refusals) == 0 || slices.Contains(refusals, temporary) {
		return temporary
	}
	return slices.Max(refusals)
}

func refusalOfStatus(s *grpcstatus.Status) refusal {
	switch s.Code() {
	case codes.Canceled, codes.DeadlineExceeded, codes.Aborted, codes.OutOfRange, codes.Unavailable, codes.DataLoss:
		return temporary
	case codes.Unauthenticated, codes.PermissionDenied, codes.Unimplemented:
		return targetRefuses
	case codes.ResourceExhausted:
		return refusalOfExhausted(s)
	default:
		return itemsRefused
	}
}

// refusalOfExhausted classifies ResourceExhausted. A target that expects to recover
// sends RetryInfo. The OTLP exporter over HTTP maps a 429 to this code and keeps the
// number in the message.
func refusalOfExhausted(s *grpcstatus.Status) refusal {
	hasRetryInfo := slices.ContainsFunc(s.Details(), func(detail any) bool {
		_, ok := detail.(*errdetails.RetryInfo)
		return ok
	})
	switch {
	case hasRetryInfo || strings.Contains(s.Message(), "HTTP Status Code 429"):
		return temporary
	case saysTooLarge(s.Message()):
		return tooLarge
	default:
		return itemsRefused
	}
}

// saysTooLarge reports whether a message has the words with which gRPC, the OTLP exporter
// over HTTP or Kafka report a payload that is too large. The status codes of the first two
// also have other causes, and the error of Kafka has a type of a client library that the
// receiver does not import.
func saysTooLarge(message string) bool {
	return slices.ContainsFunc([]string{"larger than max", "HTTP Status Code 413", "MESSAGE_TOO_LARGE"}, func(words string) bool {
		return strings.Contains(message, words)
	})
}
