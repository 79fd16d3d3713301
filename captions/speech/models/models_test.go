package models

import (
	"archive/zip"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

func write(t *testing.T, path, text string) {
	t.Helper()
	if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
}

// archive is a zip of these files; a name that ends in @ is a link.
func archive(t *testing.T, files map[string]string) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), "a.zip")
	file, err := os.Create(path)
	if err != nil {
		t.Fatal(err)
	}
	z := zip.NewWriter(file)
	for name, text := range files {
		head := &zip.FileHeader{Name: strings.TrimSuffix(name, "@"), Method: zip.Deflate}
		if strings.HasSuffix(name, "@") {
			head.SetMode(os.ModeSymlink | 0o777)
		}
		w, err := z.CreateHeader(head)
		if err == nil {
			_, err = w.Write([]byte(text))
		}
		if err != nil {
			t.Fatal(err)
		}
	}
	if err := errors.Join(z.Close(), file.Close()); err != nil {
		t.Fatal(err)
	}
	return path
}

func TestUnzip(t *testing.T) {
	t.Parallel()
	folder := filepath.Join(t.TempDir(), "model")
	if err := Unzip(archive(t, map[string]string{"m/am/final.mdl": "sound", "m/README": "who made it"}), folder); err != nil {
		t.Fatal(err)
	}
	model, err := Find(folder)
	if err != nil || model != filepath.Join(folder, "m") {
		t.Errorf("%s %v", model, err)
	}
	text, err := os.ReadFile(filepath.Join(model, "am", "final.mdl"))
	if err != nil || string(text) != "sound" {
		t.Errorf("%q %v", text, err)
	}
}

// Whatever an archive says, nothing is written outside of the folder.
func TestUnzipRefusesWhatLeadsAstray(t *testing.T) {
	t.Parallel()
	for name, files := range map[string]map[string]string{
		"up":       {"../out": "x"},
		"up later": {"m/../../out": "x"},
		"absolute": {"/tmp/salon-out": "x"},
		"a link":   {"link@": "/etc"},
		"no name":  {".": "x"},
	} {
		outside := t.TempDir()
		if err := Unzip(archive(t, files), filepath.Join(outside, "model")); err == nil {
			t.Errorf("%s: unpacked", name)
		}
		if _, err := os.Stat(filepath.Join(outside, "out")); err == nil {
			t.Errorf("%s: written outside", name)
		}
	}
	if err := Unzip(archive(t, nil)+"x", t.TempDir()); err == nil {
		t.Error("unpacked what is not there")
	}
	nonsense := filepath.Join(t.TempDir(), "a.zip")
	write(t, nonsense, "nonsense")
	if err := Unzip(nonsense, t.TempDir()); err == nil {
		t.Error("unpacked nonsense")
	}
}

func TestArchivesAreBounded(t *testing.T) {
	t.Parallel()
	u, err := into(t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	defer u.root.Close()
	u.limit = 100
	if err := u.add("a", strings.NewReader(strings.Repeat("x", 100))); err != nil {
		t.Error(err)
	}
	if err := u.add("b", strings.NewReader("x")); !errors.Is(err, errLarge) {
		t.Errorf("a byte too many: %v", err)
	}
	u.files, u.bytes = maxFiles, 0
	if err := u.add("c", strings.NewReader("")); !errors.Is(err, errLarge) {
		t.Errorf("a file too many: %v", err)
	}
}

// A model is in its place whole, or the one before it still is.
func TestPlace(t *testing.T) {
	t.Parallel()
	data := t.TempDir()
	store := filepath.Join(data, "models")
	for _, text := range []string{"first", "second"} {
		model := filepath.Join(data, "new")
		write(t, filepath.Join(model, "am", "final.mdl"), text)
		write(t, filepath.Join(model, "conf", "mfcc.conf"), "--use-energy=false")
		placed, err := Place(model, store, "fr")
		if err != nil || placed != filepath.Join(store, "fr") {
			t.Fatalf("%s %v", placed, err)
		}
		got, err := os.ReadFile(filepath.Join(placed, "am", "final.mdl"))
		if err != nil || string(got) != text {
			t.Errorf("%q %v", got, err)
		}
		conf, err := os.ReadFile(filepath.Join(placed, "conf", "mfcc.conf"))
		if err != nil || strings.Count(string(conf), "--dither=0\n") != 1 {
			t.Errorf("%q %v", conf, err)
		}
	}
	if _, err := Place(filepath.Join(data, "nothing"), store, "fr"); err == nil {
		t.Error("placed nothing")
	}
	left, err := os.ReadDir(store)
	if err != nil || len(left) != 1 {
		t.Errorf("%v %v", left, err)
	}
	if got, err := os.ReadFile(filepath.Join(store, "fr", "am", "final.mdl")); err != nil || string(got) != "second" {
		t.Errorf("the model that was there: %q %v", got, err)
	}
}

func TestCopyFollowsLinks(t *testing.T) {
	t.Parallel()
	from, to := t.TempDir(), filepath.Join(t.TempDir(), "model")
	write(t, filepath.Join(from, "real"), "sound")
	if err := errors.Join(os.Mkdir(filepath.Join(from, "am"), 0o755), os.Symlink("../real", filepath.Join(from, "am", "final.mdl"))); err != nil {
		t.Fatal(err)
	}
	if err := Copy(from, to); err != nil {
		t.Fatal(err)
	}
	if info, err := os.Lstat(filepath.Join(to, "am", "final.mdl")); err != nil || !info.Mode().IsRegular() {
		t.Errorf("%v %v", info, err)
	}
}

func TestLanguageOfAName(t *testing.T) {
	t.Parallel()
	for path, want := range map[string]string{
		"/srv/vosk-model-small-fr-0.22": "fr", "vosk-model-fr-0.22.zip": "fr", "vosk-model-en-us-0.22-lgraph": "en",
		"vosk-model-small-cn-0.22": "zh", "vosk-model-small-vn-0.4": "vi", "model": "", "vosk-model-small-0.22": "", "my-vosk-model-fr": "",
	} {
		got, known := Language(path)
		if got != want || known != (want != "") {
			t.Errorf("%s: %q %v", path, got, known)
		}
	}
	for language := range small {
		url, known := URL(language)
		if told, _ := Language(url); !known || told != language {
			t.Errorf("%s: %s tells %q", language, url, told)
		}
	}
	if _, known := URL("tlh"); known {
		t.Error("a language without a model has one")
	}
}

func TestFindRefusesWhatIsNoModel(t *testing.T) {
	t.Parallel()
	if _, err := Find(t.TempDir()); !errors.Is(err, ErrNoModel) {
		t.Error(err)
	}
	if _, err := Find("/nonexistent"); err == nil {
		t.Error("found nothing")
	}
}

// deploy/speech and this package bring the same files.
func TestPinsAreThoseOfDeploy(t *testing.T) {
	t.Parallel()
	script, err := os.ReadFile("../../../deploy/speech")
	if err != nil {
		t.Fatal(err)
	}
	for _, p := range []pinned{pinnedLibrary, pinnedEnglish} {
		if !strings.Contains(string(script), p.sha512) {
			t.Errorf("%s has another checksum there", p.url)
		}
	}
}
