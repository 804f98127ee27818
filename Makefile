# The dozen verbs of this project; CI runs the same ones. Go and make suffice.
.DEFAULT_GOAL := help
SHELL := bash
.SHELLFLAGS := -o pipefail -c
GO ?= go
TOOLS := build/tools
COLLECTOR := build/otelcol-cms
FUZZTIME ?= 30s
# The newest line of which all is served that go.mod requires.
NEWEST := v0.164.0
# A program of your own does as well, with promtool beside it.
PROMETHEUS ?= build/prometheus/usr/bin/prometheus
JAEGER ?= build/jaeger/jaeger
LOKI ?= build/loki/loki
KAFKA := build/kafka/kafka
# Generated code is left out of the coverage.
COVERED = $$($(GO) list ./receiver ./internal/... | grep -v /internal/metadata | paste -sd,)
# ocb builds without cgo and with -trimpath: what else is built so, and without
# the race detector, finds most of it done.
build demo run simulate lint generate check bench bench-peers bench-backlog cover $(TOOLS)/%: export GOFLAGS := $(GOFLAGS) -trimpath
build demo run simulate lint generate check bench bench-peers bench-backlog cover $(TOOLS)/%: export CGO_ENABLED := 0

help: ## list the targets
	@grep -hE '^[a-z0-9-]+:.*##' $(MAKEFILE_LIST) | sed 's/:.*## /\t/' | expand -t 16

demo: build ## build a collector, play a short meeting to it, show on a screen what comes out
	$(GO) run ./internal/cmd/demo -collector $(COLLECTOR) -config examples/collector.yaml

run: build ## build a collector, listen for CDRs on :8080, print a line for each record
	$(GO) run ./internal/cmd/demo -watch -collector $(COLLECTOR) -config examples/collector.yaml

stack: curl $(PROMETHEUS) build $(JAEGER) $(LOKI) ## start Jaeger, Loki, Prometheus and the collector on this machine
	COLLECTOR=$(abspath $(COLLECTOR)) JAEGER=$(abspath $(JAEGER)) LOKI=$(abspath $(LOKI)) PROMETHEUS=$(abspath $(PROMETHEUS)) examples/stack/start.sh

simulate: ## play meetings to a running collector (ARGS="-h" lists the settings)
	$(GO) run ./internal/cmd/cmssim $(ARGS)

build: $(COLLECTOR) ## build the collector into build/otelcol-cms
SOURCES := $(shell find receiver internal -name '*.go' -not -name '*_test.go' -not -path '*/internal/cmd/*')
$(COLLECTOR): builder-config.yaml go.mod go.sum $(SOURCES) $(TOOLS)/builder
	{ cat builder-config.yaml; echo 'replaces: ["github.com/cmscdr/cmscdrreceiver => $(CURDIR)"]'; } > build/builder-config.yaml
	$(TOOLS)/builder --config build/builder-config.yaml
	@touch $@

$(TOOLS)/%: internal/tools/go.mod internal/tools/go.sum
	@mkdir -p $(TOOLS)
	cd internal/tools && GOBIN=$(CURDIR)/$(TOOLS) $(GO) install $$($(GO) list tool | grep '/$*$$')
	@touch $@

test: ## run all tests
	$(GO) test -race -timeout 30m ./...

test-newest: ## run all tests against the newest line of the collector's modules
	$(GO) test -modfile go.newest.mod -timeout 30m ./...

e2e: curl $(PROMETHEUS) build $(JAEGER) $(LOKI) $(KAFKA) ## run what make build built against real programs, and kill it (KILLS=50)
	COLLECTOR=$(CURDIR)/$(COLLECTOR) BUILDER=$(CURDIR)/$(TOOLS)/builder JAEGER=$(abspath $(JAEGER)) LOKI=$(abspath $(LOKI)) \
	  PROMETHEUS=$(abspath $(PROMETHEUS)) PROMTOOL=$(abspath $(dir $(PROMETHEUS))promtool) KAFKA=$(abspath $(KAFKA)) CGO_ENABLED=1 \
	  $(GO) test -race -count 1 -timeout 20m ./internal/e2e
	cd internal/e2e/manifests && COLLECTOR=$(CURDIR)/$(COLLECTOR) LOKI=$(abspath $(LOKI)) PROMTOOL=$(abspath $(dir $(PROMETHEUS))promtool) $(GO) test -count 1 ./...

e2e-prometheus: build $(PROMETHEUS) ## hold the metrics against a real Prometheus, which is fetched if need be
	COLLECTOR=$(CURDIR)/$(COLLECTOR) PROMETHEUS=$(abspath $(PROMETHEUS)) PROMTOOL=$(abspath $(dir $(PROMETHEUS))promtool) CGO_ENABLED=1 \
	  $(GO) test -race -count 1 -timeout 20m -run 'Prometheus|Alerts|Active' ./internal/e2e

release: $(TOOLS)/builder zip ## make packages, archives and images in build/release (PLATFORMS=linux/amd64)
	PLATFORMS="$(PLATFORMS)" internal/release/release.sh

e2e-release: rpm systemd-analyze ## install and run what make release left
	RELEASE=$(CURDIR)/build/release $(AS_ROOT) $(GO) test -count 1 -timeout 5m -run Release ./internal/e2e
# dpkg and chroot take a root; one in a namespace of its own will do.
AS_ROOT := $(if $(filter-out 0,$(shell id -u)),unshare --map-root-user --map-auto)

