package e2e

import (
	"bytes"
	"encoding/json"
	"errors"
	"io"
	"os"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
	"go.yaml.in/yaml/v3"
)

// checkYAML parses all documents of a file. A repeated key is an error.
func checkYAML(text []byte) error {
	for decoder := yaml.NewDecoder(bytes.NewReader(text)); ; {
		var document any
		if err := decoder.Decode(&document); errors.Is(err, io.EOF) {
			return nil
		} else if err != nil {
			return err
		}
	}
}

// TestSyntax checks that each YAML and JSON file can be parsed and contains no tab. JSON is
// parsed as YAML too, because json.Valid accepts repeated keys.
func TestSyntax(t *testing.T) {
	files := filesOf(t, ".yaml", ".yml", ".json")
	require.Greater(t, len(files), 20)
	for _, file := range files {
		text, err := os.ReadFile(file)
		require.NoError(t, err)
		if strings.HasSuffix(file, ".json") {
			require.True(t, json.Valid(text), file)
		}
		require.NoError(t, checkYAML(text), file)
		require.NotContains(t, string(text), "\t", "%s must not contain a tab", file)
	}
}

// TestCheckYAML checks which texts checkYAML accepts and rejects.
func TestCheckYAML(t *testing.T) {
	require.NoError(t, checkYAML([]byte("a: 1\n---\nb: 2\n")))
	for _, text := range []string{"a: 1\na: 2\n", "a: [1\n", "a: 1\n---\nb: {c: 1, c: 2}\n", "a: 1\n b: 2\n"} {
		require.Error(t, checkYAML([]byte(text)), text)
	}
}
