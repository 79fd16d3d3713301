package speechtest

import "testing"

func TestNormal(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]string{
		"I'm sorry, that number is NOT valid.": "i'm sorry that number is not valid",
		"Press 1 - now!":                       "press one now",
		"  ":                                   "",
	} {
		if got := Normal(text); got != want {
			t.Errorf("%q: %q, want %q", text, got, want)
		}
	}
}
