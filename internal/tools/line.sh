#!/usr/bin/env bash
# Sets the collector's modules in a modfile to the versions of one line, which is a release
# of these modules, and tidies the modfile:
#   internal/tools/line.sh go.mod v0.155.0
set -euo pipefail
cd "$(dirname "$0")/../.."
modfile=$1 line=$2
core=go.opentelemetry.io/collector

# A line has a v0 version and a v1 version. The go.mod of receivertest, which is v0,
# requires component, which is v1.
go mod download "$core/receiver/receivertest@$line" # prints why a download fails; with -json, sed would get the error
requirements=$(go mod download -json "$core/receiver/receivertest@$line" | sed -n 's/.*"GoMod": "\(.*\)".*/\1/p')
stable=$(awk -v module="$core/component" '$1 == module {print $2}' "$requirements")

modules=$(awk -v line="$line" -v stable="$stable" \
  '/^\t.*(opentelemetry\.io\/collector|opentelemetry-collector-contrib)\// && !/indirect/ {print $1 "@" ($2 ~ /^v0/ ? line : stable)}' "$modfile")
# shellcheck disable=SC2086 # each module is one word
go get -modfile "$modfile" $modules
go mod tidy -modfile "$modfile"
