package rooms

import (
	"sync"
	"time"

	"github.com/google/uuid"
	"golang.org/x/time/rate"

	"salon/internal/fault"
)

// The valve lets newcomers into one room at a bounded rate, so that a crowd
// at the door never hurts those who speak.
const (
	admitPerSecond = 50
	admitAtOnce    = 200
	// forgetDoors bounds how many rooms' doors are remembered; a forgotten one
	// begins anew.
	forgetDoors = 1000
)

type valve struct {
	mu    sync.Mutex
	doors map[uuid.UUID]*rate.Limiter
}

// admit takes a newcomer, or refuses with ErrDoorBusy and when to come back:
// later, the more are waiting.
func (v *valve) admit(room uuid.UUID) error {
	turn := v.door(room).Reserve()
	wait := turn.Delay()
	if wait == 0 {
		return nil
	}
	turn.Cancel()
	retry := wait.Round(time.Second) + time.Second
	return &fault.Fault{Kind: ErrDoorBusy, Params: fault.Params{"seconds": int(retry / time.Second)}, RetryAfter: retry}
}

func (v *valve) door(room uuid.UUID) *rate.Limiter {
	v.mu.Lock()
	defer v.mu.Unlock()
	if v.doors == nil || len(v.doors) >= forgetDoors {
		v.doors = map[uuid.UUID]*rate.Limiter{}
	}
	door := v.doors[room]
	if door == nil {
		door = rate.NewLimiter(admitPerSecond, admitAtOnce)
		v.doors[room] = door
	}
	return door
}
