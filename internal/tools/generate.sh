#!/usr/bin/env bash
# Runs mdatagen on metadata.yaml. mdatagen writes its results to the folder of that file
# and derives package names from the folder. Therefore it runs in a temporary folder. The
# folder has a file doc.go, because mdatagen calls go list, which needs a Go file. Then
# the packages are moved to internal/, the documentation to the root, and the two tests
# of the folder itself to receiver/.
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
# In the status table, remove Distributions, which is empty, and the two rows whose links
# lead to missing pages.
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
