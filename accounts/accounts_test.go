package accounts

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"

	"salon/internal/fault"
	"salon/internal/postgres"
	"salon/internal/postgres/postgrestest"
)

func TestMain(m *testing.M) { postgrestest.Main(m) }

// bundle is what most tests here need.
type bundle struct {
	*Service
	t    *testing.T
	ctx  context.Context
	pool *pgxpool.Pool
}

func setup(t *testing.T) *bundle {
	t.Helper()
	t.Parallel()
	pool := postgrestest.New(t)
	return &bundle{New(Config{Pool: pool, Mail: letters{}}), t, t.Context(), pool}
}

func (b *bundle) signUp(handle string) Account {
	b.t.Helper()
	a, err := b.SignUp(b.ctx, NewAccount{Handle: handle, DisplayName: handle, Email: handle + "@example.org", Password: "long enough"})
	if err != nil {
		b.t.Fatal(err)
	}
	return a
}

func (b *bundle) exec(sql string, args ...any) {
	b.t.Helper()
	if _, err := b.pool.Exec(b.ctx, sql, args...); err != nil {
		b.t.Fatal(err)
	}
}

func TestSignUpKeepsNamesUnique(t *testing.T) {
	b := setup(t)
	first := b.signUp("ada")
	if got, err := b.ByHandle(b.ctx, "@ADA"); err != nil || got.ID != first.ID {
		t.Fatalf("ByHandle: %v %v", got, err)
	}
	_, err := b.SignUp(b.ctx, NewAccount{Handle: "Ada", DisplayName: "x", Email: "other@example.org", Password: "long enough"})
	if !errors.Is(err, ErrHandleTaken) {
		t.Errorf("same handle: %v", err)
	}
	_, err = b.SignUp(b.ctx, NewAccount{Handle: "bob", DisplayName: "x", Email: "ADA@example.org", Password: "long enough"})
	if !errors.Is(err, ErrEmailTaken) {
		t.Errorf("same e-mail: %v", err)
	}
	if _, err := b.ByID(b.ctx, uuid.Must(uuid.NewV7())); !errors.Is(err, ErrNotFound) {
		t.Errorf("unknown id: %v", err)
	}
}

func TestSignUpNamesTheFieldThatCannotStand(t *testing.T) {
	b := setup(t)
	good := NewAccount{Handle: "ada", DisplayName: "Ada", Email: "ada@example.org", Password: "long enough"}
	for field, spoil := range map[string]func(*NewAccount){
		"handle":       func(n *NewAccount) { n.Handle = "a b" },
		"display_name": func(n *NewAccount) { n.DisplayName = "a\x00b" },
		"email":        func(n *NewAccount) { n.Email = "Ada <ada@example.org>" },
		"password":     func(n *NewAccount) { n.Password = "short" },
		"language":     func(n *NewAccount) { n.Language = "tlh" },
		"time_zone":    func(n *NewAccount) { n.TimeZone = "Mars/Olympus" },
	} {
		n := good
		spoil(&n)
		_, err := b.SignUp(b.ctx, n)
		var f *fault.Fault
		if !errors.As(err, &f) || f.Kind != fault.InvalidInput || f.Params["field"] != field {
			t.Errorf("%s: %v", field, err)
		}
	}
}

func TestCheckLogin(t *testing.T) {
	b := setup(t)
	ada := b.signUp("ada")
	b.followers(ada.ID, 1, 0) // an account without a password
	var fan string
	if err := b.pool.QueryRow(b.ctx, `select handle from accounts where password_hash = ''`).Scan(&fan); err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct {
		login, password string
		want            error
	}{
		{"ada", "long enough", nil},
		{"@Ada", "long enough", nil},
		{"ADA@example.org", "long enough", nil},
		{"ada", "long enough ", ErrWrongLogin},
		{"nobody", "long enough", ErrWrongLogin},
		{fan, "long enough", ErrWrongLogin},
		{"ada", strings.Repeat("x", MaxPasswordBytes+1), ErrWrongLogin},
	} {
		got, err := b.CheckLogin(b.ctx, c.login, c.password)
		if !errors.Is(err, c.want) || (err == nil && got.ID != ada.ID) {
			t.Errorf("CheckLogin(%q, %q) = %v, %v", c.login, c.password, got.ID, err)
		}
	}
	b.exec(`update accounts set suspended_at = now()`)
	if _, err := b.CheckLogin(b.ctx, "ada", "long enough"); !errors.Is(err, ErrSuspended) {
		t.Errorf("suspended: %v", err)
	}
}

