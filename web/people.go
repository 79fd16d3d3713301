package web

import (
	"context"
	"net/http"

	"github.com/google/uuid"

	"salon/accounts"
)

type handlePath struct {
	Handle string `path:"handle" minLength:"2" maxLength:"31"`
}

type profileOutput struct{ Body profile }

func (s *Server) peopleRoutes() {
	follow := Access{Level: SignedIn, Scope: accounts.ScopeFollow}
	op(s, Access{Level: Anyone}, describe("profile", http.MethodGet, "/api/accounts/{handle}", "A person", "People"), s.profile)
	op(s, follow, describe("follow", http.MethodPut, "/api/accounts/{handle}/follow", "Follow", "People"), s.toAccount(s.Accounts.Follow))
	op(s, follow, describe("unfollow", http.MethodDelete, "/api/accounts/{handle}/follow", "Unfollow", "People"), s.toAccount(s.Accounts.Unfollow))
	op(s, follow, describe("vouch", http.MethodPut, "/api/accounts/{handle}/vouch", "Vouch for a future host", "People"), s.toAccount(s.HostGate.Vouch))
	op(s, follow, describe("unvouch", http.MethodDelete, "/api/accounts/{handle}/vouch", "Take a vouch back", "People"), s.toAccount(s.HostGate.Unvouch))
	op(s, follow, describe("block", http.MethodPut, "/api/accounts/{handle}/block", "Block: they cannot follow you or enter your rooms", "People"), s.toAccount(s.block))
	op(s, follow, describe("unblock", http.MethodDelete, "/api/accounts/{handle}/block", "Unblock", "People"), s.toAccount(s.Accounts.Unblock))
	op(s, Access{Level: Admin}, describe("allow-host", http.MethodPut, "/api/accounts/{handle}/host-permission", "Let a person host", "People"), s.toAccount(s.HostGate.Allow))
	op(s, Access{Level: Admin}, describe("disallow-host", http.MethodDelete, "/api/accounts/{handle}/host-permission", "Take the permission back", "People"),
		s.toAccount(func(ctx context.Context, _, account uuid.UUID) error { return s.HostGate.Disallow(ctx, account) }))
}

func (s *Server) profile(ctx context.Context, in *handlePath) (*profileOutput, error) {
	account, err := s.Accounts.ByHandle(ctx, in.Handle)
	if err != nil {
		return nil, err
	}
	body, err := s.profileOf(ctx, account)
	return &profileOutput{body}, err
}

// toAccount is an operation that the caller does to the account in the path.
func (s *Server) toAccount(do func(ctx context.Context, caller, account uuid.UUID) error) func(context.Context, *handlePath) (*none, error) {
	return func(ctx context.Context, in *handlePath) (*none, error) {
		account, err := s.Accounts.ByHandle(ctx, in.Handle)
		if err != nil {
			return nil, err
		}
		return nil, do(ctx, viewer(ctx), account.ID)
	}
}

// block takes effect in the rooms the other is in at this moment.
func (s *Server) block(ctx context.Context, caller, other uuid.UUID) error {
	if err := s.Accounts.Block(ctx, caller, other); err != nil {
		return err
	}
	return s.Rooms.Block(ctx, other)
}
