package cmscdrreceiver

import (
	"context"
	"fmt"
	"net/http"
	"strings"
	"sync/atomic"
	"testing"

	"github.com/stretchr/testify/require"
	"go.opentelemetry.io/collector/component"
	"go.opentelemetry.io/collector/consumer"
	"go.opentelemetry.io/collector/pdata/plog"
	"go.opentelemetry.io/collector/pdata/ptrace"
	"go.opentelemetry.io/collector/pipeline"
	"go.opentelemetry.io/collector/receiver"
	"go.opentelemetry.io/collector/receiver/receivertest"

	"github.com/cmscdr/cmscdrreceiver/internal/metadata"
)

// callBridge generates the input of the contract test. Each of its documents has one call and
// its own session, and is posted until it is acknowledged: the contract is about single
// documents, not their order.
type callBridge struct {
	url       string
	next      atomic.Int64
	attribute string // that identifies an emitted item
	t         *testing.T
}

func (b *callBridge) Start() {}
func (b *callBridge) Stop()  {}

func (b *callBridge) Generate() []receivertest.UniqueIDAttrVal {
	n := b.next.Add(1)
	session := fmt.Sprintf("5e550000-0000-4000-8000-%012d", n)
	call := fmt.Sprintf("ca110000-0000-4000-8000-%012d", n)
	body := fmt.Sprintf(`<records session="%s"><record type="callEnd" time="2026-03-02T08:01:00Z" correlatorIndex="0">`+
		`<call id="%s"><durationSeconds>60</durationSeconds></call></record></records>`, session, call)
	client := http.Client{Transport: &http.Transport{DisableKeepAlives: true}}
	for {
		answer, err := client.Post(b.url, "text/xml", strings.NewReader(body))
		if err != nil {
			continue // not listening yet
		}
		require.NoError(b.t, answer.Body.Close())
		if answer.StatusCode == http.StatusOK {
			break
		}
		require.Equal(b.t, http.StatusServiceUnavailable, answer.StatusCode)
	}
	if b.attribute == "log.record.uid" {
		return []receivertest.UniqueIDAttrVal{
			receivertest.UniqueIDAttrVal(session + "/0"),
			receivertest.UniqueIDAttrVal(session + "/0/cisco.cms.session.start"),
		}
	}
	return []receivertest.UniqueIDAttrVal{receivertest.UniqueIDAttrVal(call)}
}

// identifyingFactory returns the receiver's factory with consumers that copy the
// identity of each item to the attribute that the contract test compares.
func identifyingFactory() receiver.Factory {
	factory := NewFactory()
	return receiver.NewFactory(
		metadata.Type, factory.CreateDefaultConfig,
		receiver.WithLogs(func(ctx context.Context, set receiver.Settings, cfg component.Config, next consumer.Logs) (receiver.Logs, error) {
			return factory.CreateLogs(ctx, set, cfg, logsFunc(func(ctx context.Context, logs plog.Logs) error {
				for _, record := range logs.ResourceLogs().At(0).ScopeLogs().At(0).LogRecords().All() {
					uid, _ := record.Attributes().Get("log.record.uid")
					record.Attributes().PutStr(receivertest.UniqueIDAttrName, uid.Str())
				}
				return next.ConsumeLogs(ctx, logs)
			}))
		}, metadata.LogsStability),
		receiver.WithTraces(func(ctx context.Context, set receiver.Settings, cfg component.Config, next consumer.Traces) (receiver.Traces, error) {
			return factory.CreateTraces(ctx, set, cfg, tracesFunc(func(ctx context.Context, traces ptrace.Traces) error {
				for _, span := range traces.ResourceSpans().At(0).ScopeSpans().At(0).Spans().All() {
					id, _ := span.Attributes().Get("cisco.cms.call.id")
					span.Attributes().PutStr(receivertest.UniqueIDAttrName, id.Str())
				}
				return next.ConsumeTraces(ctx, traces)
			}))
		}, metadata.TracesStability),
	)
}

// TestConsumeContract runs the collector's contract test for receivers: the pipeline gets each
// item until the item is accepted or refused permanently, and not again afterwards.
func TestConsumeContract(t *testing.T) {
	for signal, attribute := range map[pipeline.Signal]string{
		pipeline.SignalLogs:   "log.record.uid",
		pipeline.SignalTraces: "cisco.cms.call.id",
	} {
		t.Run(signal.String(), func(t *testing.T) {
			cfg := createDefaultConfig().(*Config)
			cfg.HTTP.NetAddr.Endpoint = freeAddress(t)
			receivertest.CheckConsumeContract(receivertest.CheckConsumeContractParams{
				T:             t,
				Factory:       identifyingFactory(),
				Signal:        signal,
				Config:        cfg,
				Generator:     &callBridge{url: "http://" + cfg.HTTP.NetAddr.Endpoint + "/cdr", attribute: attribute, t: t},
				GenerateCount: 100,
			})
		})
	}
}
