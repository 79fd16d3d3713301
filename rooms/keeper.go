package rooms

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"

	"salon/internal/postgres"
)

// HostGrace is how long a room waits for a host who is gone.
const HostGrace = time.Minute

// keepEvery is how often the keeper looks, and unseenFor how old the last sign
// of a host must be before the media server is asked: sockets give one every
// five seconds.
const (
	keepEvery = 2 * time.Second
	unseenFor = 11 * time.Second
)

// Presence knows who is connected to the media server.
type Presence interface {
	Present(ctx context.Context, run, identity string) (bool, error)
}

// Keeper looks after rooms whose host is gone: the heir or a co-host takes
// over, or the room ends, and everybody sees the time until then.
type Keeper struct {
	service *Service
	sound   Presence
	lease   *postgres.Lease // one process decides
	grace   time.Duration
	log     *slog.Logger
	forgot  time.Time // when what is over was last forgotten
	since   time.Time // when we began to look, by the database's clock; zero: we do not
}

// NewKeeper returns a keeper who waits grace for a host.
func NewKeeper(service *Service, sound Presence, lease *postgres.Lease, grace time.Duration, log *slog.Logger) *Keeper {
	return &Keeper{service: service, sound: sound, lease: lease, grace: grace, log: log}
}

// Run keeps until the context ends.
func (k *Keeper) Run(ctx context.Context) error {
	return again(ctx, keepEvery, k.keepLeased, func(err error) { k.log.Warn("look after rooms without a host", "error", err) })
}

func (k *Keeper) keepLeased(ctx context.Context) error {
	mine, err := k.lease.Hold(ctx)
	if err != nil || !mine {
		k.since = time.Time{}
		return err
	}
	return errors.Join(k.Look(ctx), k.forget(ctx))
}

// forgetEvery is how often what has run its time is looked for.
const forgetEvery = time.Hour

func (k *Keeper) forget(ctx context.Context) error {
	if time.Since(k.forgot) < forgetEvery {
		return nil
	}
	k.forgot = time.Now()
	return errors.Join(k.service.ForgetGuests(ctx), k.service.ForgetWords(ctx))
}

// watched is a live room and the signs of its host.
type watched struct {
	ID       uuid.UUID
	Run      string
	HostID   uuid.UUID
	Identity string
	Away     *time.Time // since when, as everyone was told
	Last     time.Time  // sign of the host, or when we began to look if that is later
	Unseen   bool
	Due      bool // the time is over
}

// Look goes once through all rooms. A host who has not come in yet is not
// announced as away before the whole time is over. What was not watched for a while, because
// no server ran, gets the whole time again.
func (k *Keeper) Look(ctx context.Context) error {
	if k.since.IsZero() {
		if err := k.service.pool.QueryRow(ctx, `select now()`).Scan(&k.since); err != nil {
			return err
		}
	}
	rows, _ := k.service.pool.Query(ctx, `
		select id, run, host_id, identity, away, last, last < now() - patience as unseen, last < now() - $3::interval as due
		from (
			select r.id, r.run, h.account_id as host_id, h.identity, r.host_away_at as away, greatest(h.seen_at, r.started_at, $1) as last,
			       case when h.joined_at is null then $3 else $2 end::interval as patience
			from rooms r join participants h on h.room_id = r.id and h.role = 'host'
			where r.started_at is not null and r.ended_at is null) live
		where away is not null or last < now() - patience`, k.since, unseenFor, k.grace)
	rooms, err := pgx.CollectRows(rows, pgx.RowToStructByName[watched])
	if err != nil {
		return fmt.Errorf("list rooms without a host: %w", err)
	}
	var failed []error
	for _, room := range rooms {
		failed = append(failed, k.lookAt(ctx, room))
	}
	return errors.Join(failed...)
}

func (k *Keeper) lookAt(ctx context.Context, w watched) error {
	if w.Unseen {
		there, err := k.sound.Present(ctx, w.Run, w.Identity)
		if err != nil {
			return err // who cannot be asked about is not given up
		}
		if there {
			w.Unseen = false
			if err := k.service.Seen(ctx, w.ID, []uuid.UUID{w.HostID}, nil); err != nil {
				return err
			}
		}
	}
	switch {
	case !w.Unseen && w.Away == nil:
		return nil
	case !w.Unseen:
		return k.note(ctx, w, "host-back", nil)
	case w.Away == nil:
		return k.note(ctx, w, "host-away", &w.Last)
	case w.Due:
		return k.replace(ctx, w)
	}
	return nil
}

// note tells the room that its host is gone, and until when it waits, or that
// the host is back.
func (k *Keeper) note(ctx context.Context, w watched, what string, away *time.Time) error {
	return postgres.InTx(ctx, k.service.pool, func(tx pgx.Tx) error {
		room, err := lockTx(ctx, tx, w.ID, "update")
		if err != nil || room.Status() != Live || (room.HostAwayAt == nil) == (away == nil) {
			return err
		}
		body := map[string]any{"what": what}
		if away != nil {
			body["until"] = away.Add(k.grace)
		}
		if _, err := tx.Exec(ctx, `update rooms set host_away_at = $2 where id = $1`, w.ID, away); err != nil {
			return fmt.Errorf("note host: %w", err)
		}
		_, err = AppendTx(ctx, tx, w.ID, NewEntry{Kind: KindSystem, Subject: w.HostID, Body: body})
		return err
	})
}

// replace hands the room over, or ends it.
func (k *Keeper) replace(ctx context.Context, w watched) error {
	var back bool // since we looked
	err := k.service.pool.QueryRow(ctx, `select coalesce(seen_at > $3, false) from participants where room_id = $1 and account_id = $2`,
		w.ID, w.HostID, w.Last).Scan(&back)
	if err != nil || back {
		return err
	}
	heir, err := k.heir(ctx, w.ID)
	if errors.Is(err, pgx.ErrNoRows) {
		_, err = k.service.end(ctx, w.ID, uuid.Nil, "host-gone")
		return err
	}
	if err != nil {
		return fmt.Errorf("find heir: %w", err)
	}
	return k.service.change(ctx, w.ID, func(tx pgx.Tx, room Room) error {
		if room.HostAwayAt == nil {
			return nil // came back
		}
		return handOverTx(ctx, tx, w.ID, heir)
	})
}

// heir is who was named, if they are there, and else the co-host who came
// first.
func (k *Keeper) heir(ctx context.Context, room uuid.UUID) (heir uuid.UUID, err error) {
	err = k.service.pool.QueryRow(ctx, `
		select p.account_id from participants p join rooms r on r.id = p.room_id join accounts a on a.id = p.account_id
		where p.room_id = $1 and (p.role = 'cohost' or p.account_id = r.heir_id) and p.role <> 'host' and p.joined_at is not null
		  and p.banned_at is null and coalesce(p.removed_until < now(), true) and a.suspended_at is null and p.seen_at > now() - interval '45 seconds'
		order by p.account_id = r.heir_id desc nulls last, p.joined_at limit 1`, room).Scan(&heir)
	return heir, err
}
