#!/usr/bin/env bash
# Runs mdatagen on metadata.yaml. mdatagen writes beside the file it reads and
# takes package names from that folder, so it runs in a staged copy of the root
# whose one Go file is a doc.go; the results then go where they belong: code and
# documentation to the root, the two tests to receiver/.
set -euo pipefail
cd "$(dirname "$0")/../.."
module=$(go list -m)
stage=.generate
trap 'rm -rf "$stage"' EXIT
rm -rf "$stage" && mkdir -p "$stage/cmscdrreceiver"
cp metadata.yaml README.md "$stage/cmscdrreceiver/"
echo 'package cmscdrreceiver' >"$stage/cmscdrreceiver/doc.go"
mdatagen="$PWD/build/tools/mdatagen"
(cd "$stage/cmscdrreceiver" && "$mdatagen" metadata.yaml)
# Rows that hold nothing yet, or lead to pages that do not exist yet.
sed -i -E '/^\| (Issues|Distributions|\[Code Owners\])/d' "$stage/cmscdrreceiver/README.md"

staged="$module/$stage/cmscdrreceiver"
find "$stage/cmscdrreceiver" -name '*.go' -exec sed -i "s|$staged|$module|g" {} +
rm -rf internal/metadata internal/metadatatest
mv "$stage"/cmscdrreceiver/internal/metadata "$stage"/cmscdrreceiver/internal/metadatatest internal/
mv "$stage"/cmscdrreceiver/{documentation.md,README.md} .
for test in component package; do
  sed 's|LoadConf("metadata.yaml")|LoadConf("../metadata.yaml")|' \
    "$stage/cmscdrreceiver/generated_${test}_test.go" >"receiver/generated_${test}_test.go"
done
