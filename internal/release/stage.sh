# Functions of release.sh, which sources this file. They stage the files of a release. The
# functions stage and linked use GOOS and GOARCH; the result of stage is for one platform.
# shellcheck shell=bash
own=github.com/cmscdr/cmscdrreceiver
work=$PWD/build/package

# generate_collector: writes the collector's sources, with VERSION instead of the version
# in builder-config.yaml. The path to the receiver is relative, so that binaries do not
# contain the path of the build.
generate_collector() {
  sed "s|^  version: .*|  version: $VERSION|; s|^  output_path: .*|  output_path: $work/source\n  module: $own/otelcol-cms|" \
    builder-config.yaml >"$work/builder-config.yaml"
  echo "replaces: [\"$own => ../../..\"]" >>"$work/builder-config.yaml"
  build/tools/builder --skip-compilation --config "$work/builder-config.yaml"
}

# stage_package: copies the folder internal/release. The files of deb and rpm that are
# neither binaries nor documents are in it.
stage_package() {
  cp -r internal/release "$work/package"
  find "$work/package" -exec touch -d "@$SOURCE_DATE_EPOCH" {} +
}

# stage FOLDER: builds the binaries, and adds the documents, the licences and the bills of
# materials.
stage() {
  local folder=$1 doc=$1/doc exe=
  [[ $GOOS != windows ]] || exe=.exe
  go -C "$work/source" build -trimpath -buildvcs=false -ldflags '-s -w' -o "$folder/otelcol-cms$exe" .
  go build -trimpath -buildvcs=false -ldflags "-s -w -X main.version=$VERSION" -o "$folder/cmssim$exe" ./internal/cmd/cmssim

  mkdir -p "$doc/sbom"
  git ls-files -z README.md LICENSE CHANGELOG.md SECURITY.md documentation.md docs examples |
    xargs -0 cp --parents -t "$doc"
  { linked "$work/source" .; linked . ./internal/cmd/cmssim; } | sort -u | licences "$doc/licences"
  for program in otelcol-cms cmssim; do
    sbom "$folder/$program$exe" >"$doc/sbom/$program.cdx.json"
  done
  find "$folder" -exec touch -h -d "@$SOURCE_DATE_EPOCH" {} +
}

# pack FOLDER NAME: prints a reproducible tar of the file or folder with that name.
pack() { tar -C "$1" --sort=name --owner=0 --group=0 --numeric-owner --mtime="@$SOURCE_DATE_EPOCH" -c "$2"; }

# linked FOLDER PACKAGE: prints a line for each package of another module that is linked
# into PACKAGE, with its module, the module's folder, and its own folder. The standard
# library has one line.
linked() {
  go -C "$1" list -deps -f '{{with .Module}}{{if .Version}}{{.Path}}@{{.Version}} {{.Dir}} {{$.Dir}}{{end}}{{end}}' "$2" |
    sed "\\|^$own|d"
  echo "std@$(go env GOVERSION) $(go env GOROOT) $(go env GOROOT)"
}

# licences FOLDER: copies the licences of the packages on standard input, which has the
# format of linked. A package may contain code of others, so the licences in all folders
# from the package to its module are copied.
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

# sbom BINARY: prints the software bill of materials. The build information in the binary
# has a relative path and no version for the receiver, so both are replaced.
sbom() {
  "$work/tools/cyclonedx-gomod" bin -json -std -noserial -notimestamp -version "v$VERSION" "$1" |
    sed "s|\.\./\.\./\.\.|$own|; s|(devel)|v$VERSION|"
}
