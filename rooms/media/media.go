// Package media makes the LiveKit server obey the rows of package rooms: it
// mints tokens, guards the way to /rtc, changes permissions and repairs every
// difference. Nothing else in Salon controls LiveKit, and only Apply writes
// what one participant may do.
package media

import (
	"context"
	"errors"
	"log/slog"
	"net/url"
	"sync"
	"time"

	"github.com/livekit/protocol/livekit"
	lksdk "github.com/livekit/server-sdk-go/v2"
	"github.com/twitchtv/twirp"

	"salon/rooms"
)

// Rows is what media needs to know of rooms. rooms.Store is it.
type Rows interface {
	Seat(ctx context.Context, run, identity string) (rooms.Seat, error)
	Seats(ctx context.Context, run string) ([]rooms.Seat, error)
	Runs(ctx context.Context) ([]string, error)
	Run(ctx context.Context, run string) (ours, live bool, err error)
	EndedRuns(ctx context.Context, among []string) ([]string, error)
	Heard(ctx context.Context, run string, identities []string) error
}

// Lease says whether this process is the one that sweeps all rooms.
type Lease interface {
	Hold(ctx context.Context) (bool, error)
}

// Config is how to reach the media server.
type Config struct {
	URL    string // http or https, where its API and /rtc are
	Key    string
	Secret string
	Agents bool // LiveKit agents of the operator may be in rooms
}

// rpcTimeout bounds one command to the media server and what belongs to it.
const rpcTimeout = 5 * time.Second

// emptyTimeout is how long LiveKit keeps a run nobody is in, in seconds. Our
// rows end rooms, so it only has to outlast any silence.
const emptyTimeout = 24 * 60 * 60

// Control is the one place that talks to the media server. It implements
// rooms.Media.
type Control struct {
	config Config
	rtc    *url.URL // ws or wss
	rows   Rows
	lease  Lease
	rpc    *lksdk.RoomServiceClient
	log    *slog.Logger
	conns  connections
	writes writers
	wake   chan struct{} // tells Run that everything must be swept now

	mu    sync.Mutex
	dirty map[string]struct{} // runs whose last command did not get through
}

// New returns the control of the media server at config.URL.
func New(config Config, rows Rows, lease Lease, log *slog.Logger) (*Control, error) {
	rtc, err := url.Parse(config.URL)
	if err != nil {
		return nil, err
	}
	switch rtc.Scheme {
	case "http":
		rtc.Scheme = "ws"
	case "https":
		rtc.Scheme = "wss"
	default:
		return nil, errors.New("the LiveKit URL must start with http:// or https://")
	}
	return &Control{
		config: config, rtc: rtc, rows: rows, lease: lease, log: log,
		rpc:   lksdk.NewRoomServiceClient(config.URL, config.Key, config.Secret),
		wake:  make(chan struct{}, 1),
		dirty: map[string]struct{}{},
	}, nil
}

// Open creates the run on the media server; what fails, the sweep repeats.
func (c *Control) Open(ctx context.Context, run string) {
	ctx, cancel := afterCommit(ctx)
	defer cancel()
	if err := c.create(ctx, run); err != nil {
		c.fell(run, "create room", err)
	}
}

// create is safe to repeat: LiveKit answers with the room that is there. A
// run that ended meanwhile is deleted again.
func (c *Control) create(ctx context.Context, run string) error {
	_, err := c.rpc.CreateRoom(ctx, &livekit.CreateRoomRequest{Name: run, EmptyTimeout: emptyTimeout, DepartureTimeout: emptyTimeout})
	if err != nil {
		return err
	}
	ours, live, err := c.rows.Run(ctx, run)
	if err == nil && ours && !live {
		err = c.delete(ctx, run)
	}
	return err
}

// Close ends the run for everyone in it.
func (c *Control) Close(ctx context.Context, run string) {
	ctx, cancel := afterCommit(ctx)
	defer cancel()
	if err := c.delete(ctx, run); err != nil {
		c.fell(run, "delete room", err)
	}
	c.conns.closeRun(run)
}

func (c *Control) delete(ctx context.Context, run string) error {
	_, err := c.rpc.DeleteRoom(ctx, &livekit.DeleteRoomRequest{Room: run})
	if isNotFound(err) {
		return nil
	}
	return err
}

// afterCommit outlives the request: what is committed must be told even when
// the browser has gone.
func afterCommit(ctx context.Context) (context.Context, context.CancelFunc) {
	return context.WithTimeout(context.WithoutCancel(ctx), rpcTimeout)
}

// fell notes that the media server does not know yet what the rows say.
func (c *Control) fell(run, what string, err error) {
	c.log.Warn("media server not told, the sweep will", "what", what, "run", run, "error", err)
	c.mu.Lock()
	defer c.mu.Unlock()
	c.dirty[run] = struct{}{}
}

func isNotFound(err error) bool {
	var te twirp.Error
	return errors.As(err, &te) && te.Code() == twirp.NotFound
}

// Present says whether an identity is connected to a run now.
func (c *Control) Present(ctx context.Context, run, identity string) (bool, error) {
	_, err := c.rpc.GetParticipant(ctx, &livekit.RoomParticipantIdentity{Room: run, Identity: identity})
	if isNotFound(err) {
		return false, nil
	}
	return err == nil, err
}

// Ping says whether the media server takes commands.
func (c *Control) Ping(ctx context.Context) error {
	_, err := c.rpc.ListRooms(ctx, &livekit.ListRoomsRequest{Names: []string{"-"}})
	return err
}
