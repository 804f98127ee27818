#!/usr/bin/env bash
# Builds the files of a release in build/release:
#   make release PLATFORMS="linux/amd64 windows/amd64"
# builds build/tools/builder, installs zip if necessary, and then runs this. VERSION=1.2.3 in
# the environment sets the version; by default it is that of the commit's tag, or
# 0.0.0-dev.g<commit> without a tag. If tracked files are changed, -dirty or .dirty follows.
# All times in the files are the commit's, so that the same commit and the same release of Go
# give identical files, if tar, gzip and zip are the same too.
set -euo pipefail
umask 022
cd "$(dirname "$0")/../.."
source internal/release/stage.sh
read -ra platforms <<<"${PLATFORMS:-linux/amd64 linux/arm64 windows/amd64}"
tag=$(git describe --tags --exact-match --match 'v*' --dirty 2>/dev/null ||
  echo "v0.0.0-dev.g$(git describe --always --exclude '*' --abbrev=7 --dirty=.dirty)")
export VERSION=${VERSION:-${tag#v}}
SOURCE_DATE_EPOCH=$(git log -1 --format=%ct)
export SOURCE_DATE_EPOCH TZ=UTC LC_ALL=C CGO_ENABLED=0

release=$PWD/build/release
rm -rf "$work" "$release"
mkdir -p "$work" "$release"
go -C internal/release build -o "$work/tools/" ./image \
  github.com/goreleaser/nfpm/v2/cmd/nfpm github.com/CycloneDX/cyclonedx-gomod/cmd/cyclonedx-gomod
generate_collector
stage_package

images=()
for platform in "${platforms[@]}"; do
  export GOOS=${platform%/*} GOARCH=${platform#*/}
  name=otelcol-cms-$VERSION-$GOOS-$GOARCH
  echo "$name"
  stage "$work/$name"
  cp "$work/$name/doc/sbom/otelcol-cms.cdx.json" "$release/$name.cdx.json"
  if [[ $GOOS == windows ]]; then
    (cd "$work" && find "$name" | sort | zip -qX@ "$release/$name.zip")
    continue
  fi
  pack "$work" "$name" | gzip -n >"$release/$name.tar.gz"
  [[ $GOOS == linux ]] || continue
  for packager in deb rpm; do
    (cd "$work" && NAME=$name tools/nfpm package -f package/nfpm.yaml -p $packager -t "$release/$name.$packager")
  done
  images+=("$GOARCH=$work/$name")
done
if [[ ${#images[@]} -gt 0 ]]; then
  "$work/tools/image" -version "$VERSION" -config internal/release/config.yaml -out "$release" -layout "$work/oci" "${images[@]}"
  pack "$work/oci" . >"$release/otelcol-cms-$VERSION-oci.tar"
fi
cd "$release" && sha256sum -- * >checksums.txt
