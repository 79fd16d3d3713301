package rooms

import (
	"context"
	"crypto/rand"
	"encoding/hex"
	"errors"
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
	gate      *Gate
	media     Media
	log       *logWriter
	reactions *reactions
	valve     valve
}

// NewService returns the service.
func NewService(store *Store, gate *Gate, media Media) *Service {
	log := &logWriter{pool: store.pool}
	return &Service{Store: store, gate: gate, media: media, log: log, reactions: &reactions{log: log}}
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
	Cohosts  []uuid.UUID
	Rules    RulesChange // of the usual rules
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
		decision, passed, err := s.gate.decideTx(ctx, tx, host, hostGate, "host")
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
	if err := arrangeTx(ctx, tx, id, host, n); err != nil {
		return Room{}, err
	}
	if _, err := tx.Exec(ctx, `insert into room_logs (room_id) values ($1)`, id); err != nil {
		return Room{}, fmt.Errorf("begin log: %w", err)
	}
	return roomBy(ctx, tx, selectRoom+` where r.id = $1`, id)
}

// arrangeTx sets a new room's rules and seats its co-hosts.
func arrangeTx(ctx context.Context, tx pgx.Tx, id, host uuid.UUID, n NewRoom) error {
	room, err := roomBy(ctx, tx, selectRoom+` where r.id = $1`, id)
	if err != nil {
		return err
	}
	r, err := n.Rules.onto(room.Rules)
	if err != nil {
		return err
	}
	if len(n.Cohosts) > r.MaxCohosts {
		return ErrCohostsFull
	}
	if err := writeRulesTx(ctx, tx, id, r); err != nil {
		return err
	}
	for _, cohost := range n.Cohosts {
		if cohost == host {
			return fault.BadField("cohosts")
		}
		if err := seatTx(ctx, tx, id, cohost); err != nil {
			return err
		}
		if _, err := tx.Exec(ctx, `update participants set role = 'cohost' where room_id = $1 and account_id = $2`, id, cohost); err != nil {
			return fmt.Errorf("seat co-host: %w", err)
		}
	}
	return nil
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
		if err = hostOnlyTx(ctx, tx, id, account); err != nil || room.Status() == Live {
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
	if _, err := AppendTx(ctx, tx, id, NewEntry{Kind: KindSystem, Body: map[string]any{"what": "started"}}); err != nil {
		return Room{}, err
	}
	return roomBy(ctx, tx, selectRoom+` where r.id = $1`, id)
}

// End closes the room for good. Ending an ended room is no error.
func (s *Service) End(ctx context.Context, account, id uuid.UUID) (Room, error) {
	return s.end(ctx, id, account, "ended")
}

// end closes the room for an account that may, or for nobody's: ours. What
// says why, in the log.
func (s *Service) end(ctx context.Context, id, account uuid.UUID, what string) (room Room, err error) {
	err = postgres.InTx(ctx, s.pool, func(tx pgx.Tx) error {
		if room, err = lockTx(ctx, tx, id, "update"); err != nil {
			return err
		}
		if account != uuid.Nil {
			if err = allowedTx(ctx, tx, id, account, EndRoom); err != nil {
				return err
			}
		}
		if room.Status() == Ended {
			return nil
		}
		if err = room.open(); err != nil {
			return err
		}
		room, err = endTx(ctx, tx, id, account, what)
		return err
	})
	if err != nil {
		return Room{}, err
	}
	s.media.Close(ctx, *room.Run)
	if room.KeepWords == "live" {
		return room, s.ForgetWords(ctx)
	}
	return room, nil
}

func endTx(ctx context.Context, tx pgx.Tx, id, account uuid.UUID, what string) (Room, error) {
	if _, err := AppendTx(ctx, tx, id, NewEntry{Kind: KindSystem, Actor: account, Body: map[string]any{"what": what}}); err != nil {
		return Room{}, err
	}
	if err := auditTx(ctx, tx, audited{room: id, actor: account, action: EndRoom}); err != nil {
		return Room{}, err
	}
	if _, err := tx.Exec(ctx, `update rooms set ended_at = now() where id = $1`, id); err != nil {
		return Room{}, fmt.Errorf("end room: %w", err)
	}
	return roomBy(ctx, tx, selectRoom+` where r.id = $1`, id)
}

// hostOnlyTx asks for the role of the host, as it is now.
func hostOnlyTx(ctx context.Context, tx pgx.Tx, room, account uuid.UUID) error {
	p, err := personBy(ctx, tx, room, account, "")
	if errors.Is(err, ErrNotThere) || err == nil && p.Role != Host {
		return ErrNotAllowed
	}
	if err == nil && p.Suspended {
		return ErrSuspended
	}
	return err
}
