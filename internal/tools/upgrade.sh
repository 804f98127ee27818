#!/usr/bin/env bash
# Raises the oldest line, which is a release of the collector's modules, in go.mod,
# internal/tools/go.mod, builder-config.yaml, README.md and docs:
#   internal/tools/upgrade.sh v0.156.0
# make upgrade runs this, and then make tidy generate.
# docs/upgrading-the-collector.md explains lines, and has the other steps.
set -euo pipefail
cd "$(dirname "$0")/../.."
line=${1:?no line is given: run make upgrade LINE=v0.156.0}

# The old versions are not read from go.mod, because it has the new ones already if an
# earlier run failed after line.sh.
was=$(sed -n 's/.*otlpreceiver //p' builder-config.yaml)
was_stable=$(sed -n 's/.*envprovider //p' builder-config.yaml)
internal/tools/line.sh go.mod "$line"
stable=$(go list -m -f '{{.Version}}' go.opentelemetry.io/collector/component)
# ocb must be of the line that it builds. The code that mdatagen generates works on every
# line, so mdatagen is not upgraded if the new one cannot be downloaded.
cd internal/tools
go get "go.opentelemetry.io/collector/cmd/builder@$line"
go get "go.opentelemetry.io/collector/cmd/mdatagen@$line" || echo "mdatagen is not upgraded, because its $line cannot be downloaded"
cd ../..
sed -i "s/${was//./\\.}/$line/g; s/\\b${was_stable//./\\.}\\b/$stable/g" builder-config.yaml README.md docs/*.md
