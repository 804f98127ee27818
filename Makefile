# The targets of this project. On Debian and Ubuntu they need only Go, make, git and a C
# compiler (for go test -race), and install other programs with apt-get if necessary, which
# needs root. CI runs the targets in .ci/run.
.DEFAULT_GOAL := help
SHELL := bash
.SHELLFLAGS := -o pipefail -c
GO ?= go
TOOLS := build/tools
COLLECTOR := build/otelcol-cms
FUZZTIME ?= 30s
# The newest line (release) of the collector's modules whose required modules can all be
# downloaded. docs/upgrading-the-collector.md explains lines.
NEWEST := v0.164.0
# To use an installed Prometheus, set this to its path; promtool must be in the same folder.
PROMETHEUS ?= build/prometheus/usr/bin/prometheus
JAEGER ?= build/jaeger/jaeger
LOKI ?= build/loki/loki
KAFKA := build/kafka/kafka
# Coverage does not include generated code.
COVERED = $$($(GO) list ./receiver ./internal/... | grep -v /internal/metadata | paste -sd,)
# ocb builds without cgo and with -trimpath. The go commands of these targets use the same
# settings, so that they share its build cache.
build demo run simulate lint generate check bench bench-peers bench-backlog cover $(TOOLS)/%: export GOFLAGS := $(GOFLAGS) -trimpath
build demo run simulate lint generate check bench bench-peers bench-backlog cover $(TOOLS)/%: export CGO_ENABLED := 0

help: ## list the targets
	@grep -hE '^[a-z0-9-]+:.*##' $(MAKEFILE_LIST) | sed 's/:.*## /\t/' | expand -t 16

demo: build ## build a collector, play a short meeting to it, and show the result on one screen
	$(GO) run ./internal/cmd/demo -collector $(COLLECTOR) -config examples/collector.yaml

run: build ## build a collector, listen for CDRs on port 8080, and print a line for each record
	$(GO) run ./internal/cmd/demo -watch -collector $(COLLECTOR) -config examples/collector.yaml

stack: curl $(PROMETHEUS) build $(JAEGER) $(LOKI) ## start Jaeger, Loki, Prometheus and the collector on this machine
	COLLECTOR=$(abspath $(COLLECTOR)) JAEGER=$(abspath $(JAEGER)) LOKI=$(abspath $(LOKI)) PROMETHEUS=$(abspath $(PROMETHEUS)) examples/stack/start.sh

simulate: ## play meetings to a running collector (ARGS=-h lists the options)
	$(GO) run ./internal/cmd/cmssim $(ARGS)

build: $(COLLECTOR) ## build the collector build/otelcol-cms
SOURCES := $(shell find receiver internal -name '*.go' -not -name '*_test.go' -not -path '*/internal/cmd/*')
$(COLLECTOR): builder-config.yaml go.mod go.sum $(SOURCES) $(TOOLS)/builder
	{ cat builder-config.yaml; echo 'replaces: ["github.com/cmscdr/cmscdrreceiver => $(CURDIR)"]'; } > build/builder-config.yaml
	$(TOOLS)/builder --config build/builder-config.yaml
	@touch $@

$(TOOLS)/%: internal/tools/go.mod internal/tools/go.sum
	@mkdir -p $(TOOLS)
	cd internal/tools && GOBIN=$(CURDIR)/$(TOOLS) $(GO) install $$($(GO) list tool | grep '/$*$$')
	@touch $@

test: ## run all tests that need no other program
	$(GO) test -race -timeout 30m ./...

test-newest: ## run all tests against the newest line of the collector's modules
	$(GO) test -modfile go.newest.mod -timeout 30m ./...

e2e: curl $(PROMETHEUS) build $(JAEGER) $(LOKI) $(KAFKA) ## test the built collector with real programs, and kill it several times (KILLS=50)
	COLLECTOR=$(CURDIR)/$(COLLECTOR) BUILDER=$(CURDIR)/$(TOOLS)/builder JAEGER=$(abspath $(JAEGER)) LOKI=$(abspath $(LOKI)) \
	  PROMETHEUS=$(abspath $(PROMETHEUS)) PROMTOOL=$(abspath $(dir $(PROMETHEUS))promtool) KAFKA=$(abspath $(KAFKA)) CGO_ENABLED=1 \
	  $(GO) test -race -count 1 -timeout 20m ./internal/e2e
	cd internal/e2e/manifests && COLLECTOR=$(CURDIR)/$(COLLECTOR) LOKI=$(abspath $(LOKI)) PROMTOOL=$(abspath $(dir $(PROMETHEUS))promtool) $(GO) test -count 1 ./...

e2e-prometheus: build $(PROMETHEUS) ## test the metrics and the alert rules with a real Prometheus
	COLLECTOR=$(CURDIR)/$(COLLECTOR) PROMETHEUS=$(abspath $(PROMETHEUS)) PROMTOOL=$(abspath $(dir $(PROMETHEUS))promtool) CGO_ENABLED=1 \
	  $(GO) test -race -count 1 -timeout 20m -run 'Prometheus|Alerts|Active' ./internal/e2e

release: $(TOOLS)/builder zip ## build packages, archives and images of all platforms in build/release, or of some (such as PLATFORMS=linux/amd64)
	PLATFORMS="$(PLATFORMS)" internal/release/release.sh

e2e-release: rpm systemd-analyze ## install and run the files of make release
	RELEASE=$(CURDIR)/build/release $(AS_ROOT) $(GO) test -count 1 -timeout 5m -run Release ./internal/e2e
