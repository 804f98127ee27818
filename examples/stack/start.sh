#!/usr/bin/env bash
# Starts Jaeger, Loki, Prometheus and the collector, which `make stack` has built or
# downloaded, and stops them at Ctrl-C. Their data is deleted then. To use another port, set
# one of the variables below in the environment.
set -euo pipefail
cd "$(dirname "$0")/../.."
export CDR_PORT=${CDR_PORT:-8080} METRICS_PORT=${METRICS_PORT:-9464} OWN_PORT=${OWN_PORT:-8888}
export JAEGER_PORT=${JAEGER_PORT:-16686} JAEGER_OTLP=${JAEGER_OTLP:-4317} JAEGER_GRPC=${JAEGER_GRPC:-16685}
export LOKI_PORT=${LOKI_PORT:-3100} LOKI_GRPC=${LOKI_GRPC:-9095} PROMETHEUS_PORT=${PROMETHEUS_PORT:-9090}
STACK_DATA=$(mktemp -d)
export STACK_DATA
trap 'kill $(jobs -p) 2>/dev/null || true; wait || true; rm -rf "$STACK_DATA"' EXIT
trap 'exit 0' INT TERM

# run NAME COMMAND...: starts a program. Its output is in NAME.log.
run() {
  local name=$1
  shift
  "$@" >"$STACK_DATA/$name.log" 2>&1 &
  eval "pid_$name=$!"
}
# ready NAME URL: waits until the program answers. If it ends, or does not answer within
# two minutes, prints the end of its output and exits.
ready() {
  local pid=pid_$1 end=$((SECONDS + 120))
  while ((SECONDS < end)); do
    kill -0 "${!pid}" 2>/dev/null || break
    curl -sf --max-time 5 -o /dev/null "$2" && return
    sleep 0.2
  done
  echo "$1 does not answer at $2:" && tail -n 20 "$STACK_DATA/$1.log" && exit 1
}

cat >"$STACK_DATA/prometheus.yaml" <<CONFIG
global: {scrape_interval: 5s}
rule_files: ["$PWD/examples/prometheus/alerts.yaml"]
scrape_configs:
  - {job_name: meeting-server, honor_labels: true, static_configs: [{targets: ["127.0.0.1:$METRICS_PORT"]}]}
  - {job_name: collector, static_configs: [{targets: ["127.0.0.1:$OWN_PORT"]}]}
CONFIG

run jaeger "${JAEGER:-build/jaeger/jaeger}" --config examples/stack/jaeger.yaml
run loki "${LOKI:-build/loki/loki}" -config.expand-env=true -config.file=examples/stack/loki.yaml
run prometheus "${PROMETHEUS:-build/prometheus/usr/bin/prometheus}" --config.file="$STACK_DATA/prometheus.yaml" \
  --storage.tsdb.path="$STACK_DATA/prometheus" --web.listen-address="127.0.0.1:$PROMETHEUS_PORT" \
  --enable-feature=exemplar-storage
ready jaeger "http://127.0.0.1:$JAEGER_PORT/api/services"
ready loki "http://127.0.0.1:$LOKI_PORT/ready"
ready prometheus "http://127.0.0.1:$PROMETHEUS_PORT/-/ready"

# The collector merges the second configuration into that of the example, which names other
# hosts. The second one sets the addresses of this machine and the ports from above.
run collector "${COLLECTOR:-build/otelcol-cms}" --config examples/jaeger-loki-prometheus.yaml --config "yaml:
receivers: {cms_cdr: {http: {endpoint: '0.0.0.0:$CDR_PORT'}}}
exporters:
  otlp_grpc/jaeger: {endpoint: '127.0.0.1:$JAEGER_OTLP'}
  otlp_http/loki: {endpoint: 'http://127.0.0.1:$LOKI_PORT/otlp'}
  prometheus: {endpoint: '127.0.0.1:$METRICS_PORT'}
service: {telemetry: {metrics: {readers: [{pull: {exporter: {prometheus: {host: 127.0.0.1, port: $OWN_PORT}}}}]}}}"
ready collector "http://127.0.0.1:$CDR_PORT/cdr"

cat <<TEXT
Everything runs; press Ctrl-C to stop it.
  post CDRs to     http://localhost:$CDR_PORT/cdr      (or: make simulate ARGS="-calls 20 -bridges 2 -speed 60 -target http://localhost:$CDR_PORT/cdr")
  traces           http://localhost:$JAEGER_PORT            service cisco-meeting-server
  metrics, alerts  http://localhost:$PROMETHEUS_PORT
  logs             http://localhost:$LOKI_PORT             for Grafana or logcli: {service_name="cisco-meeting-server"}
TEXT
wait -n || true
echo "A program ended:" && tail -n 5 "$STACK_DATA"/*.log && exit 1
