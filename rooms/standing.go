package rooms

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"

	"salon/internal/fault"
	"salon/internal/postgres"
)

// Reach is what the gate needs to know of an account's followers.
type Reach struct {
	Counting, Pending, Next int
	NextAt                  time.Time
}

// Followers counts an account's followers inside the caller's transaction;
// need is the threshold asked for. Package accounts knows.
type Followers interface {
	ReachTx(ctx context.Context, tx pgx.Tx, account uuid.UUID, need int) (Reach, error)
}

// Gate decides who may host, and who may sell seats. Its rules are rows.
type Gate struct {
	pool      *pgxpool.Pool
	followers Followers
}

// NewGate returns the gate on pool.
func NewGate(pool *pgxpool.Pool, followers Followers) *Gate {
	return &Gate{pool: pool, followers: followers}
}

// gateName tells the rules of the two gates apart.
type gateName string

const (
	hostGate gateName = "host"
	sellGate gateName = "sell"
)

// Rules returns the paths in force of who may host: one is enough.
func (g *Gate) Rules(ctx context.Context) ([]Path, error) {
	rules, err := g.rules(ctx, hostGate)
	return rules.Paths, err
}

func (g *Gate) rules(ctx context.Context, name gateName) (rules GateRules, err error) {
	err = postgres.InTx(ctx, g.pool, func(tx pgx.Tx) error {
		rules, err = rulesTx(ctx, tx, name)
		return err
	})
	return rules, err
}

func rulesTx(ctx context.Context, tx pgx.Tx, name gateName) (rules GateRules, err error) {
	err = tx.QueryRow(ctx, `
		select every, paths from gate_rules where gate = $1 order by created_at desc, id desc limit 1`, name).Scan(&rules.All, &rules.Paths)
	switch {
	case !errors.Is(err, pgx.ErrNoRows):
		return rules, err
	case name == sellGate:
		return DefaultSelling, nil
	}
	return GateRules{Paths: DefaultPaths}, nil
}

// SetRules puts new paths in force for whoever schedules or starts from now on.
// setBy may be uuid.Nil: the operator's command line.
func (g *Gate) SetRules(ctx context.Context, setBy uuid.UUID, paths []Path) error {
	if err := CheckPaths(paths); err != nil {
		return err
	}
	return g.setRules(ctx, setBy, hostGate, GateRules{Paths: paths})
}

func (g *Gate) setRules(ctx context.Context, setBy uuid.UUID, name gateName, r GateRules) error {
	_, err := g.pool.Exec(ctx, `insert into gate_rules (id, gate, every, paths, set_by) values ($1, $2, $3, $4, nullif($5::uuid, $6::uuid))`,
		uuid.Must(uuid.NewV7()), name, r.All, r.Paths, setBy, uuid.Nil)
	return err
}

// Standing answers whether the account may host now, without storing anything.
func (g *Gate) Standing(ctx context.Context, account uuid.UUID) (d Decision, err error) {
	err = postgres.InTx(ctx, g.pool, func(tx pgx.Tx) error {
		s, err := g.snapshotTx(ctx, tx, account, hostGate)
		d = Decide(s)
		return err
	})
	return d, err
}

// decideTx takes a snapshot, decides, and stores both. A refusal is the
// decision, not an error: the caller commits it and then refuses.
func (g *Gate) decideTx(ctx context.Context, tx pgx.Tx, account uuid.UUID, name gateName, purpose string) (uuid.UUID, Decision, error) {
	s, err := g.snapshotTx(ctx, tx, account, name)
	if err != nil {
		return uuid.Nil, Decision{}, err
	}
	d, id := Decide(s), uuid.Must(uuid.NewV7())
	snapshot, err := json.Marshal(s)
	if err != nil {
		return uuid.Nil, Decision{}, fmt.Errorf("encode snapshot: %w", err)
	}
	_, err = tx.Exec(ctx, `
		insert into gate_decisions (id, account_id, purpose, snapshot, passed) values ($1, $2, $3, $4, $5)`,
		id, account, purpose, snapshot, d.Passed)
	return id, d, err
}

