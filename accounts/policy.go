package accounts

import (
	"slices"
	"strings"

	"salon/internal/fault"
)

// SignUpMode says who may sign up.
type SignUpMode string

// The modes.
const (
	SignUpOpen       SignUpMode = "open"       // whoever likes, from the policy's domains if it names any
	SignUpInvitation SignUpMode = "invitation" // with an invitation
	SignUpClosed     SignUpMode = "closed"     // nobody, not even with an invitation
)

// SignUpPolicy is who may sign up. The zero value lets everyone.
type SignUpPolicy struct {
	Mode    SignUpMode // "" is SignUpOpen
	Domains []string   // of mail addresses, lower case; none: any. Without the domains above and below.
}

// admit decides. An invitation is an admin's word and goes before the domains.
func (p SignUpPolicy) admit(email string, invited bool) error {
	switch {
	case p.Mode == SignUpClosed:
		return ErrSignUpClosed
	case invited:
		return nil
	case p.Mode == SignUpInvitation:
		return ErrInvitationNeeded
	case len(p.Domains) > 0 && !slices.Contains(p.Domains, domainOf(email)):
		return ErrMailDomain.With(fault.Params{"domains": strings.Join(p.Domains, ", ")})
	}
	return nil
}

// mustVerify says whether an account has to prove its address before it does
// anything: where the domain decides, an address that is only claimed is none.
func (p SignUpPolicy) mustVerify(verified bool) bool { return len(p.Domains) > 0 && !verified }

func domainOf(email string) string {
	return strings.ToLower(email[strings.LastIndex(email, "@")+1:])
}