func TestHashesTakeTurns(t *testing.T) {
	t.Parallel()
	h := newHasher()
	var inside, most atomic.Int64
	var all sync.WaitGroup
	for range 8 * cap(h.turns) {
		all.Go(func() {
			h.turn(t.Context(), func() {
				n := inside.Add(1)
				for m := most.Load(); n > m && !most.CompareAndSwap(m, n); m = most.Load() {
				}
				derive("password", make([]byte, argonSaltBytes))
				inside.Add(-1)
			})
		})
	}
	all.Wait()
	if most.Load() > int64(cap(h.turns)) {
		t.Errorf("%d hashes at once, %d turns", most.Load(), cap(h.turns))
	}
	for range cap(h.turns) {
		h.turns <- struct{}{}
	}
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if err := h.turn(ctx, func() { t.Error("worked without a turn") }); !errors.Is(err, ErrTooManyLogins) {
		t.Errorf("no turn free: %v", err)
	}
}

func TestSessionsAreRevocableAndListed(t *testing.T) {
	b := setup(t)
	ada, bob := b.signUp("ada"), b.signUp("bob")
	phone, _ := b.OpenSession(b.ctx, ada.ID, "phone", "192.0.2.1")
	laptop, _ := b.OpenSession(b.ctx, ada.ID, "laptop", "192.0.2.2")
	who, err := b.BySession(b.ctx, phone)
	if err != nil || who.AccountID != ada.ID || !who.HasSession() || !who.May(ScopeRooms) {
		t.Fatalf("BySession: %+v %v", who, err)
	}
	if list, err := b.Sessions(b.ctx, ada.ID); err != nil || len(list) != 2 {
		t.Fatalf("Sessions: %v %v", list, err)
	}
	if err := b.CloseSession(b.ctx, bob.ID, who.SessionID); !errors.Is(err, ErrNoSession) {
		t.Errorf("another's session: %v", err)
	}
	if err := b.CloseSession(b.ctx, ada.ID, who.SessionID); err != nil {
		t.Fatal(err)
	}
	if _, err := b.BySession(b.ctx, phone); !errors.Is(err, ErrSignedOut) {
		t.Errorf("revoked: %v", err)
	}
	b.exec(`update sessions set expires_at = now()`)
	if _, err := b.BySession(b.ctx, laptop); !errors.Is(err, ErrSignedOut) {
		t.Errorf("expired: %v", err)
	}
}

// A session that is revoked while it is being used must stay revoked: the
// write that notes its use may not bring it back.
func TestUseCannotResurrectASession(t *testing.T) {
	b := setup(t)
	ada := b.signUp("ada")
	for range 20 {
		secret, _ := b.OpenSession(b.ctx, ada.ID, "phone", "")
		b.exec(`update sessions set last_seen_at = now() - interval '1 hour'`)
		who, err := b.BySession(b.ctx, secret)
		if err != nil {
			t.Fatal(err)
		}
		var both sync.WaitGroup
		both.Go(func() { b.BySession(b.ctx, secret) })
		both.Go(func() { b.CloseSession(b.ctx, ada.ID, who.SessionID) })
		both.Wait()
		if _, err := b.BySession(b.ctx, secret); !errors.Is(err, ErrSignedOut) {
			t.Fatalf("back after revocation: %v", err)
		}
	}
}

func TestTokens(t *testing.T) {
	b := setup(t)
	ada := b.signUp("ada")
	made, secret, err := b.CreateToken(b.ctx, ada.ID, NewToken{Name: "robot", Scopes: []Scope{ScopeRead}, Life: time.Hour, Bot: true})
	if err != nil {
		t.Fatal(err)
	}
	who, err := b.ByToken(b.ctx, secret)
	if err != nil || !who.Bot || !who.May(ScopeRead) || who.May(ScopeRooms) || who.HasSession() {
		t.Fatalf("ByToken: %+v %v", who, err)
	}
	for _, bad := range []NewToken{
		{Name: "", Scopes: []Scope{ScopeRead}, Life: time.Hour},
		{Name: "x", Life: time.Hour},
		{Name: "x", Scopes: []Scope{"everything"}, Life: time.Hour},
		{Name: "x", Scopes: []Scope{ScopeRead}, Life: MaxTokenLife + 1},
		{Name: "x", Scopes: []Scope{ScopeRead}},
	} {
		if _, _, err := b.CreateToken(b.ctx, ada.ID, bad); !errors.Is(err, fault.InvalidInput) {
			t.Errorf("%+v: %v", bad, err)
		}
	}
	b.exec(`update api_tokens set expires_at = now()`)
	if _, err := b.ByToken(b.ctx, secret); !errors.Is(err, ErrSignedOut) {
		t.Errorf("expired: %v", err)
	}
	if err := b.RevokeToken(b.ctx, ada.ID, made.ID); err != nil {
		t.Fatal(err)
	}
	if err := b.RevokeToken(b.ctx, ada.ID, made.ID); !errors.Is(err, ErrNoToken) {
		t.Errorf("revoked twice: %v", err)
	}
}

// followers makes n accounts of an age that follow the account.
func (b *bundle) followers(of uuid.UUID, n int, age time.Duration) {
	b.t.Helper()
	for i := range n {
		id := uuid.Must(uuid.NewV7())
		name := fmt.Sprintf("f%d_%s", i, id.String()[24:])
		b.exec(`insert into accounts (id, handle, display_name, email, password_hash, created_at)
			values ($1, $2, 'x', $2 || '@example.org', '', now() - $3::interval)`, id, name, age)
		if err := b.Follow(b.ctx, id, of); err != nil {
			b.t.Fatal(err)
		}
	}
}

