package archtest

import (
	"bytes"
	"encoding/json"
	"errors"
	"io"
	"os/exec"
	"slices"
	"strings"
	"testing"
)

// Everything not in the standard library that a package may import, tests
// aside. Our own packages are named one by one; another module's path covers
// what is below it. The reasons are in docs/architecture.md.
var allowed = map[string][]string{
	"salon/cmd/salon": {"salon/accounts", "salon/captions", "salon/captions/listener", "salon/captions/speech", "salon/captions/speech/models", "salon/captions/speech/score", "salon/captions/speech/voskchild", "salon/captions/speech/wav", "salon/captions/writer", "salon/cmd/salon/demo", "salon/internal/jobs", "salon/internal/mail", "salon/internal/postgres",
		"salon/internal/sfu", "salon/internal/sfu/sfuchild", "salon/internal/supervise", "salon/rooms", "salon/rooms/media", "salon/ticketing", "salon/ticketing/stripepay", "salon/ticketing/stripesim", "salon/web", "salon/web/app", "salon/web/live",
		"github.com/alecthomas/kong", "github.com/google/uuid", "github.com/jackc/pgx/v5", "github.com/prometheus/client_golang", "golang.org/x/crypto", "rsc.io/qr"},

	"salon/cmd/salon/demo": {"salon/accounts", "salon/rooms", "salon/internal/postgres",
		"github.com/google/uuid", "github.com/jackc/pgx/v5", "github.com/livekit/protocol", "github.com/livekit/server-sdk-go/v2", "github.com/pion/webrtc/v4"},

	"salon/accounts": {"salon/internal/fault", "salon/internal/mail", "salon/internal/postgres", "github.com/google/uuid", "github.com/jackc/pgx/v5", "golang.org/x/crypto"},
	"salon/rooms":    {"salon/internal/fault", "salon/internal/postgres", "github.com/google/uuid", "github.com/jackc/pgx/v5", "golang.org/x/text", "golang.org/x/time"},
	"salon/rooms/media": {"salon/rooms", "salon/internal/fault",
		"github.com/livekit/protocol", "github.com/livekit/server-sdk-go/v2", "github.com/twitchtv/twirp", "github.com/gorilla/websocket"},

	"salon/captions": {"salon/captions/speech", "github.com/google/uuid"},
	"salon/captions/listener": {"salon/captions", "salon/captions/speech", "github.com/livekit/protocol", "github.com/livekit/server-sdk-go/v2",
		"github.com/pion/opus", "github.com/pion/rtp", "github.com/pion/webrtc/v4"},
	"salon/captions/writer":            {"salon/captions/listener", "github.com/livekit/protocol", "github.com/livekit/server-sdk-go/v2"},
	"salon/captions/speech":            {},
	"salon/captions/speech/models":     {},
	"salon/captions/speech/score":      {},
	"salon/captions/speech/wav":        {"salon/captions/speech"},
	"salon/captions/speech/speechtest": {"salon/captions/speech/score", "github.com/gotranspile/g722", "github.com/pion/webrtc/v4"},
	"salon/captions/speech/vosk":       {"salon/captions/speech", "github.com/ebitengine/purego"},
	"salon/captions/speech/voskchild":  {"salon/captions/speech", "salon/captions/speech/vosk", "salon/internal/supervise"},

	"salon/ticketing":                         {"salon/internal/fault", "salon/internal/postgres", "github.com/google/uuid", "github.com/jackc/pgx/v5", "github.com/riverqueue/river"},
	"salon/ticketing/stripepay":               {"salon/internal/fault", "salon/ticketing", "github.com/google/uuid", "github.com/stripe/stripe-go/v76", "golang.org/x/time"},
	"salon/ticketing/stripesim":               {"github.com/stripe/stripe-go/v76", "golang.org/x/time"},
	"salon/ticketing/stripesim/stripesimtest": {"salon/ticketing/stripesim"},

	"salon/web": {"salon/accounts", "salon/captions", "salon/rooms", "salon/ticketing", "salon/web/live", "salon/internal/fault",
		"github.com/arran4/golang-ical",
		"github.com/danielgtaylor/huma/v2", "github.com/google/uuid", "github.com/nicksnyder/go-i18n/v2", "golang.org/x/text", "golang.org/x/time",
		"rsc.io/qr"},
	"salon/web/live": {"salon/rooms", "salon/internal/fault", "github.com/google/uuid", "github.com/gorilla/websocket"},
	"salon/web/app":  {},

	"salon/migrations":                     {},
	"salon/internal/fault":                 {},
	"salon/internal/archtest":              {},
	"salon/internal/supervise":             {},
	"salon/internal/postgres":              {"salon/internal/supervise", "salon/migrations", "github.com/google/uuid", "github.com/jackc", "github.com/riverqueue/river"},
	"salon/internal/postgres/postgrestest": {"salon/internal/postgres", "github.com/jackc/pgx/v5"},
	"salon/internal/jobs":                  {"github.com/jackc/pgx/v5", "github.com/riverqueue/river"},
	"salon/internal/mail":                  {"github.com/google/uuid", "github.com/jackc/pgx/v5", "github.com/riverqueue/river", "github.com/wneessen/go-mail"},
	"salon/internal/sfu":                   {"github.com/livekit/livekit-server", "github.com/livekit/protocol"},
	"salon/internal/sfu/sfuchild":          {"salon/internal/sfu", "salon/internal/supervise"},

	"salon/bench/socket": {"salon/rooms", "salon/web/live", "github.com/google/uuid", "github.com/gorilla/websocket"},
	"salon/e2e/storm":    {"github.com/gorilla/websocket"},
	"salon/bench/house":  {},
	"salon/bench/captions": {"salon/bench/house", "salon/captions", "salon/captions/speech", "salon/captions/speech/score", "salon/captions/speech/speechtest", "salon/captions/speech/vosk",
		"github.com/gorilla/websocket", "github.com/livekit/protocol", "github.com/livekit/server-sdk-go/v2", "github.com/pion/webrtc/v4"},
	"salon/bench/tickets": {"salon/internal/postgres", "salon/ticketing", "github.com/google/uuid", "github.com/jackc/pgx/v5"},
	"salon/bench/room":    {"salon/bench/house", "salon/internal/sfu", "salon/internal/sfu/sfuchild", "github.com/google/uuid", "github.com/livekit/protocol", "github.com/livekit/server-sdk-go/v2", "github.com/pion/webrtc/v4"},
}

