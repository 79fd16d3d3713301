package ticketing

import (
	"bytes"
	"io"
	"net"
	"net/url"
	"os"
	"path/filepath"
	"sync/atomic"
	"testing"

	"github.com/jackc/pgx/v5"
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
