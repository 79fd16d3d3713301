package sfuchild

import (
	"crypto/rand"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
)

// Keys is the pair that signs tokens and webhooks.
type Keys struct{ Key, Secret string }

// LoadKeys reads the keys of a data directory, making them the first time. Two who start
// at once get the same. Keys that other users can read are refused: they may have been.
func LoadKeys(dir string) (Keys, error) {
	path := filepath.Join(dir, "livekit-keys.json")
	k, err := readKeys(path)
	if errors.Is(err, fs.ErrNotExist) {
		if err = makeKeys(path); err == nil {
			k, err = readKeys(path)
		}
	}
	if err != nil {
		return Keys{}, fmt.Errorf("load livekit keys: %w", err)
	}
	return k, nil
}

func readKeys(path string) (k Keys, err error) {
	info, err := os.Stat(path)
	if err != nil {
		return k, err
	}
	if info.Mode().Perm()&0o077 != 0 {
		return k, fmt.Errorf("others can read %s (%v): delete it to have new keys, or chmod 600", path, info.Mode().Perm())
	}
	text, err := os.ReadFile(path)
	if err == nil {
		err = json.Unmarshal(text, &k)
	}
	if err == nil && (k.Key == "" || k.Secret == "") {
		err = fmt.Errorf("%s holds no keys", path)
	}
	return k, err
}

// makeKeys writes new keys aside and links them into place: whole, or not at all, and
// never over somebody else's.
func makeKeys(path string) error {
	// A rand.Text has 130 bits; two are as good as 32 random bytes.
	k := Keys{Key: "API" + rand.Text()[:12], Secret: rand.Text() + rand.Text()}
	tmp, err := os.CreateTemp(filepath.Dir(path), ".livekit-keys-") // mode 0600
	if err != nil {
		return err
	}
	defer func() { _ = os.Remove(tmp.Name()) }()
	if err := errors.Join(json.NewEncoder(tmp).Encode(k), tmp.Sync(), tmp.Close()); err != nil {
		return err
	}
	if err := os.Link(tmp.Name(), path); !errors.Is(err, fs.ErrExist) {
		return err
	}
	return nil
}
