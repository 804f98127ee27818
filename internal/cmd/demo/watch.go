package main

import (
	"context"
	"fmt"
	"io"
	"os/exec"
	"strings"
	"sync"
	"syscall"

	"go.opentelemetry.io/collector/pdata/plog"
	"go.opentelemetry.io/collector/pdata/ptrace"

	"github.com/cmscdr/cmscdrreceiver/internal/testing/otlpsink"
)

// watch starts the collector with the configuration, but its logs and spans are exported
// to this process. Until ctx ends, it prints a line for each log record and for each ended
// meeting that has a name. The collector's own output is written to warnings.
func watch(ctx context.Context, p *page, warnings io.Writer, binary, config string) error {
	w := &watcher{page: p}
	sink, err := otlpsink.Listen(w.logs, w.traces)
	if err != nil {
		return err
	}
	defer sink.Close()
	command := exec.CommandContext(ctx, binary, "--config", config, "--config", fmt.Sprintf(exportersToSink, sink.URL))
	command.Stdout, command.Stderr = warnings, warnings
	command.Cancel = func() error { return command.Process.Signal(syscall.SIGTERM) }
	if err := command.Start(); err != nil {
		return fmt.Errorf("cannot start the collector %q: %w; build it with make build", binary, err)
	}
	w.announce(config)
	if err := command.Wait(); err != nil && ctx.Err() == nil {
		return fmt.Errorf("the collector exited: %w", err)
	}
	return nil
}

// watcher prints a line for each log record and for each ended meeting that has a name. Its
// lock keeps the lines of a payload together.
type watcher struct {
	mu   sync.Mutex
	page *page
}

// announce prints what the lines contain and where records come from.
func (w *watcher) announce(config string) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.page.line(bold, "A line for each record: time (UTC), subject, event. Stop with Ctrl-C.")
	w.page.line(faint, `Send records from a second terminal: make simulate ARGS="-demo -speed 60"`)
	w.page.line(faint, "The configuration is "+config+", but logs and traces are printed here instead of exported.")
}

func (w *watcher) logs(_ string, logs plog.Logs) error {
	w.mu.Lock()
	defer w.mu.Unlock()
	for _, r := range records(logs) {
		description := strings.Join(r.clauses(), ", ")
		if call := r.attribute("call.name"); call != "" && strings.HasPrefix(r.event(), "call_leg") {
			description += " (" + call + ")"
		}
		w.page.line(r.style(), clock(r.Timestamp())+"  "+padded(r.subject(), 26)+"  "+description)
	}
	return nil
}

// traces prints the trace id of each root span that has a call name. Such a span is that of a
// meeting, or of a call that was alone in its meeting.
func (w *watcher) traces(_ string, traces ptrace.Traces) error {
	w.mu.Lock()
	defer w.mu.Unlock()
	for _, r := range unsortedRows([]ptrace.Traces{traces}) {
		if name := text(r.span.Attributes(), "cisco.cms.call.name"); name != "" && r.span.ParentSpanID().IsEmpty() {
			w.page.line(faint, clock(r.span.EndTimestamp())+"  "+padded(name, 26)+"  is trace "+r.span.TraceID().String())
		}
	}
	return nil
}
