package accounts

import (
	"context"
	"crypto/rand"
	"crypto/subtle"
	"encoding/base64"
	"fmt"
	"runtime"
	"strings"
	"time"

	"golang.org/x/crypto/argon2"
)

// Cost of one hash: 19 MiB, two passes, one lane, the floor that OWASP's
// password storage sheet gives for argon2id.
const (
	argonMemoryKiB = 19 * 1024
	argonPasses    = 2
	argonLanes     = 1
	argonKeyBytes  = 32
	argonSaltBytes = 16
)

// loginWait is how long a sign-in waits for its turn at the hasher before it
// is told to come back.
const loginWait = 5 * time.Second

// hasher bounds how many hashes run at once: each takes 19 MiB, so a crowd of
// sign-ins would otherwise be a way to exhaust the memory.
type hasher struct {
	turns chan struct{}
	decoy string // compared against when no such account exists, so that timing tells nothing
}

func newHasher() *hasher {
	return &hasher{
		turns: make(chan struct{}, runtime.GOMAXPROCS(0)),
		decoy: encode(make([]byte, argonSaltBytes), make([]byte, argonKeyBytes)),
	}
}

func (h *hasher) turn(ctx context.Context, work func()) error {
	ctx, cancel := context.WithTimeout(ctx, loginWait)
	defer cancel()
	select {
	case h.turns <- struct{}{}:
		defer func() { <-h.turns }()
		work()
		return nil
	case <-ctx.Done():
		return ErrTooManyLogins
	}
}

// hash returns the password's argon2id hash as a PHC string.
func (h *hasher) hash(ctx context.Context, password string) (phc string, err error) {
	salt := make([]byte, argonSaltBytes)
	rand.Read(salt)
	err = h.turn(ctx, func() { phc = encode(salt, derive(password, salt)) })
	return phc, err
}

// matches says whether the password belongs to the PHC string.
func (h *hasher) matches(ctx context.Context, password, phc string) (same bool, err error) {
	salt, key, err := decode(phc)
	if err != nil {
		return false, err
	}
	err = h.turn(ctx, func() { same = subtle.ConstantTimeCompare(derive(password, salt), key) == 1 })
	return same, err
}

func derive(password string, salt []byte) []byte {
	return argon2.IDKey([]byte(password), salt, argonPasses, argonMemoryKiB, argonLanes, argonKeyBytes)
}

var phcPrefix = fmt.Sprintf("$argon2id$v=%d$m=%d,t=%d,p=%d$", argon2.Version, argonMemoryKiB, argonPasses, argonLanes)

func encode(salt, key []byte) string {
	b64 := base64.RawStdEncoding
	return phcPrefix + b64.EncodeToString(salt) + "$" + b64.EncodeToString(key)
}

func decode(phc string) (salt, key []byte, err error) {
	rest, ok := strings.CutPrefix(phc, phcPrefix)
	saltText, keyText, cut := strings.Cut(rest, "$")
	if !ok || !cut {
		return nil, nil, fmt.Errorf("password hash has other parameters than %q", phcPrefix)
	}
	if salt, err = base64.RawStdEncoding.DecodeString(saltText); err != nil {
		return nil, nil, fmt.Errorf("password hash salt: %w", err)
	}
	if key, err = base64.RawStdEncoding.DecodeString(keyText); err != nil {
		return nil, nil, fmt.Errorf("password hash key: %w", err)
	}
	return salt, key, nil
}
