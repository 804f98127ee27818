package e2e

import (
	"fmt"
	"io/fs"
	"net/url"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

const root = "../.."

// filesOf returns the project's files with the given endings, without those in the folders
// build and .generate, which make writes.
func filesOf(t *testing.T, endings ...string) (files []string) {
	t.Helper()
	require.NoError(t, filepath.WalkDir(root, func(path string, entry fs.DirEntry, err error) error {
		switch name := entry.Name(); {
		case err != nil:
			return err
		case entry.IsDir() && (name == ".git" || name == ".generate" || path == filepath.Join(root, "build")):
			return filepath.SkipDir
		}
		for _, ending := range endings {
			if strings.HasSuffix(path, ending) {
				files = append(files, path)
			}
		}
		return nil
	}))
	return files
}

var (
	code    = regexp.MustCompile("`[^`\n]*`")
	link    = regexp.MustCompile(`\]\(([^()\s]+)\)`)
	heading = regexp.MustCompile(`(?m)^#{1,6} +(.+?) *$`)
	dropped = regexp.MustCompile(`[^\p{L}\p{N} _-]`)
)

// anchors returns the anchors that GitHub gives the headings of a page.
func anchors(page string) map[string]bool {
	all := map[string]bool{}
	for _, found := range heading.FindAllStringSubmatch(fence.ReplaceAllString(page, ""), -1) {
		title := link.ReplaceAllString(strings.ToLower(found[1]), "")
		name := strings.ReplaceAll(dropped.ReplaceAllString(title, ""), " ", "-")
		for anchor, n := name, 1; ; n++ {
			if !all[anchor] {
				all[anchor] = true
				break
			}
			anchor = fmt.Sprintf("%s-%d", name, n)
		}
	}
	return all
}

// checkLink returns an error if the file or heading that a link on a page names does not
// exist. It does not check links to other hosts.
func checkLink(page, target string) error {
	parsed, err := url.Parse(target)
	if err != nil || parsed.Host != "" {
		return err
	}
	file := page
	if parsed.Path != "" {
		file = filepath.Join(filepath.Dir(page), filepath.FromSlash(parsed.Path))
	}
	if _, err := os.Stat(file); err != nil || parsed.Fragment == "" {
		return err
	}
	text, err := os.ReadFile(file)
	if err != nil {
		return err
	}
	if !anchors(string(text))[parsed.Fragment] {
		return fmt.Errorf("%s has no heading for #%s", file, parsed.Fragment)
	}
	return nil
}

// TestLinks checks that the file or heading of each link on each page exists, except on
// other hosts.
func TestLinks(t *testing.T) {
	pages, links := filesOf(t, ".md"), 0
	require.Greater(t, len(pages), 10)
	for _, page := range pages {
		text, err := os.ReadFile(page)
		require.NoError(t, err)
		prose := code.ReplaceAllString(fence.ReplaceAllString(string(text), ""), "")
		for _, found := range link.FindAllStringSubmatch(prose, -1) {
			links++
			if err := checkLink(page, found[1]); err != nil {
				t.Errorf("%s links to %q: %v", page, found[1], err)
			}
		}
	}
	require.Greater(t, links, 60)
}

// TestCheckLink checks which links TestLinks accepts and rejects.
func TestCheckLink(t *testing.T) {
	page := filepath.Join(t.TempDir(), "page.md")
	require.NoError(t, os.WriteFile(page, []byte("# A page, of `two`!\n## Twice\n## Twice\n```sh\n# no heading\n```\n"), 0o600))
	cases := map[string]bool{
		"https://example.com/nowhere": true, "page.md": true, "#a-page-of-two": true, "page.md#twice": true, "#twice-1": true,
		"other.md": false, "#twice-2": false, "#no-heading": false, "#A-page": false, "page.md#": true, "other.md#twice": false,
	}
	require.Len(t, cases, 11)
	for target, ok := range cases {
		require.Equal(t, ok, checkLink(page, target) == nil, target)
	}
}