func (g *Gate) snapshotTx(ctx context.Context, tx pgx.Tx, account uuid.UUID, name gateName) (s Snapshot, err error) {
	rules, err := rulesTx(ctx, tx, name)
	if err != nil {
		return s, fmt.Errorf("read gate rules: %w", err)
	}
	s.All, s.Paths = rules.All, rules.Paths
	err = tx.QueryRow(ctx, `
		select now(), suspended_at is not null, owner,
		       exists (select from host_permissions where account_id = a.id),
		       (select count(*) from vouches v join accounts by on by.id = v.voucher_id
		        where v.candidate_id = a.id and by.suspended_at is null),
		       (select count(*) from rooms where $2 and host_id = a.id and started_at is not null and coalesce(ended_at, now()) > now() - interval '30 days')
		from accounts a where id = $1`, account, name == sellGate).Scan(&s.At, &s.Suspended, &s.Owner, &s.Allowed, &s.Vouchers, &s.Hosted)
	if errors.Is(err, pgx.ErrNoRows) {
		return s, ErrNoAccount
	}
	if err != nil {
		return s, fmt.Errorf("read standing: %w", err)
	}
	reach, err := g.followers.ReachTx(ctx, tx, account, followersWanted(s.Paths))
	s.Followers, s.Pending, s.Next, s.NextAt = reach.Counting, reach.Pending, reach.Next, reach.NextAt
	return s, err
}

func followersWanted(paths []Path) int {
	for _, p := range paths {
		if p.Kind == PathFollowers {
			return p.Min
		}
	}
	return 0
}

// Vouch lets an eligible host vouch for a candidate. Whether the voucher is
// eligible is decided now and kept with the vouch; vouching twice is once.
func (g *Gate) Vouch(ctx context.Context, voucher, candidate uuid.UUID) error {
	var d Decision
	err := postgres.InTx(ctx, g.pool, func(tx pgx.Tx) error {
		id, decision, err := g.decideTx(ctx, tx, voucher, hostGate, "vouch")
		if d = decision; err != nil || !d.Passed {
			return err
		}
		_, err = tx.Exec(ctx, `
			insert into vouches (candidate_id, voucher_id, decision_id) values ($1, $2, $3)
			on conflict do nothing`, candidate, voucher, id)
		return err
	})
	switch postgres.Constraint(err) {
	case "vouches_not_self":
		return ErrVouchSelf
	case "vouches_candidate_id_fkey":
		return ErrNoAccount
	}
	if err == nil && !d.Passed {
		return ErrVouchGate.With(nil)
	}
	return err
}

// Unvouch takes a vouch back.
func (g *Gate) Unvouch(ctx context.Context, voucher, candidate uuid.UUID) error {
	_, err := g.pool.Exec(ctx, `delete from vouches where voucher_id = $1 and candidate_id = $2`, voucher, candidate)
	return err
}

// Vouched says whether voucher vouches for candidate.
func (g *Gate) Vouched(ctx context.Context, voucher, candidate uuid.UUID) (yes bool, err error) {
	err = g.pool.QueryRow(ctx, `select exists (select from vouches where voucher_id = $1 and candidate_id = $2)`,
		voucher, candidate).Scan(&yes)
	return yes, err
}

// Allow lets the account host whatever its followers; grantedBy may be
// uuid.Nil: the operator's command line.
func (g *Gate) Allow(ctx context.Context, grantedBy, account uuid.UUID) error {
	_, err := g.pool.Exec(ctx, `
		insert into host_permissions (account_id, granted_by) values ($1, nullif($2::uuid, $3::uuid)) on conflict do nothing`,
		account, grantedBy, uuid.Nil)
	if postgres.Constraint(err) == "host_permissions_account_id_fkey" {
		return ErrNoAccount
	}
	return err
}

// Disallow takes the permission back.
func (g *Gate) Disallow(ctx context.Context, account uuid.UUID) error {
	_, err := g.pool.Exec(ctx, `delete from host_permissions where account_id = $1`, account)
	return err
}

// refusal is the host gate's no, with everything a sentence needs.
func refusal(d Decision) error {
	return &fault.Fault{Kind: ErrHostGate, Members: map[string]any{"gate": d}}
}