func (b *bundle) reach(of uuid.UUID, need int) (r Reach) {
	b.t.Helper()
	err := postgres.InTx(b.ctx, b.pool, func(tx pgx.Tx) (err error) {
		r, err = b.ReachTx(b.ctx, tx, of, need)
		return err
	})
	if err != nil {
		b.t.Fatal(err)
	}
	return r
}

func TestYoungFollowersDoNotCountYet(t *testing.T) {
	b := setup(t)
	ada := b.signUp("ada")
	b.followers(ada.ID, 3, FollowerAge) // exactly old enough
	b.followers(ada.ID, 2, 20*time.Hour)
	b.followers(ada.ID, 2, 10*time.Hour)
	for _, c := range []struct {
		need, next int
		after      time.Duration
	}{
		{3, 0, 0},                 // enough already
		{4, 1, 4 * time.Hour},     // the oldest of the young is enough
		{6, 3, 14 * time.Hour},    // needs one of the youngest
		{1000, 4, 14 * time.Hour}, // never enough: all of them, when the last counts
	} {
		r := b.reach(ada.ID, c.need)
		if r.Counting != 3 || r.Pending != 4 || r.Next != c.next {
			t.Errorf("need %d: %+v", c.need, r)
		}
		if c.next == 0 && !r.NextAt.IsZero() {
			t.Errorf("need %d: next at %v", c.need, r.NextAt)
		}
		if d := time.Until(r.NextAt) - c.after; c.next > 0 && (d > 0 || d < -time.Minute) {
			t.Errorf("need %d: in %v, want %v", c.need, time.Until(r.NextAt), c.after)
		}
	}
	if f, err := b.Following(b.ctx, ada.ID, uuid.Nil); err != nil || f.Followers != 3 {
		t.Errorf("Following: %+v %v", f, err)
	}
}

// Someone who unfollows while the count is taken fails nobody.
func TestReachStandsWhileYoungFollowersLeave(t *testing.T) {
	b := setup(t)
	ada := b.signUp("ada")
	b.followers(ada.ID, 5, time.Hour)
	rows, _ := b.pool.Query(b.ctx, `select follower_id from follows`)
	fans, err := pgx.CollectRows(rows, pgx.RowTo[uuid.UUID])
	if err != nil {
		t.Fatal(err)
	}
	var storm sync.WaitGroup
	for _, fan := range fans {
		storm.Go(func() {
			for range 50 {
				b.Unfollow(b.ctx, fan, ada.ID)
				b.Follow(b.ctx, fan, ada.ID)
			}
		})
	}
	for range 200 {
		if r := b.reach(ada.ID, 600); r.Next != r.Pending || (r.Next > 0) == r.NextAt.IsZero() {
			t.Errorf("%+v", r)
		}
	}
	storm.Wait()
}

func TestFollowCountsAreRightUnderConcurrency(t *testing.T) {
	b := setup(t)
	ada := b.signUp("ada")
	const people = 40
	ids := make([]uuid.UUID, people)
	for i := range ids {
		ids[i] = uuid.Must(uuid.NewV7())
		b.exec(`insert into accounts (id, handle, display_name, email, password_hash, created_at)
			values ($1, $2, 'x', $2 || '@example.org', '', now() - interval '2 days')`, ids[i], fmt.Sprintf("p%d", i))
	}
	var all sync.WaitGroup
	for i, id := range ids {
		all.Go(func() {
			for range 5 {
				b.Follow(b.ctx, id, ada.ID)
				b.Unfollow(b.ctx, id, ada.ID)
			}
			if i%2 == 0 {
				b.Follow(b.ctx, id, ada.ID)
				b.Follow(b.ctx, id, ada.ID)
			}
		})
	}
	all.Wait()
	if f, err := b.Following(b.ctx, ada.ID, ids[0]); err != nil || f.Followers != people/2 || !f.ByViewer {
		t.Errorf("%+v %v, want %d followers", f, err, people/2)
	}
}

func TestFollowRefusals(t *testing.T) {
	b := setup(t)
	ada := b.signUp("ada")
	if err := b.Follow(b.ctx, ada.ID, ada.ID); !errors.Is(err, ErrFollowSelf) {
		t.Errorf("self: %v", err)
	}
	if err := b.Follow(b.ctx, ada.ID, uuid.Must(uuid.NewV7())); !errors.Is(err, ErrNotFound) {
		t.Errorf("unknown: %v", err)
	}
	cancelled, cancel := context.WithCancel(b.ctx)
	cancel()
	if err := b.Follow(cancelled, ada.ID, uuid.Must(uuid.NewV7())); !errors.Is(err, context.Canceled) {
		t.Errorf("cancelled: %v", err)
	}
}
