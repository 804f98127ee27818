#!/usr/bin/env bash
# Moves everything that names the collector's line to another one:
#   internal/tools/upgrade.sh v0.156.0
# Then make tidy generate do the rest; docs/upgrading-the-collector.md has the steps.
set -euo pipefail
cd "$(dirname "$0")/../.."
line=${1:?names no line: make upgrade LINE=v0.156.0}
required() { go list -m -f '{{.Version}}' "go.opentelemetry.io/collector/$1"; }

was=$(required receiver/receivertest) was_stable=$(required component)
internal/tools/line.sh go.mod "$line"
stable=$(required component)
# ocb builds a line's collectors and must be of it. What mdatagen writes runs on
# every line, so it may stay behind where a line's mdatagen cannot be had.
cd internal/tools
go get "go.opentelemetry.io/collector/cmd/builder@$line"
go get "go.opentelemetry.io/collector/cmd/mdatagen@$line" || echo "mdatagen stays as it is"
cd ../..
sed -i "s/${was//./\\.}/$line/g; s/\\b${was_stable//./\\.}\\b/$stable/g" builder-config.yaml README.md docs/*.md