type listed struct {
	ImportPath string
	Dir        string
	Standard   bool
	Imports    []string
}

func packages(t *testing.T) (all []listed) {
	t.Helper()
	out, err := exec.Command("go", "list", "-json=ImportPath,Dir,Imports", "salon/...").Output()
	if err != nil {
		t.Fatalf("go list: %v", err)
	}
	for decoder := json.NewDecoder(bytes.NewReader(out)); ; {
		var p listed
		if err := decoder.Decode(&p); errors.Is(err, io.EOF) {
			return all
		} else if err != nil {
			t.Fatal(err)
		}
		all = append(all, p)
	}
}

func TestImportsFollowTheHouse(t *testing.T) {
	t.Parallel()
	for _, p := range packages(t) {
		list, known := allowed[p.ImportPath]
		if !known {
			t.Errorf("%s is not in the list: decide what it may import", p.ImportPath)
			continue
		}
		for _, path := range p.Imports {
			if first, _, _ := strings.Cut(path, "/"); !strings.Contains(first, ".") && first != "salon" {
				continue // standard library
			}
			if !slices.ContainsFunc(list, func(a string) bool { return covers(a, path) }) {
				t.Errorf("%s may not import %s", p.ImportPath, path)
			}
		}
	}
}

func covers(entry, path string) bool {
	return path == entry || !strings.HasPrefix(entry, "salon/") && strings.HasPrefix(path, entry+"/")
}

// A list that nobody uses any more invites what it was made to keep out.
func TestImportListsAreUsed(t *testing.T) {
	t.Parallel()
	all := packages(t)
	for name, list := range allowed {
		i := slices.IndexFunc(all, func(p listed) bool { return p.ImportPath == name })
		if i < 0 {
			t.Errorf("%s does not exist", name)
			continue
		}
		for _, a := range list {
			if !slices.ContainsFunc(all[i].Imports, func(path string) bool { return covers(a, path) }) {
				t.Errorf("%s does not import %s", name, a)
			}
		}
	}
}
