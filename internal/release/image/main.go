// Command image builds the container image of each platform from the folder with its
// files, without a base image and without a container engine:
//
//	image -version 1.2.3 -config config.yaml -out FOLDER -layout FOLDER amd64=FOLDER arm64=FOLDER
//
// It writes a file for docker load for each platform, and one OCI layout with all of them.
// The time of each image and of the files in it is SOURCE_DATE_EPOCH, so that a build can be
// reproduced.
package main

import (
	"flag"
	"fmt"
	"log"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"time"

	"github.com/google/go-containerregistry/pkg/name"
	v1 "github.com/google/go-containerregistry/pkg/v1"
	"github.com/google/go-containerregistry/pkg/v1/empty"
	"github.com/google/go-containerregistry/pkg/v1/layout"
	"github.com/google/go-containerregistry/pkg/v1/mutate"
	"github.com/google/go-containerregistry/pkg/v1/tarball"
	"github.com/google/go-containerregistry/pkg/v1/types"
)

// release is what the images of all platforms have in common.
type release struct {
	version string
	config  string // path of the default configuration to include
	created time.Time
}

func main() {
	var r release
	flag.StringVar(&r.version, "version", "", "tag of the image")
	flag.StringVar(&r.config, "config", "", "path of the default configuration")
	out := flag.String("out", "", "folder for the files for docker load")
	oci := flag.String("layout", "", "folder for the OCI layout")
	flag.Parse()
	seconds, err := strconv.ParseInt(os.Getenv("SOURCE_DATE_EPOCH"), 10, 64)
	if err != nil {
		log.Fatalf("set SOURCE_DATE_EPOCH to seconds since 1970: %v", err)
	}
	r.created = time.Unix(seconds, 0).UTC()
	if err := r.write(*out, *oci, flag.Args()); err != nil {
		log.Fatal(err)
	}
}

// write writes the images of all platforms, given as architecture=folder.
func (r release) write(out, oci string, platforms []string) error {
	tag, err := name.NewTag("otelcol-cms:" + r.version)
	if err != nil {
		return err
	}
	index := mutate.IndexMediaType(empty.Index, types.OCIImageIndex)
	for _, platform := range platforms {
		architecture, folder, _ := strings.Cut(platform, "=")
		image, err := r.image(architecture, folder)
		if err != nil {
			return err
		}
		file := filepath.Join(out, fmt.Sprintf("otelcol-cms-%s-docker-%s.tar", r.version, architecture))
		if err := tarball.WriteToFile(file, tag, image); err != nil {
			return err
		}
		index = mutate.AppendManifests(index, mutate.IndexAddendum{
			Add:        image,
			Descriptor: v1.Descriptor{Platform: &v1.Platform{OS: "linux", Architecture: architecture}},
		})
	}
	path, err := layout.Write(oci, empty.Index)
	if err != nil {
		return err
	}
	// podman and skopeo use the first name, containerd uses the second.
	return path.AppendIndex(index, layout.WithAnnotations(map[string]string{
		"org.opencontainers.image.ref.name": r.version,
		"io.containerd.image.name":          "docker.io/library/otelcol-cms:" + r.version,
	}))
}

// image returns the image of one platform.
func (r release) image(architecture, folder string) (v1.Image, error) {
	layer, err := layer(folder, r.config, r.created)
	if err != nil {
		return nil, err
	}
	image, err := mutate.AppendLayers(mutate.ConfigMediaType(mutate.MediaType(empty.Image, types.OCIManifestSchema1), types.OCIConfigJSON), layer)
	if err != nil {
		return nil, err
	}
	file, err := image.ConfigFile()
	if err != nil {
		return nil, err
	}
	file = file.DeepCopy()
	file.OS, file.Architecture, file.Created = "linux", architecture, v1.Time{Time: r.created}
	file.Config = v1.Config{
		User:         fmt.Sprintf("%d:%d", user, user),
		Entrypoint:   []string{"/usr/bin/otelcol-cms"},
		Cmd:          []string{"--config", "/etc/otelcol-cms/config.yaml"},
		ExposedPorts: map[string]struct{}{"8080/tcp": {}, "8888/tcp": {}, "9464/tcp": {}},
		// The collector listens on all addresses of the container. Other hosts cannot reach
		// them until the container's ports are published.
		Env: []string{"CDR_ENDPOINT=0.0.0.0:8080", "PROMETHEUS_ENDPOINT=0.0.0.0:9464", "TELEMETRY_HOST=0.0.0.0"},
		Labels: map[string]string{
			"org.opencontainers.image.title":    "otelcol-cms",
			"org.opencontainers.image.version":  r.version,
			"org.opencontainers.image.licenses": "Apache-2.0",
		},
	}
	return mutate.ConfigFile(image, file)
}
