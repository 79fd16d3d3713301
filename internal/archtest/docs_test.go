package archtest

import (
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
)

const root = "../.."

func tracked(t *testing.T, patterns ...string) []string {
	t.Helper()
	command := exec.Command("git", append([]string{"ls-files", "--cached", "--others", "--exclude-standard", "--"}, patterns...)...)
	command.Dir = root
	out, err := command.Output()
	if err != nil {
		t.Fatalf("git ls-files: %v", err)
	}
	return strings.Fields(string(out))
}

func read(t *testing.T, name string) string {
	t.Helper()
	text, err := os.ReadFile(filepath.Join(root, name))
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}

var link = regexp.MustCompile(`\]\(([^)#\s]+)(#[^)]*)?\)`)

// Every relative link in every document leads to something.
func TestLinksLeadSomewhere(t *testing.T) {
	t.Parallel()
	for _, doc := range tracked(t, "*.md") {
		for _, m := range link.FindAllStringSubmatch(read(t, doc), -1) {
			if strings.Contains(m[1], "://") || strings.HasPrefix(m[1], "mailto:") {
				continue
			}
			if _, err := os.Stat(filepath.Join(root, filepath.Dir(doc), m[1])); err != nil {
				t.Errorf("%s: %s leads nowhere", doc, m[1])
			}
		}
	}
}

var target = regexp.MustCompile(`\bmake ([a-z0-9-]+)\b`)

// Every `make x` in a document is a target, and `make help` lists what the
// README names.
func TestMakeTargetsExist(t *testing.T) {
	t.Parallel()
	makefile := read(t, "Makefile")
	for _, doc := range tracked(t, "*.md") {
		for _, code := range codeIn(read(t, doc)) {
			for _, m := range target.FindAllStringSubmatch(code, -1) {
				if !strings.Contains(makefile, "\n"+m[1]+":") {
					t.Errorf("%s: make %s does not exist", doc, m[1])
				}
			}
		}
	}
}

var code = regexp.MustCompile("(?s)```[a-z]*\n(.*?)```|`([^`\n]+)`")

func codeIn(text string) (all []string) {
	for _, m := range code.FindAllStringSubmatch(text, -1) {
		all = append(all, m[1]+m[2])
	}
	return all
}

// The README's map names every top-level folder, and only those.
func TestReadmeMapsTheTree(t *testing.T) {
	t.Parallel()
	readme := read(t, "README.md")
	_, readmeMap, ok := strings.Cut(readme, "## Map of the tree")
	if !ok {
		t.Fatal("README.md has no map of the tree")
	}
	there := map[string]bool{}
	for _, file := range tracked(t) {
		if folder, _, nested := strings.Cut(file, "/"); nested && !strings.HasPrefix(folder, ".") {
			there[folder] = true
		}
	}
	named := map[string]bool{}
	for _, m := range regexp.MustCompile("(?m)^([a-z0-9]+)/ ").FindAllStringSubmatch(readmeMap, -1) {
		named[m[1]] = true
	}
	for folder := range there {
		if !named[folder] {
			t.Errorf("the map does not name %s/", folder)
		}
	}
	for folder := range named {
		if !there[folder] {
			t.Errorf("the map names %s/, which does not exist", folder)
		}
	}
}

// docs/decisions is numbered without gaps and every decision is listed.
func TestDecisionsAreListed(t *testing.T) {
	t.Parallel()
	index := read(t, "docs/decisions/README.md")
	for _, file := range tracked(t, "docs/decisions/*.md") {
		if name := filepath.Base(file); name != "README.md" && !strings.Contains(index, "("+name+")") {
			t.Errorf("%s is not listed", name)
		}
	}
}

// The module file pins exactly what the decision about dependencies says.
func TestDependenciesArePinnedAsDecided(t *testing.T) {
	t.Parallel()
	decision, mod := read(t, "docs/decisions/0003-dependencies.md"), read(t, "go.mod")
	rows := regexp.MustCompile("(?m)^\\| `([^`]+)` \\| (v[^ ]+) \\|").FindAllStringSubmatch(decision, -1)
	if len(rows) < 10 {
		t.Fatalf("only %d dependencies found in the decision", len(rows))
	}
	for _, m := range rows {
		if !strings.Contains(mod, m[1]+" "+m[2]) {
			t.Errorf("go.mod does not pin %s %s", m[1], m[2])
		}
	}
}
