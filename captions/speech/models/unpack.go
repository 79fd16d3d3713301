package models

import (
	"archive/tar"
	"archive/zip"
	"compress/gzip"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path"
	"path/filepath"
	"strings"
)

// What an archive, or a folder, may hold at most: the largest of Alpha Cephei's
// models has less than half of it.
const (
	maxBytes = 8 << 30
	maxFiles = 1000
)

var (
	errLarge = fmt.Errorf("more than %d files or %d GiB: no model is so large", maxFiles, maxBytes>>30)
	errPath  = errors.New("a file that would lie outside of the folder")
)

// unpacking writes files into a folder, and nowhere else.
type unpacking struct {
	root  *os.Root
	files int
	bytes int64
	limit int64
}

func into(folder string) (*unpacking, error) {
	if err := os.MkdirAll(folder, 0o755); err != nil {
		return nil, err
	}
	root, err := os.OpenRoot(folder)
	return &unpacking{root: root, limit: maxBytes}, err
}

// add writes one file that is not there yet.
func (u *unpacking) add(name string, from io.Reader) error {
	if !filepath.IsLocal(filepath.FromSlash(name)) {
		return fmt.Errorf("%w: %q", errPath, name)
	}
	if u.files++; u.files > maxFiles {
		return errLarge
	}
	if err := u.root.MkdirAll(path.Dir(name), 0o755); err != nil {
		return err
	}
	file, err := u.root.OpenFile(name, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o644)
	if err != nil {
		return err
	}
	n, err := io.Copy(file, io.LimitReader(from, u.limit-u.bytes+1))
	if u.bytes += n; err == nil && u.bytes > u.limit {
		err = errLarge
	}
	return errors.Join(err, file.Close())
}

// Unzip unpacks an archive into a folder: plain files only, within bounds, and
// none outside of it.
func Unzip(archive, folder string) error {
	from, err := zip.OpenReader(archive)
	if err != nil {
		return fmt.Errorf("%s: %w", archive, err)
	}
	defer from.Close()
	u, err := into(folder)
	if err != nil {
		return err
	}
	defer u.root.Close()
	for _, file := range from.File {
		if file.Mode().IsDir() {
			continue
		}
		if !file.Mode().IsRegular() {
			return fmt.Errorf("%s: %q is no plain file", archive, file.Name)
		}
		if err := u.unzip(file); err != nil {
			return fmt.Errorf("%s: %w", archive, err)
		}
	}
	return nil
}

func (u *unpacking) unzip(file *zip.File) error {
	from, err := file.Open()
	if err != nil {
		return err
	}
	return errors.Join(u.add(file.Name, from), from.Close())
}

// untar unpacks what lies below a prefix in a tarball.
func untar(archive, prefix, folder string) error {
	file, err := os.Open(archive)
	if err != nil {
		return err
	}
	defer file.Close()
	plain, err := gzip.NewReader(file)
	if err != nil {
		return err
	}
	u, err := into(folder)
	if err != nil {
		return err
	}
	defer u.root.Close()
	for all := tar.NewReader(plain); ; {
		head, err := all.Next()
		if errors.Is(err, io.EOF) {
			return nil
		}
		if err != nil {
			return err
		}
		name, below := strings.CutPrefix(head.Name, prefix)
		if !below || head.Typeflag != tar.TypeReg {
			continue
		}
		if err := u.add(name, all); err != nil {
			return err
		}
	}
}

// Copy copies a folder; links are followed.
func Copy(from, folder string) error {
	u, err := into(folder)
	if err != nil {
		return err
	}
	defer u.root.Close()
	return filepath.WalkDir(from, func(name string, entry fs.DirEntry, err error) error {
		if err != nil || entry.IsDir() {
			return err
		}
		file, err := os.Open(name)
		if err != nil {
			return err
		}
		defer file.Close()
		if info, err := file.Stat(); err != nil || info.IsDir() {
			return err // a link to a folder leads astray
		}
		below, err := filepath.Rel(from, name)
		if err != nil {
			return err
		}
		return u.add(filepath.ToSlash(below), file)
	})
}