# dpkg and chroot need root; root in a user namespace is enough, for which unshare needs
# newuidmap from the package uidmap.
AS_ROOT := $(if $(filter-out 0,$(shell id -u)),unshare --map-root-user --map-auto)

# Debian's package is unpacked and not installed, because its installation starts a service.
build/prometheus/usr/bin/prometheus:
	@mkdir -p build/prometheus
	cd build/prometheus && { apt-get download prometheus || { apt-get update && apt-get download prometheus; }; } && dpkg -x prometheus_*.deb .

# Each program is pinned in its own module. The first build takes some minutes.
build/jaeger/jaeger: internal/e2e/jaeger/go.mod internal/e2e/jaeger/go.sum
	cd internal/e2e/jaeger && CGO_ENABLED=0 $(GO) build -trimpath -o $(CURDIR)/$@ github.com/jaegertracing/jaeger/cmd/jaeger
	@touch $@

build/loki/loki: internal/e2e/loki/go.mod internal/e2e/loki/go.sum
	cd internal/e2e/loki && CGO_ENABLED=0 $(GO) build -trimpath -o $(CURDIR)/$@ github.com/grafana/loki/v3/cmd/loki
	@touch $@

$(KAFKA): internal/e2e/kafka/main.go internal/e2e/kafka/go.mod internal/e2e/kafka/go.sum
	cd internal/e2e/kafka && CGO_ENABLED=0 $(GO) build -trimpath -o $(CURDIR)/$@ .

lint: shellcheck $(TOOLS)/staticcheck $(TOOLS)/gofumpt ## run vet, staticcheck, gofumpt and shellcheck; check YAML, JSON and links
	$(GO) vet ./...
	$(TOOLS)/staticcheck ./...
	@for module in internal/release internal/e2e/kafka internal/e2e/manifests; do \
	  (cd $$module && $(GO) vet ./... && $(CURDIR)/$(TOOLS)/staticcheck ./...) || exit 1; done
	@files=$$(git ls-files '*.go' | grep -v generated_ | xargs $(TOOLS)/gofumpt -l); test -z "$$files" || { echo "gofumpt these: $$files"; exit 1; }
	git ls-files '*.sh' .ci/run | xargs shellcheck
	$(GO) test -run 'Links|Syntax' ./internal/e2e

curl shellcheck zip rpm systemd-analyze:
	@command -v $@ >/dev/null || apt-get install -y $(@:%-analyze=%) || { apt-get update && apt-get install -y $(@:%-analyze=%); }

generate: $(TOOLS)/mdatagen ## generate code and documentation from metadata.yaml
	internal/tools/generate.sh

check: generate tidy ## check that the files that make generate and make tidy write are up to date
	@git diff --exit-code -- $(GENERATED) && test -z "$$(git ls-files -o --exclude-standard -- $(GENERATED))" || \
	  { echo "commit what 'make generate tidy' changed"; exit 1; }
GENERATED := internal/metadata internal/metadatatest receiver/generated_*.go documentation.md README.md \
  go.mod go.sum go.newest.mod go.newest.sum internal/tools/go.mod internal/tools/go.sum \
  internal/release/go.mod internal/release/go.sum

tidy: ## tidy the modules of the receiver, the tools and the release
	$(GO) mod tidy
	cd internal/tools && $(GO) mod tidy
	cd internal/release && $(GO) mod tidy
	cp go.mod go.newest.mod && cp go.sum go.newest.sum && internal/tools/line.sh go.newest.mod $(NEWEST)

upgrade: ## raise the oldest line of the collector's modules to LINE (such as LINE=v0.156.0)
	internal/tools/upgrade.sh $(LINE)
	$(MAKE) tidy generate

cover: ## measure the test coverage, which must be at least 85 % without generated code
	@mkdir -p build
	$(GO) test -timeout 20m -coverprofile build/cover.out -coverpkg $(COVERED) ./receiver ./internal/... | sed 's/ of statements in.*//'
	@$(GO) tool cover -func build/cover.out | tail -1 | awk '{print "coverage", $$3; exit $$3 + 0 < 85}'

bench: ## run benchmarks (BENCH=. COUNT=5)
	$(GO) test -run '^$$' -bench '$(or $(BENCH),.)' -benchmem -count $(or $(COUNT),5) ./...

bench-peers: build ## compare what a record costs in this receiver and in the OTLP receiver, on two cores (ROUNDS=15)
	$(GO) build -o build/peers ./internal/cmd/peers
	taskset -c 1 build/peers -collector $(COLLECTOR) -rounds $(or $(ROUNDS),15)

bench-backlog: build ## measure a backlog while another Call Bridge posts single records (RECORDS=1000000)
	$(GO) run ./internal/cmd/peers -collector $(COLLECTOR) -backlog $(or $(RECORDS),1000000)

fuzz: ## run each fuzz target for FUZZTIME (FUZZTIME=30s)
	@$(GO) list ./... | while read -r package; do \
	  $(GO) test -list '^Fuzz' $$package | sed -n '/^Fuzz/p' | while read -r target; do \
	    echo "$$package $$target"; $(GO) test -run '^$$' -fuzz "^$$target\$$" -fuzztime $(FUZZTIME) $$package || exit 1; \
	  done || exit 1; done

vulncheck: $(TOOLS)/govulncheck ## check for known vulnerabilities; fails if their database is not reachable
	$(TOOLS)/govulncheck ./...

clean: ## remove everything that was built
	rm -rf build

.PHONY: help curl shellcheck zip rpm systemd-analyze demo run stack simulate build test test-newest e2e e2e-prometheus release e2e-release lint generate check tidy upgrade cover bench bench-peers bench-backlog fuzz vulncheck clean
