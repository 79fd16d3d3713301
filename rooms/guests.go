package rooms

import (
	"context"
	"crypto/sha256"
	"errors"
	"fmt"
	"net/netip"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"

	"salon/internal/fault"
	"salon/internal/postgres"
)

// GuestsPerAddress is how many guests one address may bring to all rooms in an
// hour. A whole office may share one.
const GuestsPerAddress = 60

// GuestEntry is what a guest needs to connect. Another browser is another
// guest: the secret stays in a cookie.
type GuestEntry struct {
	Entry
	Guest uuid.UUID
}

// guestName is what other people's players show for somebody without a name.
const guestName = "Guest"

// JoinAsGuest lets somebody without an account hear and read a live room,
// under a random identity. The same secret finds the same seat again; from is
// the network they come from, as NetworkOf writes it. From the network of somebody who is kept out of the room nobody comes as a guest: they
// would be back by leaving their account at home.
func (s *Service) JoinAsGuest(ctx context.Context, id uuid.UUID, secret, from string) (entry GuestEntry, err error) {
	hash := sha256.Sum256([]byte(secret))
	var room Room
	err = postgres.InTx(ctx, s.pool, func(tx pgx.Tx) error {
		if room, err = actingTx(ctx, tx, id, "share"); err != nil {
			return err
		}
		if err := s.admitGuestTx(ctx, tx, room, hash[:], from); err != nil {
			return err
		}
		return tx.QueryRow(ctx, `
			insert into guests (id, room_id, identity, secret_hash, address, seen_at) values ($1, $2, $3, $4, $5, now())
			on conflict (room_id, secret_hash) do update set seen_at = now() returning id, identity`,
			uuid.Must(uuid.NewV7()), id, randomName(), hash[:], from).Scan(&entry.Guest, &entry.Identity)
	})
	if err != nil {
		return GuestEntry{}, err
	}
	entry.Role = Guest
	entry.Pass, err = s.media.Pass(Seat{Run: *room.Run, Identity: entry.Identity, Role: Guest, Live: true}, guestName)
	return entry, err
}

// admitGuestTx asks the gates about somebody without an account. What is for
// followers or invited people is not for them.
func (s *Service) admitGuestTx(ctx context.Context, tx pgx.Tx, room Room, hash []byte, from string) error {
	v := visit{room: room, guest: true}
	var removed bool
	err := tx.QueryRow(ctx, `
		select removed_at is not null, coalesce(seen_at > now() - interval '45 seconds', false)
		from guests where room_id = $1 and secret_hash = $2`, room.ID, hash).Scan(&removed, &v.person.Present)
	if err != nil && !errors.Is(err, pgx.ErrNoRows) {
		return fmt.Errorf("read guest: %w", err)
	}
	if removed {
		return ErrBanned
	}
	if err := keptOutTx(ctx, tx, room.ID, from); err != nil {
		return err
	}
	if errors.Is(err, pgx.ErrNoRows) {
		if err := guestsFromTx(ctx, tx, from); err != nil {
			return err
		}
	}
	if err := s.ticketTx(ctx, tx, &v, uuid.Nil); err != nil {
		return err
	}
	return s.admitTx(ctx, tx, v)
}

// excludeTx keeps the networks of an account's devices from sending guests into
// a room: for as long as a ban lasts, or until then.
func excludeTx(ctx context.Context, tx pgx.Tx, room, account uuid.UUID, until *time.Time) error {
	rows, _ := tx.Query(ctx, `select distinct address from sessions where account_id = $1 and address <> ''`, account)
	addresses, err := pgx.CollectRows(rows, pgx.RowTo[string])
	if err != nil {
		return fmt.Errorf("list addresses: %w", err)
	}
	for _, address := range addresses {
		_, err := tx.Exec(ctx, `
			insert into exclusions (room_id, account_id, network, until) values ($1, $2, $3, $4)
			on conflict (room_id, network) do update set account_id = excluded.account_id,
			  until = case when exclusions.until is not null then excluded.until end`, room, account, NetworkOf(address), until)
		if err != nil {
			return fmt.Errorf("exclude network: %w", err)
		}
	}
	return nil
}

// NetworkOf is what one sender can choose their address from: with IPv6 that
// is the whole /64.
func NetworkOf(address string) string {
	ip, err := netip.ParseAddr(address)
	if err != nil || ip.Is4() {
		return address
	}
	prefix, _ := ip.Prefix(64) // an IPv6 address has 128 bits
	return prefix.String()
}

// keptOutTx refuses guests from the network of somebody who may not be there.
func keptOutTx(ctx context.Context, tx pgx.Tx, room uuid.UUID, network string) error {
	var kept bool
	err := tx.QueryRow(ctx, `
		select exists (select from exclusions where room_id = $1 and network = $2 and (until is null or until > now()))
		    or exists (select from guests where room_id = $1 and address = $2 and removed_at > now() - $3::interval)`,
		room, network, removedFor).Scan(&kept)
	if err == nil && kept {
		return ErrGuestBanned
	}
	return err
}

func guestsFromTx(ctx context.Context, tx pgx.Tx, address string) error {
	var lately int
	err := tx.QueryRow(ctx, `
		select count(*) from guests where address = $1 and created_at > now() - interval '1 hour'`, address).Scan(&lately)
	if err == nil && lately >= GuestsPerAddress {
		return ErrGuestsFrom.With(fault.Params{"limit": GuestsPerAddress})
	}
	return err
}

// GuestBySecret finds the seat a guest's cookie has in a room, or ErrNotThere.
func (s *Store) GuestBySecret(ctx context.Context, room uuid.UUID, secret string) (id uuid.UUID, err error) {
	hash := sha256.Sum256([]byte(secret))
	err = s.pool.QueryRow(ctx, `select id from guests where room_id = $1 and secret_hash = $2`, room, hash[:]).Scan(&id)
	if errors.Is(err, pgx.ErrNoRows) {
		return id, ErrNotThere
	}
	return id, err
}

// GuestMayStay is MayStay for a guest.
func (s *Store) GuestMayStay(ctx context.Context, room, guest uuid.UUID) error {
	r, err := s.Room(ctx, room)
	if err != nil {
		return err
	}
	if err := r.open(); err != nil {
		return err
	}
	var removed bool
	err = s.pool.QueryRow(ctx, `select removed_at is not null from guests where room_id = $1 and id = $2`, room, guest).Scan(&removed)
	switch {
	case errors.Is(err, pgx.ErrNoRows):
		return ErrNotThere
	case err != nil:
		return err
	case removed:
		return ErrBanned
	}
	v := visit{room: r, guest: true}
	err = pgx.BeginFunc(ctx, s.pool, func(tx pgx.Tx) error { return s.ticketTx(ctx, tx, &v, uuid.Nil) })
	if err != nil {
		return err
	}
	return v.stay()
}

// ForgetGuests deletes the rows of guests a day after their room ended: they
// hold addresses.
func (s *Store) ForgetGuests(ctx context.Context) error {
	_, err := s.pool.Exec(ctx, `
		delete from guests g using rooms r where r.id = g.room_id and r.ended_at < now() - interval '1 day'`)
	return err
}
