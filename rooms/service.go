package rooms

import (
	"context"
	"crypto/rand"
	"encoding/hex"
	"fmt"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"
	"golang.org/x/text/language"

	"salon/internal/fault"
	"salon/internal/postgres"
)

// Media is what rooms need of the media server. Only Pass may fail: the rows
// are the truth, and whoever implements Media repairs what could not be told
// to the media server at once.
type Media interface {
	// Open makes the run joinable.
	Open(ctx context.Context, run string)
	// Close ends the run for everyone in it.
	Close(ctx context.Context, run string)
	// Apply makes the media server allow what the seat's row says now.
	Apply(ctx context.Context, run, identity string)
	// Pass makes the credential with which this seat connects.
	Pass(seat Seat, name string) (Pass, error)
}

// Pass is the credential of one seat.
type Pass struct {
	Token     string
	ExpiresAt time.Time
}

// Service is a room's life. Its methods are one transaction each; the media
// server is told after the commit.
type Service struct {
	*Store
	gate  *Gate
	media Media
}

// NewService returns the service.
func NewService(store *Store, gate *Gate, media Media) *Service {
	return &Service{Store: store, gate: gate, media: media}
}

// maxOpenRooms is how many rooms one host may have that have not ended: what
// Twitter Spaces allowed to be scheduled.
const maxOpenRooms = 10

// maxRoomsADay bounds what one host can fill the tables with.
const maxRoomsADay = 50

// Bounds of what a host writes, in characters.
const (
	maxTitle  = 120
	maxTopics = 3
	maxTopic  = 30
)

// NewRoom is what the host decides about a room.
type NewRoom struct {
	Title    string
	Topics   []string
	Language string     // BCP 47
	StartsAt *time.Time // nil: when the host likes
	Start    bool       // go live at once; then without StartsAt
}

func (n NewRoom) normalize() (NewRoom, error) {
	n.Title = strings.TrimSpace(n.Title)
	if !plainText(n.Title, maxTitle) {
		return n, fault.BadField("title")
	}
	topics := make([]string, 0, maxTopics)
	for _, t := range n.Topics {
		t = strings.TrimSpace(t)
		if !plainText(t, maxTopic) || len(topics) == maxTopics {
			return n, fault.BadField("topics")
		}
		topics = append(topics, t)
	}
	if n.Start && n.StartsAt != nil {
		return n, fault.BadField("starts_at")
	}
	tag, err := language.Parse(n.Language)
	if err != nil || len(n.Language) > 35 || tag == language.Und {
		return n, fault.BadField("language")
	}
	n.Topics, n.Language = topics, tag.String()
	return n, nil
}

func plainText(s string, limit int) bool {
	count := utf8.RuneCountInString(s)
	return utf8.ValidString(s) && count >= 1 && count <= limit && !strings.ContainsFunc(s, invisible)
}

// invisible characters could make a title read otherwise than it is written:
// controls, and format characters such as those that turn the direction of
// text around. Joiners stay: emoji and several scripts need them.
func invisible(r rune) bool {
	return unicode.IsControl(r) || unicode.Is(unicode.Cf, r) && r != '\u200c' && r != '\u200d'
}

// Create schedules a room, if the host gate lets its host. The decision is
// made now and kept: a room is never closed because a follower left. The
// refusal is ErrHostGate with the member "gate", a Decision.
func (s *Service) Create(ctx context.Context, host uuid.UUID, n NewRoom) (room Room, err error) {
	n, err = n.normalize()
	if err != nil {
		return Room{}, err
	}
	var d Decision
	err = postgres.InTx(ctx, s.pool, func(tx pgx.Tx) error {
		decision, passed, err := s.gate.decideTx(ctx, tx, host, "host")
		if d = passed; err != nil || !d.Passed {
			return err
		}
		if room, err = createTx(ctx, tx, host, n, decision); err == nil && n.Start {
			room, err = startTx(ctx, tx, room.ID)
		}
		return err
	})
	if err == nil && !d.Passed {
		return Room{}, refusal(d)
	}
	if err == nil && n.Start {
		s.media.Open(ctx, *room.Run)
	}
	return room, err
}

