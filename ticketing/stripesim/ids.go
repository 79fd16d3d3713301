package stripesim

import "crypto/rand"

// newID returns an id in Stripe's manner: what it is, and random letters.
func newID(prefix string) string { return prefix + "_" + rand.Text() }
