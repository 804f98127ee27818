package main

import (
	"archive/tar"
	"bytes"
	"encoding/pem"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path"
	"strings"
	"time"

	v1 "github.com/google/go-containerregistry/pkg/v1"
	"github.com/google/go-containerregistry/pkg/v1/tarball"
	"github.com/google/go-containerregistry/pkg/v1/types"
	"golang.org/x/crypto/x509roots/fallback/bundle"
)

// user is the numeric id of the user that runs the collector, and of its group.
const user = 10001

// layer returns the only layer of an image. It has the collector with its configuration,
// licences and SBOMs, the certificates of public authorities, the user, and folders for
// the state and for temporary files.
func layer(folder, config string, created time.Time) (v1.Layer, error) {
	var packed bytes.Buffer
	w := writer{tar.NewWriter(&packed), created}
	files := os.DirFS(folder)
	account := fmt.Sprintf("otelcol-cms:x:%d:", user)
	for _, err := range []error{
		w.copy(files, "otelcol-cms", "usr/bin/otelcol-cms", 0o755),
		w.copy(os.DirFS(path.Dir(config)), path.Base(config), "etc/otelcol-cms/config.yaml", 0o644),
		w.copyAll(files, "doc/licences", "usr/share/doc/otelcol-cms/licences"),
		w.copyAll(files, "doc/sbom", "usr/share/doc/otelcol-cms/sbom"),
		w.copy(files, "doc/LICENSE", "usr/share/doc/otelcol-cms/LICENSE", 0o644),
		w.file("etc/passwd", []byte(account+fmt.Sprintf("%d::/var/lib/otelcol-cms:/nonexistent\n", user)), 0o644),
		w.file("etc/group", []byte(account+"\n"), 0o644),
		w.file("etc/ssl/certs/ca-certificates.crt", authorities(), 0o644),
		w.folder("var/lib/otelcol-cms", user, 0o700),
		w.folder("tmp", 0, 0o1777),
		w.Close(),
	} {
		if err != nil {
			return nil, err
		}
	}
	return tarball.LayerFromOpener(func() (io.ReadCloser, error) {
		return io.NopCloser(bytes.NewReader(packed.Bytes())), nil
	}, tarball.WithMediaType(types.OCILayer))
}

// authorities returns the certificates of the authorities that Mozilla trusts, in PEM. It
// includes authorities that Mozilla trusts only for certificates issued before a date, because
// PEM cannot express this constraint.
func authorities() []byte {
	var text bytes.Buffer
	for root := range bundle.Roots() {
		pem.Encode(&text, &pem.Block{Type: "CERTIFICATE", Bytes: root.Certificate})
	}
	return text.Bytes()
}

// writer writes the entries of a layer, all with the same time. The folders above a file
// need no entries.
type writer struct {
	*tar.Writer
	time time.Time
}

func (w writer) file(name string, content []byte, mode int64) error {
	err := w.WriteHeader(&tar.Header{Name: name, Typeflag: tar.TypeReg, Size: int64(len(content)), Mode: mode, ModTime: w.time})
	if err == nil {
		_, err = w.Write(content)
	}
	return err
}

func (w writer) folder(name string, owner int, mode int64) error {
	return w.WriteHeader(&tar.Header{Name: name + "/", Typeflag: tar.TypeDir, Uid: owner, Gid: owner, Mode: mode, ModTime: w.time})
}

func (w writer) copy(files fs.FS, from, to string, mode int64) error {
	content, err := fs.ReadFile(files, from)
	if err != nil {
		return err
	}
	return w.file(to, content, mode)
}

func (w writer) copyAll(files fs.FS, from, to string) error {
	return fs.WalkDir(files, from, func(name string, entry fs.DirEntry, err error) error {
		if err != nil || entry.IsDir() {
			return err
		}
		return w.copy(files, name, path.Join(to, strings.TrimPrefix(name, from)), 0o644)
	})
}
