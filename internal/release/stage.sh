# What release.sh packs for the platform in GOOS and GOARCH. It is sourced.
# shellcheck shell=bash
own=github.com/cmscdr/cmscdrreceiver
work=$PWD/build/package

# The collector's sources, with the version in place of the builder file's. The path to
# the receiver is relative, so that binaries do not tell where they were built.
generate_collector() {
  sed "s|^  version: .*|  version: $VERSION|; s|^  output_path: .*|  output_path: $work/source\n  module: $own/otelcol-cms|" \
    builder-config.yaml >"$work/builder-config.yaml"
  echo "replaces: [\"$own => ../../..\"]" >>"$work/builder-config.yaml"
  build/tools/builder --skip-compilation --config "$work/builder-config.yaml"
}

# stage_package: what deb and rpm have beside the binaries and documents.
stage_package() {
  cp -r internal/release "$work/package"
  find "$work/package" -exec touch -d "@$SOURCE_DATE_EPOCH" {} +
}

# stage FOLDER: binaries and documents.
stage() {
  local folder=$1 doc=$1/doc exe=
  [[ $GOOS != windows ]] || exe=.exe
  go -C "$work/source" build -trimpath -buildvcs=false -ldflags '-s -w' -o "$folder/otelcol-cms$exe" .
  go build -trimpath -buildvcs=false -ldflags "-s -w -X main.version=$VERSION" -o "$folder/cmssim$exe" ./internal/cmd/cmssim

  mkdir -p "$doc/sbom"
  git ls-files -z README.md LICENSE CHANGELOG.md SECURITY.md documentation.md docs examples |
    xargs -0 cp --parents -t "$doc"
  { linked "$work/source" . && linked . ./internal/cmd/cmssim; } | sort -u | licences "$doc/licences"
  for program in otelcol-cms cmssim; do
    sbom "$folder/$program$exe" >"$doc/sbom/$program.cdx.json"
  done
  find "$folder" -exec touch -h -d "@$SOURCE_DATE_EPOCH" {} +
}

# pack FOLDER NAME: a tar of what has the name in the folder, the same in each run.
pack() { tar -C "$1" --sort=name --owner=0 --group=0 --numeric-owner --mtime="@$SOURCE_DATE_EPOCH" -c "$2"; }

# linked FOLDER PACKAGE: a line for each package that is linked into it: its module, and
# the folders of both.
linked() {
  go -C "$1" list -deps -f '{{with .Module}}{{if .Version}}{{.Path}}@{{.Version}} {{.Dir}} {{$.Dir}}{{end}}{{end}}' "$2" |
    sed "\\|^$own|d"
  echo "std@$(go env GOVERSION) $(go env GOROOT) $(go env GOROOT)"
}

# licences FOLDER: of the packages on standard input, and of the folders above them up
# to the module's: a package may hold code of others.
licences() (
  shopt -s nullglob nocaseglob
  while read -r module root package; do
    while [[ $package == "$root"* ]]; do
      for file in "$package"/{licen[cs]es/,licen[cs]e,copying,notice,patents}*; do
        target=$1/$module${file#"$root"}
        [[ ! -f $file || $file == *.go || -e $target ]] || install -D -m 644 "$file" "$target"
      done
      package=${package%/*}
    done
    [[ -d $1/$module ]] || { echo "$module has no licence in $root" >&2; return 1; }
  done
)

# sbom BINARY: its software bill of materials. The receiver is known there by its
# relative path and without a version.
sbom() {
  "$work/tools/cyclonedx-gomod" bin -json -std -noserial -notimestamp -version "v$VERSION" "$1" |
    sed "s|\.\./\.\./\.\.|$own|; s|(devel)|v$VERSION|"
}
