package web

import (
	"context"
	"crypto/rand"
	"errors"
	"net/http"
	"strings"

	"github.com/google/uuid"

	"salon/internal/fault"
	"salon/rooms"
	"salon/web/live"
)

// guestPrefix marks a guest's secret, so that it is never taken for an API
// token.
const guestPrefix = "slg_"

// errComeIn refuses who reads a room without having come in.
var errComeIn = fault.Define("come-in-first", fault.Unauthenticated)

type guestOutput struct {
	SetCookie []http.Cookie `header:"Set-Cookie"`
	Body      struct {
		entry
		Secret string `json:"secret,omitempty" doc:"for programs that keep no cookies: send it as a bearer token; told when it is new"`
	}
}

func (s *Server) guestRoutes() {
	op(s, Access{Level: Anyone}, describe("join-as-guest", http.MethodPost, "/api/rooms/{room}/guest", "Come in without an account, to hear and read", "Stage"), s.joinAsGuest)
}

// guestCookieName is that of the cookie which finds a guest's seats again.
func guestCookieName(secure bool) string { return cookieName(secure) + "-guest" }

// guestSecretOf is the guest's secret a request carries, or "".
func (s *Server) guestSecretOf(r *http.Request) string {
	if token, ok := strings.CutPrefix(r.Header.Get("Authorization"), "Bearer "+guestPrefix); ok {
		return guestPrefix + token
	}
	if cookie, err := r.Cookie(guestCookieName(s.secure())); err == nil {
		return cookie.Value
	}
	return ""
}

func (s *Server) joinAsGuest(ctx context.Context, in *roomPath) (*guestOutput, error) {
	out := &guestOutput{}
	secret := from(ctx).guest
	if secret == "" {
		secret = guestPrefix + rand.Text()
		out.Body.Secret = secret
		out.SetCookie = []http.Cookie{{Name: guestCookieName(s.secure()), Value: secret, Path: "/", HttpOnly: true, Secure: s.secure(), SameSite: http.SameSiteLaxMode}}
	}
	if from(ctx).signedIn { // whoever may not come in with their account may not without
		if err := s.Rooms.MayEnter(ctx, in.Room, viewer(ctx)); err != nil {
			return nil, err
		}
	}
	got, err := s.Rooms.JoinAsGuest(ctx, in.Room, secret, rooms.NetworkOf(from(ctx).address))
	out.Body.entry = s.entryView(got.Entry)
	return out, err
}

// visitor is who attends a room: the account that is signed in, and else the
// guest whose secret came along.
func (s *Server) visitor(ctx context.Context, room uuid.UUID) (live.Visitor, error) {
	who := from(ctx)
	if who.signedIn {
		return live.Visitor{Account: who.AccountID, Credential: who.CredentialID, Cookie: who.HasSession()}, nil
	}
	if who.guest == "" {
		return live.Visitor{}, errComeIn
	}
	guest, err := s.Rooms.GuestBySecret(ctx, room, who.guest)
	if errors.Is(err, rooms.ErrNotThere) {
		return live.Visitor{}, errComeIn
	}
	return live.Visitor{Guest: guest, Cookie: who.guestCookie}, err
}

// mayStay says whether a visitor may be in a live room now.
func (s *Server) mayStay(ctx context.Context, room uuid.UUID, v live.Visitor) error {
	if v.Guest != uuid.Nil {
		return s.Rooms.GuestMayStay(ctx, room, v.Guest)
	}
	return s.Rooms.MayStay(ctx, room, v.Account)
}

// mayAttend is mayStay for somebody who opens a socket: who was away for long
// comes in by the door again.
func (s *Server) mayAttend(ctx context.Context, room uuid.UUID, v live.Visitor) error {
	if err := s.mayStay(ctx, room, v); err != nil {
		return err
	}
	return s.Rooms.CameIn(ctx, room, v.Account, v.Guest)
}

// mayRead is mayStay, and after the end for whoever was there.
func (s *Server) mayRead(ctx context.Context, room uuid.UUID, v live.Visitor) error {
	err := s.mayStay(ctx, room, v)
	if !errors.Is(err, rooms.ErrEnded) || v.Account == uuid.Nil {
		return err
	}
	if e := s.Rooms.MayRemember(ctx, room, v.Account); e != nil {
		return err
	}
	return nil
}
