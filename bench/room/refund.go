package main

import (
	"context"
	"errors"
	"net/http"
	"time"

	"github.com/google/uuid"
	lksdk "github.com/livekit/server-sdk-go/v2"

	"salon/bench/house"
)

// timeRefunds times from the host's click that takes a ticket back to its holder
// being out of the room. The tickets are free: what is paid goes back later, and
// the door does not wait for it.
func (s *stage) timeRefunds(ctx context.Context, rounds int) (took []time.Duration, err error) {
	var offer struct{ ID string }
	if err := s.host.Call(ctx, http.MethodPut, s.path+"/offer", map[string]any{"price": 0, "currency": "usd", "cap": rounds}, &offer); err != nil {
		return nil, err
	}
	for range rounds {
		one, err := s.refundOnce(ctx, offer.ID)
		if err != nil {
			return nil, err
		}
		took = append(took, one)
	}
	return took, nil
}

func (s *stage) refundOnce(ctx context.Context, offer string) (time.Duration, error) {
	holder, err := s.newcomer(ctx)
	if err != nil {
		return 0, err
	}
	order := "/api/orders/" + uuid.NewString()
	err = errors.Join(
		holder.Call(ctx, http.MethodPut, order, map[string]string{"offer": offer}, nil),
		holder.Call(ctx, http.MethodPost, order+"/checkout", nil, nil))
	if err != nil {
		return 0, err
	}
	var entry struct{ URL, Token string }
	if err := holder.Call(ctx, http.MethodPost, s.path+"/join", nil, &entry); err != nil {
		return 0, err
	}
	out := make(chan struct{}, 1)
	heard := callbacks(nil)
	heard.OnReconnecting = func() { // it is cut off, and this client tries to come in again
		select {
		case out <- struct{}{}:
		default:
		}
	}
	heard.OnDisconnected = heard.OnReconnecting
	room, err := lksdk.ConnectToRoomWithToken(entry.URL, entry.Token, heard)
	if err != nil {
		return 0, err
	}
	defer room.Disconnect()
	began := time.Now()
	if err := s.host.Call(ctx, http.MethodPost, order+"/refund", nil, nil); err != nil {
		return 0, err
	}
	select {
	case <-out:
	case <-time.After(house.Patience):
		return 0, errors.New("a ticket that was taken back keeps its holder inside")
	}
	took := time.Since(began)
	if holder.Call(ctx, http.MethodPost, s.path+"/join", nil, nil) == nil {
		return 0, errors.New("a ticket that was taken back opens the door")
	}
	return took, nil
}
