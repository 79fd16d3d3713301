package score

import "testing"

func TestNormal(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]string{
		"I'm sorry, that number is NOT valid.": "i'm sorry that number is not valid",
		"Élan -- l’Œuvre, à 5 heures !":        "élan l'œuvre à 5 heures",
		"  ":                                   "",
	} {
		if got := Normal(text); got != want {
			t.Errorf("%q: %q, want %q", text, got, want)
		}
	}
}

func TestErrors(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		said, heard string
		want        int
	}{
		{"a b c", "a b c", 0}, {"a b c", "", 3}, {"", "a", 1}, {"a b c", "a x c", 1}, {"a b c", "a c", 1},
		{"a b c", "a b b c", 1}, {"a b c d", "b c d e", 2},
	} {
		if got := Errors(c.said, c.heard); got != c.want {
			t.Errorf("%q heard as %q: %d, want %d", c.said, c.heard, got, c.want)
		}
	}
}