curl:
	@command -v curl >/dev/null || apt-get install -y curl

# Debian's, unpacked and not installed: it would start a service.
build/prometheus/usr/bin/prometheus:
	@mkdir -p build/prometheus
	cd build/prometheus && { apt-get download prometheus || { apt-get update && apt-get download prometheus; }; } && dpkg -x prometheus_*.deb .

# Each takes some minutes, once: as pinned by a module of its own.
build/jaeger/jaeger: internal/e2e/jaeger/go.mod internal/e2e/jaeger/go.sum
	cd internal/e2e/jaeger && CGO_ENABLED=0 $(GO) build -trimpath -o $(CURDIR)/$@ github.com/jaegertracing/jaeger/cmd/jaeger
	@touch $@

build/loki/loki: internal/e2e/loki/go.mod internal/e2e/loki/go.sum
	cd internal/e2e/loki && CGO_ENABLED=0 $(GO) build -trimpath -o $(CURDIR)/$@ github.com/grafana/loki/v3/cmd/loki
	@touch $@

$(KAFKA): internal/e2e/kafka/main.go internal/e2e/kafka/go.mod internal/e2e/kafka/go.sum
	cd internal/e2e/kafka && CGO_ENABLED=0 $(GO) build -trimpath -o $(CURDIR)/$@ .

lint: shellcheck $(TOOLS)/staticcheck $(TOOLS)/gofumpt ## vet, staticcheck, gofumpt, shellcheck; YAML, JSON and links
	$(GO) vet ./...
	$(TOOLS)/staticcheck ./...
	@for module in internal/release internal/e2e/kafka internal/e2e/manifests; do \
	  (cd $$module && $(GO) vet ./... && $(CURDIR)/$(TOOLS)/staticcheck ./...) || exit 1; done
	@files=$$(git ls-files '*.go' | grep -v generated_ | xargs $(TOOLS)/gofumpt -l); test -z "$$files" || { echo "gofumpt these: $$files"; exit 1; }
	git ls-files '*.sh' .ci/run | xargs shellcheck
	$(GO) test -run 'Links|Syntax' ./internal/e2e

shellcheck zip rpm systemd-analyze:
	@command -v $@ >/dev/null || apt-get install -y $(@:%-analyze=%) || { apt-get update && apt-get install -y $(@:%-analyze=%); }

generate: $(TOOLS)/mdatagen ## generate what metadata.yaml describes
	internal/tools/generate.sh

check: generate tidy ## check that generated files and go.mod are up to date
	@git diff --exit-code -- $(GENERATED) && test -z "$$(git ls-files -o --exclude-standard -- $(GENERATED))" || \
	  { echo "commit what 'make generate tidy' changed"; exit 1; }
GENERATED := internal/metadata internal/metadatatest receiver/generated_*.go documentation.md README.md \
  go.mod go.sum go.newest.mod go.newest.sum internal/tools/go.mod internal/tools/go.sum \
  internal/release/go.mod internal/release/go.sum

tidy: ## tidy all modules
	$(GO) mod tidy
	cd internal/tools && $(GO) mod tidy
	cd internal/release && $(GO) mod tidy
	cp go.mod go.newest.mod && cp go.sum go.newest.sum && internal/tools/line.sh go.newest.mod $(NEWEST)

upgrade: ## move the project to another line of the collector's modules (LINE=v0.156.0)
	internal/tools/upgrade.sh $(LINE)
	$(MAKE) tidy generate

cover: ## test coverage without generated code: at least 85 %
	@mkdir -p build
	$(GO) test -timeout 20m -coverprofile build/cover.out -coverpkg $(COVERED) ./receiver ./internal/... | sed 's/ of statements in.*//'
	@$(GO) tool cover -func build/cover.out | tail -1 | awk '{print "coverage", $$3; exit $$3 + 0 < 85}'

bench: ## benchmarks, as ratios and allocations (BENCH=. COUNT=5)
	$(GO) test -run '^$$' -bench '$(or $(BENCH),.)' -benchmem -count $(or $(COUNT),5) ./...

bench-peers: build ## compare with the collector's own receiver, on two cores (ROUNDS=5)
	$(GO) build -o build/peers ./internal/cmd/peers
	taskset -c 1 build/peers -collector $(COLLECTOR) -rounds $(or $(ROUNDS),5)

bench-backlog: build ## post a backlog while another Call Bridge posts single records (RECORDS=1000000)
	$(GO) run ./internal/cmd/peers -collector $(COLLECTOR) -backlog $(or $(RECORDS),1000000)

fuzz: ## fuzz every target for FUZZTIME
	@$(GO) list ./... | while read -r package; do \
	  $(GO) test -list '^Fuzz' $$package | grep '^Fuzz' | while read -r target; do \
	    echo "$$package $$target"; $(GO) test -run '^$$' -fuzz "^$$target\$$" -fuzztime $(FUZZTIME) $$package || exit 1; \
	  done || exit 1; done

vulncheck: $(TOOLS)/govulncheck ## look for known vulnerabilities, where their database is reachable
	$(TOOLS)/govulncheck ./...

clean: ## remove all that was built
	rm -rf build

.PHONY: help curl shellcheck zip rpm systemd-analyze demo run stack simulate build test test-newest e2e e2e-prometheus release e2e-release lint generate check tidy upgrade cover bench bench-peers bench-backlog fuzz vulncheck clean
