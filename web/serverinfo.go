package web

import (
	"context"
	"net/http"

	"salon/accounts"
)

type signUpPolicy struct {
	Mode    accounts.SignUpMode `json:"mode" enum:"open,invitation,closed"`
	Domains []string            `json:"domains" doc:"mail domains that may sign up without an invitation; none: any"`
}

// serverInfo is what everyone may know of this server before signing in.
type serverInfo struct {
	SignUp  signUpPolicy `json:"sign_up"`
	Mail    bool         `json:"mail" doc:"whether it can send links by mail"`
	Outbox  bool         `json:"outbox" doc:"mails are kept on the page /dev/outbox instead of sent"`
	Tickets string       `json:"tickets" enum:"off,simulated,test,live" doc:"how tickets are paid for; only live moves money"`
	Demo    *demoInfo    `json:"demo,omitempty" doc:"what is made up here"`
	Version string       `json:"version"`
}

type serverInfoOutput struct{ Body serverInfo }

func (s *Server) serverInfoRoutes() {
	op(s, Access{Level: Anyone}, describe("server", http.MethodGet, "/api/server", "This server", "Server"), s.serverInfo)
}

func (s *Server) serverInfo(context.Context, *struct{}) (*serverInfoOutput, error) {
	policy := s.Accounts.SignUpPolicy()
	return &serverInfoOutput{serverInfo{
		SignUp: signUpPolicy{Mode: policy.Mode, Domains: append([]string{}, policy.Domains...)},
		Mail:   s.Accounts.HasMail(), Outbox: s.Outbox != nil, Tickets: s.ticketMode(), Demo: s.demoInfo(), Version: s.Version,
	}}, nil
}
