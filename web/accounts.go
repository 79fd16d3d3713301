package web

import (
	"context"
	"errors"
	"net/http"
	"time"

	"github.com/google/uuid"

	"salon/accounts"
)

// profile is an account as everyone sees it.
type profile struct {
	ID          uuid.UUID `json:"id"`
	Handle      string    `json:"handle"`
	DisplayName string    `json:"display_name"`
	CreatedAt   time.Time `json:"created_at"`
	Followers   int64     `json:"followers" doc:"whose accounts are at least a day old"`
	Following   int64     `json:"following"`
	YouFollow   bool      `json:"you_follow"`
	YouVouch    bool      `json:"you_vouch"`
	YouBlock    bool      `json:"you_block"`
	Suspended   bool      `json:"suspended,omitempty"`
}

// me is an account as its owner sees it.
type me struct {
	profile
	Email    string `json:"email"`
	Language string `json:"language" enum:"en,fr"`
	TimeZone string `json:"time_zone"`
	Admin    bool   `json:"admin"`
	Owner    bool   `json:"owner" doc:"of this server"`
	Verified bool   `json:"verified" doc:"the address is proved by a link that was mailed to it"`
}

type signUpInput struct {
	Body struct {
		Handle      string `json:"handle" minLength:"2" maxLength:"31" doc:"a-z, 0-9 and _; capitals are lowered"`
		DisplayName string `json:"display_name" minLength:"1" maxLength:"60"`
		Email       string `json:"email" format:"email" maxLength:"254"`
		Password    string `json:"password" minLength:"8" maxLength:"256"`
		Language    string `json:"language,omitempty" enum:"en,fr"`
		TimeZone    string `json:"time_zone,omitempty" maxLength:"64" doc:"IANA name; times in sentences follow it"`
		Invitation  string `json:"invitation,omitempty" maxLength:"100" doc:"code of an invitation"`
	}
}

type lightSignUpInput struct {
	Body struct {
		Email       string `json:"email" format:"email" maxLength:"254"`
		DisplayName string `json:"display_name,omitempty" maxLength:"60" doc:"a plain word for a guest without"`
		Language    string `json:"language,omitempty" enum:"en,fr"`
		TimeZone    string `json:"time_zone,omitempty" maxLength:"64" doc:"IANA name; times in sentences and letters follow it"`
	}
}

type meOutput struct {
	SetCookie http.Cookie `header:"Set-Cookie"`
	Body      me
}

type meOnly struct{ Body me }

func (s *Server) accountRoutes() {
	op(s, Access{Level: Anyone, Guess: true}, created("sign-up", "/api/accounts", "Sign up", "Accounts"), s.signUp)
	op(s, Access{Level: Anyone, Guess: true}, created("sign-up-light", "/api/accounts/light", "Sign up with an address alone, to get a ticket", "Accounts"), s.signUpLight)
	op(s, Access{Level: SignedIn, Scope: accounts.ScopeRead, Unverified: true}, describe("me", http.MethodGet, "/api/me", "Who you are", "Accounts"), s.me)
}

func (s *Server) signUp(ctx context.Context, in *signUpInput) (*meOutput, error) {
	account, err := s.Accounts.SignUp(ctx, accounts.NewAccount{
		Handle: in.Body.Handle, DisplayName: in.Body.DisplayName, Email: in.Body.Email,
		Password: in.Body.Password, Language: in.Body.Language, TimeZone: in.Body.TimeZone,
		Invitation: in.Body.Invitation,
	})
	if err != nil {
		return nil, err
	}
	return s.signedIn(ctx, account)
}

func (s *Server) signUpLight(ctx context.Context, in *lightSignUpInput) (*meOutput, error) {
	account, err := s.Accounts.SignUpLight(ctx, accounts.LightAccount(in.Body))
	if err != nil {
		return nil, err
	}
	return s.signedIn(ctx, account)
}

// signedIn opens a session for the account on the requester's device.
func (s *Server) signedIn(ctx context.Context, account accounts.Account) (*meOutput, error) {
	who := from(ctx)
	secret, err := s.Accounts.OpenSession(ctx, account.ID, who.device, who.address)
	if err == nil && who.HasSession() { // the cookie it was in is overwritten
		err = s.Accounts.CloseSession(ctx, who.AccountID, who.SessionID)
	}
	if err != nil && !errors.Is(err, accounts.ErrNoSession) {
		return nil, err
	}
	body, err := s.meOf(ctx, account)
	return &meOutput{SetCookie: s.cookie(secret), Body: body}, err
}

func (s *Server) me(ctx context.Context, _ *struct{}) (*meOnly, error) {
	account, err := s.Accounts.ByID(ctx, viewer(ctx))
	if err != nil {
		return nil, err
	}
	body, err := s.meOf(ctx, account)
	return &meOnly{body}, err
}

func (s *Server) meOf(ctx context.Context, a accounts.Account) (me, error) {
	p, err := s.profileOf(ctx, a)
	return me{profile: p, Email: a.Email, Language: a.Language, TimeZone: a.TimeZone, Admin: a.Admin, Owner: a.Owner, Verified: a.VerifiedAt != nil}, err
}

func (s *Server) profileOf(ctx context.Context, a accounts.Account) (profile, error) {
	following, err := s.Accounts.Following(ctx, a.ID, viewer(ctx))
	if err != nil {
		return profile{}, err
	}
	vouched, err := s.HostGate.Vouched(ctx, viewer(ctx), a.ID)
	if err != nil {
		return profile{}, err
	}
	blocks, err := s.Accounts.Blocks(ctx, viewer(ctx), a.ID)
	return profile{
		ID: a.ID, Handle: a.Handle, DisplayName: a.DisplayName, CreatedAt: a.CreatedAt,
		Followers: following.Followers, Following: following.Following,
		YouFollow: following.ByViewer, YouVouch: vouched, YouBlock: blocks, Suspended: a.SuspendedAt != nil,
	}, err
}
