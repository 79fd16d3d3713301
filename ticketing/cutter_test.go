package ticketing

import (
	"bytes"
	"io"
	"log/slog"
	"net"
	"net/url"
	"os"
	"path/filepath"
	"sync"
	"sync/atomic"
	"testing"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"

	"salon/internal/fault"
	"salon/internal/postgres"
	"salon/internal/postgres/postgrestest"
)

// committed is how Postgres says that seats were counted, and that there is no
// transaction any more.
var committed = []byte("UPDATE 1\x00Z\x00\x00\x00\x05I")

// cutter stands between a pool and Postgres and ends the connection in place of
// every nth answer of that kind, once it was told to begin.
type cutter struct {
	network, address string // of the real one
	dir              string // of ours
	every            int64
	begun            atomic.Bool
	commits, cuts    atomic.Int64
}

func newCutter(t *testing.T, config *pgx.ConnConfig, every int64) *cutter {
	t.Helper()
	dir, err := os.MkdirTemp("", "cut") // a short name: sockets have no long ones
	if err != nil {
		t.Fatal(err)
	}
	c := &cutter{dir: dir, every: every}
	c.network, c.address = "unix", filepath.Join(config.Host, ".s.PGSQL.5432")
	if !filepath.IsAbs(config.Host) {
		c.network, c.address = "tcp", net.JoinHostPort(config.Host, "5432")
	}
	l, err := net.Listen("unix", filepath.Join(dir, ".s.PGSQL.5432"))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		_ = l.Close()
		_ = os.RemoveAll(dir)
	})
	go c.serve(l)
	return c
}

func (c *cutter) begin() { c.begun.Store(true) }

// url is the address of the same database through the cutter.
func (c *cutter) url(config *pgx.ConnConfig) string {
	u := url.URL{Scheme: "postgres", User: url.User(config.User), Path: "/" + config.Database,
		RawQuery: url.Values{"host": {c.dir}, "port": {"5432"}, "sslmode": {"disable"}}.Encode()}
	return u.String()
}

func (c *cutter) serve(l net.Listener) {
	for {
		client, err := l.Accept()
		if err != nil {
			return
		}
		server, err := net.Dial(c.network, c.address)
		if err != nil {
			client.Close()
			continue
		}
		go func() {
			_, _ = io.Copy(server, client)
			server.Close()
		}()
		go c.answers(client, server)
	}
}

// answers copies what the server says until it is time to cut. The answer to a
// group is short and comes at once, so it is never split over two reads.
func (c *cutter) answers(client, server net.Conn) {
	defer client.Close()
	defer server.Close()
	buffer := make([]byte, 64<<10)
	for {
		n, err := server.Read(buffer)
		if err != nil {
			return
		}
		if c.begun.Load() && bytes.Contains(buffer[:n], committed) && c.commits.Add(1)%c.every == 0 {
			c.cuts.Add(1)
			return
		}
		if _, err := client.Write(buffer[:n]); err != nil {
			return
		}
	}
}

// cutting returns a pool whose connections lose so many of the answers that seats
// were given.
func (b *bundle) cutting(p *cutter) *pgxpool.Pool {
	b.t.Helper()
	pool, err := postgres.ConnectIndexed(b.ctx, p.url(b.pool.Config().ConnConfig))
	b.must(err)
	b.t.Cleanup(pool.Close)
	return pool
}

// M3: answers that seats were given are lost, and clients ask again. With their id they find
// what was committed: no seat is held twice and nobody is refused wrongly. The
// control asks again with another id.
func TestM3LostCommits(t *testing.T) {
	t.Parallel()
	for name, keepsID := range map[string]bool{"with the same id": true, "control: with another id": false} {
		t.Run(name, func(t *testing.T) {
			b := newBundle(t, postgrestest.New(t))
			f, people := b.sale(300), b.people(300)
			cut := newCutter(t, b.pool.Config().ConnConfig, 4)
			pool := b.cutting(cut)
			service := NewService(NewStore(pool), pool, b.settings, b.stripe, b.journal, b.errands, slog.New(slog.DiscardHandler))
			cut.begin()
			var wrong, held atomic.Int64
			var all sync.WaitGroup
			var next atomic.Int64
			for range 8 {
				all.Go(func() {
					for i := next.Add(1) - 1; int(i) < len(people); i = next.Add(1) - 1 {
						switch err := b.insist(service, ask(f, people[i]), keepsID); {
						case err == nil:
							held.Add(1)
						default:
							wrong.Add(1)
						}
					}
				})
			}
			all.Wait()
			seats := b.number(`select count(*) from orders where state = 'held'`)
			figure := map[bool]string{true: "money.m3", false: "money.m3_control"}[keepsID]
			t.Logf("figure %s_commits_cut %d", figure, cut.cuts.Load())
			t.Logf("figure %s_double_holds %d", figure, seats-held.Load())
			t.Logf("figure %s_wrongly_refused %d", figure, wrong.Load())
			if cut.cuts.Load() == 0 {
				t.Error("nothing was cut: nothing was tested")
			}
			if keepsID && (wrong.Load() > 0 || held.Load() != 300 || seats != 300) {
				t.Error("somebody was wronged")
			}
			if !keepsID && wrong.Load() == 0 {
				t.Error("the control controls nothing")
			}
			b.sound()
		})
	}
}

// insist asks until there is an answer. The desk asks again by itself with the
// id it was given, so the control goes around it.
func (b *bundle) insist(service *Service, a Ask, keepsID bool) error {
	for {
		var err error
		if keepsID {
			_, err = service.Hold(b.ctx, a)
		} else {
			var j judged
			if j, err = service.desk.reserve([]asking{{Ask: a}}, false); err == nil {
				_, err = j.answer(0, a, b.settings)
			}
			a.ID = uuid.Must(uuid.NewV7())
		}
		if err == nil || fault.Of(err) != nil {
			return err
		}
	}
}
