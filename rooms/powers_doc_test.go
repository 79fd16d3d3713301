package rooms

import (
	"flag"
	"fmt"
	"os"
	"strings"
	"testing"
)

var update = flag.Bool("update", false, "write docs/powers.md anew")

const powersFile = "../docs/powers.md"

// The table in the documentation is the table in the program.
func TestPowersAreDocumented(t *testing.T) {
	t.Parallel()
	if *update {
		if err := os.WriteFile(powersFile, []byte(powersText()), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	have, err := os.ReadFile(powersFile)
	if err != nil || string(have) != powersText() {
		t.Errorf("%s is not current: go test ./rooms -run Documented -update (%v)", powersFile, err)
	}
}

func powersText() string {
	var b strings.Builder
	roles := []Role{Host, Cohost, Speaker, Listener, Guest, Admin, Captioner}
	b.WriteString(`# Who may do what in a room

One table, in ` + "`rooms/powers.go`" + `: the API, API tokens, the media server's grants
and the app all read it, and ` + "`GET /api/powers`" + ` serves it. A power over people
reaches only those below: admin, host, co-host, speaker, listener. An admin of
the server has theirs in every room, there or not. A captioner was named by the
host, and is one beside another role. This file is written from the
table (` + "`go test ./rooms -run Documented -update`" + `).

| action | on |`)
	for _, r := range roles {
		b.WriteString(" " + string(r) + " |")
	}
	b.WriteString("\n|---|---|" + strings.Repeat("---|", len(roles)) + "\n")
	for _, p := range Powers {
		fmt.Fprintf(&b, "| %s | %s |", p.Action, p.On)
		for _, r := range roles {
			b.WriteString(map[bool]string{true: " yes |", false: " |"}[May(r, p.Action)])
		}
		b.WriteString("\n")
	}
	return b.String()
}
