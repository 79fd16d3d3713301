package accounts

import (
	"crypto/rand"
	"crypto/sha256"
	"encoding/base64"
)

// newSecret returns 256 random bits as text, behind a prefix that lets people
// and scanners tell what it is, and the hash under which it is kept.
func newSecret(prefix string) (secret string, hash []byte) {
	bits := make([]byte, 32)
	rand.Read(bits)
	secret = prefix + base64.RawURLEncoding.EncodeToString(bits)
	return secret, hashSecret(secret)
}

// hashSecret needs no salt and no slow hash: the secret is 256 random bits.
func hashSecret(secret string) []byte {
	sum := sha256.Sum256([]byte(secret))
	return sum[:]
}
