package postgres

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"syscall"
)

const (
	// elsewhere is where data goes which our data directory cannot hold.
	elsewhere = "/var/lib/salon"
	// signpost is the file in our data directory that says where it went.
	signpost = "postgres.place"
)

// place is where a cluster's data lives and who owns it there.
type place struct {
	base    string // the folder above the data: ours, 0711 if the account is another user
	data    string // Postgres' own data directory, base/postgres
	account account
	bin     binaries
	made    bool // the data directory is complete
}

// locate finds the cluster of a Salon data directory, or the place for a new one. Data
// that exists decides: where it is, who owns it, which version must run it.
func locate(ctx context.Context, dir string) (place, error) {
	base, err := signpostOf(dir)
	if err != nil {
		return place{}, err
	}
	if base == "" {
		base = dir
	}
	p := place{base: base, data: filepath.Join(base, "postgres")}
	version, err := os.ReadFile(filepath.Join(p.data, "PG_VERSION"))
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return p.settle(ctx, dir)
	case err != nil:
		return place{}, fmt.Errorf("read cluster version: %w", err)
	}
	p.made = true
	if p.account, err = ownerAccount(p.data); err != nil {
		return place{}, err
	}
	if p.bin, err = findBinaries(ctx, majorOf(string(version))); err != nil {
		return place{}, err
	}
	if !p.account.reaches(p.bin, p.data) {
		return place{}, fmt.Errorf("user %d owns %s but cannot reach it: a folder above it is closed", p.account.uid, p.data)
	}
	return p, nil
}

// settle chooses the place of a new cluster: the data directory itself if the account
// can reach it, else a folder of its own, with a signpost left behind.
func (p place) settle(ctx context.Context, dir string) (place, error) {
	var err error
	if p.bin, err = findBinaries(ctx, 0); err != nil {
		return place{}, err
	}
	if p.account, err = serverAccount(); err != nil {
		return place{}, err
	}
	if p.base != dir || p.account.opens(p.bin, dir) {
		return p, nil
	}
	if p.base, err = makeElsewhere(dir); err != nil {
		return place{}, err
	}
	p.data = filepath.Join(p.base, "postgres")
	if !p.account.reaches(p.bin, p.base) {
		return place{}, fmt.Errorf("user %d can reach neither %s nor %s", p.account.uid, dir, p.base)
	}
	return p, writeAtomic(filepath.Join(dir, signpost), p.base+"\n")
}

// opens reports whether the account can reach dir, opening dir itself (and nothing above
// it) where it is ours to open.
func (a account) opens(bin binaries, dir string) bool {
	if a.reaches(bin, dir) {
		return true
	}
	info, err := os.Stat(dir)
	if err != nil || !a.reaches(bin, filepath.Dir(dir)) {
		return false
	}
	if info.Sys().(*syscall.Stat_t).Uid != uint32(os.Geteuid()) {
		return false
	}
	return os.Chmod(dir, info.Mode().Perm()|0o011) == nil && a.reaches(bin, dir)
}

// signpostOf reads where the data of dir went, "" if it did not go anywhere. A signpost
// to nowhere is an error: starting afresh would hide that the data is lost.
func signpostOf(dir string) (string, error) {
	path := filepath.Join(dir, signpost)
	text, err := os.ReadFile(path)
	if errors.Is(err, fs.ErrNotExist) {
		return "", nil
	}
	if err != nil {
		return "", fmt.Errorf("read where the database is: %w", err)
	}
	base := strings.TrimSpace(string(text))
	if _, err := os.Stat(base); err != nil {
		return "", fmt.Errorf("%s says the database is in %q: %w", path, base, err)
	}
	return base, nil
}

// makeElsewhere makes the folder for the data of dir. Its name ends in random letters, so
// that a data directory deleted and made again does not find the old data.
func makeElsewhere(dir string) (string, error) {
	if err := os.MkdirAll(elsewhere, 0o711); err != nil {
		return "", fmt.Errorf("make a place for the database: %w", err)
	}
	base, err := os.MkdirTemp(elsewhere, shortHash(dir)+"-")
	if err != nil {
		return "", fmt.Errorf("make a place for the database: %w", err)
	}
	return base, os.Chmod(base, 0o711)
}

func shortHash(s string) string {
	sum := sha256.Sum256([]byte(s))
	return hex.EncodeToString(sum[:6])
}

func writeAtomic(path, text string) error {
	tmp := path + ".new"
	if err := os.WriteFile(tmp, []byte(text), 0o600); err != nil {
		return err
	}
	return os.Rename(tmp, path)
}