func createTx(ctx context.Context, tx pgx.Tx, host uuid.UUID, n NewRoom, decision uuid.UUID) (Room, error) {
	if err := roomLeftTx(ctx, tx, host); err != nil {
		return Room{}, err
	}
	if err := announceableTx(ctx, tx, n.StartsAt); err != nil {
		return Room{}, err
	}
	id := uuid.Must(uuid.NewV7())
	_, err := tx.Exec(ctx, `
		insert into rooms (id, host_id, title, topics, language, starts_at, gate_decision_id) values ($1, $2, $3, $4, $5, $6, $7)`,
		id, host, n.Title, n.Topics, n.Language, n.StartsAt, decision)
	if err != nil {
		return Room{}, fmt.Errorf("insert room: %w", err)
	}
	_, err = tx.Exec(ctx, `
		insert into participants (room_id, account_id, identity, role) values ($1, $2, $3, 'host')`,
		id, host, randomName())
	if err != nil {
		return Room{}, fmt.Errorf("insert host: %w", err)
	}
	if _, err := tx.Exec(ctx, `insert into room_logs (room_id) values ($1)`, id); err != nil {
		return Room{}, fmt.Errorf("begin log: %w", err)
	}
	return roomBy(ctx, tx, selectRoom+` where r.id = $1`, id)
}

// roomLeftTx refuses the host's eleventh open room. The host's row is locked
// first, in a statement of its own, so that the count sees what another
// request at the same moment has committed.
func roomLeftTx(ctx context.Context, tx pgx.Tx, host uuid.UUID) error {
	if _, err := tx.Exec(ctx, `select from accounts where id = $1 for no key update`, host); err != nil {
		return fmt.Errorf("lock host: %w", err)
	}
	var open, today int
	err := tx.QueryRow(ctx, `
		select count(*) filter (where ended_at is null and cancelled_at is null),
		       count(*) filter (where created_at > now() - interval '1 day')
		from rooms where host_id = $1`, host).Scan(&open, &today)
	if err != nil {
		return fmt.Errorf("count rooms: %w", err)
	}
	if today >= maxRoomsADay {
		return ErrRoomsADay.With(fault.Params{"limit": maxRoomsADay})
	}
	if open >= maxOpenRooms {
		return ErrTooManyRoom.With(fault.Params{"limit": maxOpenRooms})
	}
	return nil
}

// randomName is 128 random bits, for runs and identities.
func randomName() string {
	bits := make([]byte, 16)
	rand.Read(bits)
	return hex.EncodeToString(bits)
}

// lockTx reads a room and keeps it as it is until the transaction ends:
// "update" for who changes the room, "share" for who acts inside it.
func lockTx(ctx context.Context, tx pgx.Tx, id uuid.UUID, mode string) (Room, error) {
	return roomBy(ctx, tx, selectRoom+` where r.id = $1 for `+mode+` of r`, id)
}

// Start opens the room under a fresh run. Starting a live room is no error.
func (s *Service) Start(ctx context.Context, account, id uuid.UUID) (room Room, err error) {
	err = postgres.InTx(ctx, s.pool, func(tx pgx.Tx) error {
		if room, err = lockTx(ctx, tx, id, "update"); err != nil {
			return err
		}
		if err = hostOnly(room, account); err != nil || room.Status() == Live {
			return err
		}
		if room.Status() != Scheduled {
			return room.open()
		}
		room, err = startTx(ctx, tx, id)
		return err
	})
	if err != nil {
		return Room{}, err
	}
	s.media.Open(ctx, *room.Run)
	return room, nil
}

func startTx(ctx context.Context, tx pgx.Tx, id uuid.UUID) (Room, error) {
	_, err := tx.Exec(ctx, `update rooms set run = $2, started_at = now() where id = $1`, id, randomName())
	if err != nil {
		return Room{}, fmt.Errorf("start room: %w", err)
	}
	return roomBy(ctx, tx, selectRoom+` where r.id = $1`, id)
}

// End closes the room for good. Ending an ended room is no error.
func (s *Service) End(ctx context.Context, account, id uuid.UUID) (room Room, err error) {
	err = postgres.InTx(ctx, s.pool, func(tx pgx.Tx) error {
		if room, err = lockTx(ctx, tx, id, "update"); err != nil {
			return err
		}
		if err = hostOnly(room, account); err != nil || room.Status() == Ended {
			return err
		}
		if err = room.open(); err != nil {
			return err
		}
		_, err = tx.Exec(ctx, `update rooms set ended_at = now() where id = $1`, id)
		if err != nil {
			return fmt.Errorf("end room: %w", err)
		}
		room, err = roomBy(ctx, tx, selectRoom+` where r.id = $1`, id)
		return err
	})
	if err != nil {
		return Room{}, err
	}
	s.media.Close(ctx, *room.Run)
	return room, nil
}

func hostOnly(room Room, account uuid.UUID) error {
	if room.HostID != account {
		return ErrNotAllowed
	}
	return nil
}
