package stripesim_test

import (
	"net/http"
	"net/url"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/stripe/stripe-go/v76"
)

func TestNewAccountCanDoNothing(t *testing.T) {
	b := setup(t)
	a := b.getAccount(b.account())
	want(t, "type", a.Type, stripe.AccountTypeExpress)
	want(t, "transfers", a.Capabilities.Transfers, stripe.AccountCapabilityStatusInactive)
	want(t, "card payments", a.Capabilities.CardPayments, stripe.AccountCapabilityStatusInactive)
	want(t, "charges", a.ChargesEnabled, false)
	want(t, "payouts", a.PayoutsEnabled, false)
	want(t, "submitted", a.DetailsSubmitted, false)
	want(t, "reason", a.Requirements.DisabledReason, "requirements.past_due")
	if len(a.Requirements.CurrentlyDue) == 0 {
		t.Error("nothing is asked of a new account")
	}
	_, err := b.stripe.CheckoutSessions.New(b.ticket(a.ID))
	invalid(t, err, "insufficient_capabilities_for_transfer")
}

// link makes an onboarding link for an account.
func (b *bundle) link(account string) *stripe.AccountLink {
	b.t.Helper()
	l, err := b.stripe.AccountLinks.New(&stripe.AccountLinkParams{Account: stripe.String(account), Type: stripe.String("account_onboarding"),
		RefreshURL: stripe.String("http://127.0.0.1:1/refresh"), ReturnURL: stripe.String("http://127.0.0.1:1/return")})
	b.ok(err)
	return l
}

var action = regexp.MustCompile(`action="(/setup/[^"]+)"`)

// onboard follows a link and chooses an outcome on the page.
func (b *bundle) onboard(account, outcome string) {
	b.t.Helper()
	page := b.browse(b.link(account).URL, nil)
	form := action.FindStringSubmatch(page.body)
	if page.status != http.StatusOK || form == nil || !strings.Contains(page.body, "Simulation.") {
		b.t.Fatalf("no onboarding page: %d %s", page.status, page.body)
	}
	back := b.browse(b.sim.URL()+form[1], url.Values{"outcome": {outcome}})
	want(b.t, "status", back.status, http.StatusSeeOther)
	want(b.t, "return", back.location, "http://127.0.0.1:1/return")
}

func TestOnboardingOutcomes(t *testing.T) {
	b := setup(t)
	connect, platform := b.listen(true, "account.updated", "capability.updated"), b.listen(false, "*")
	for outcome, c := range map[string]struct {
		able, submitted bool
		capability      stripe.AccountCapabilityStatus
		events          int
	}{
		"finish": {true, true, stripe.AccountCapabilityStatusActive, 3},
		"review": {false, true, stripe.AccountCapabilityStatusPending, 3},
		"leave":  {false, false, stripe.AccountCapabilityStatusInactive, 0},
	} {
		id := b.account()
		b.onboard(id, outcome)
		a := b.getAccount(id)
		want(t, outcome+": charges", a.ChargesEnabled, c.able)
		want(t, outcome+": payouts", a.PayoutsEnabled, c.able)
		want(t, outcome+": submitted", a.DetailsSubmitted, c.submitted)
		want(t, outcome+": transfers", a.Capabilities.Transfers, c.capability)
		events := connect.events()
		want(t, outcome+": events", len(events), c.events)
		for _, e := range events {
			want(t, outcome+": the event's account", e.Account, id)
		}
	}
	same(t, "the platform's events", platform.types(), nil)
}

func TestReviewEnds(t *testing.T) {
	b := setup(t)
	id := b.account()
	b.onboard(id, "review")
	a := b.getAccount(id)
	want(t, "reason", a.Requirements.DisabledReason, "requirements.pending_verification")
	b.ok(b.control.Onboard(b.ctx, id, "finish"))
	want(t, "charges", b.getAccount(id).ChargesEnabled, true)
}

// A link works once and for minutes; after that it leads to where a new one is made.
func TestLinksWorkOnce(t *testing.T) {
	b := setup(t)
	id := b.account()
	l := b.link(id)
	want(t, "first", b.browse(l.URL, nil).status, http.StatusOK)
	again := b.browse(l.URL, nil)
	want(t, "second", again.status, http.StatusSeeOther)
	want(t, "leads to", again.location, "http://127.0.0.1:1/refresh")

	late := b.link(id)
	b.ok(b.control.Advance(b.ctx, 6*time.Minute))
	want(t, "expired leads to", b.browse(late.URL, nil).location, "http://127.0.0.1:1/refresh")

	want(t, "unknown link", b.browse(b.sim.URL()+"/setup/s/link_none", nil).status, http.StatusNotFound)
	want(t, "unknown form", b.browse(b.sim.URL()+"/setup/form_none", url.Values{"outcome": {"finish"}}).status, http.StatusNotFound)
	want(t, "form without a link followed", b.browse(b.sim.URL()+"/setup/", url.Values{"outcome": {"finish"}}).status, http.StatusNotFound)
	want(t, "charges", b.getAccount(id).ChargesEnabled, false)
}

func TestAccountLinkRules(t *testing.T) {
	b := setup(t)
	good := func() *stripe.AccountLinkParams {
		return &stripe.AccountLinkParams{Account: stripe.String(b.account()), Type: stripe.String("account_onboarding"),
			RefreshURL: stripe.String("http://127.0.0.1:1/refresh"), ReturnURL: stripe.String("http://127.0.0.1:1/return")}
	}
	for name, c := range map[string]struct {
		spoil func(*stripe.AccountLinkParams)
		code  stripe.ErrorCode
	}{
		"no account":   {func(p *stripe.AccountLinkParams) { p.Account = nil }, stripe.ErrorCodeParameterMissing},
		"no refresh":   {func(p *stripe.AccountLinkParams) { p.RefreshURL = nil }, stripe.ErrorCodeParameterMissing},
		"no return":    {func(p *stripe.AccountLinkParams) { p.ReturnURL = nil }, stripe.ErrorCodeParameterMissing},
		"no URL":       {func(p *stripe.AccountLinkParams) { p.ReturnURL = stripe.String("/return") }, stripe.ErrorCodeURLInvalid},
		"other type":   {func(p *stripe.AccountLinkParams) { p.Type = stripe.String("custom") }, ""},
		"without type": {func(p *stripe.AccountLinkParams) { p.Type = nil }, stripe.ErrorCodeParameterMissing},
	} {
		p := good()
		c.spoil(p)
		t.Log(name)
		_, err := b.stripe.AccountLinks.New(p)
		invalid(t, err, c.code)
	}
	p := good()
	p.Account = stripe.String("acct_none")
	_, err := b.stripe.AccountLinks.New(p)
	refused(t, err, http.StatusForbidden, stripe.ErrorTypeInvalidRequest, stripe.ErrorCodeAccountInvalid)
}

// A capability that is lost stops sales, also those that have begun.
func TestLostCapability(t *testing.T) {
	b := setup(t)
	seller := b.seller()
	open := b.open(b.ticket(seller))
	connect := b.listen(true, "*")
	b.ok(b.control.SetCapability(b.ctx, seller, "transfers", "inactive"))
	same(t, "events", connect.types(), []string{"capability.updated", "account.updated"})
	a := b.getAccount(seller)
	want(t, "payouts", a.PayoutsEnabled, false)
	want(t, "transfers", a.Capabilities.Transfers, stripe.AccountCapabilityStatusInactive)
	_, err := b.stripe.CheckoutSessions.New(b.ticket(seller))
	invalid(t, err, "insufficient_capabilities_for_transfer")
	page := b.browse(open.URL, cardForm(goodCard))
	want(t, "the page", page.status, http.StatusConflict)
	want(t, "the session", b.getSession(open.ID).Status, stripe.CheckoutSessionStatusOpen)

	b.ok(b.control.SetCapability(b.ctx, seller, "transfers", "active"))
	b.pay(open, cardForm(goodCard)) // the control: with it back, the same page sells
	capability, err := b.stripe.Capabilities.Get("transfers", &stripe.CapabilityParams{Account: stripe.String(seller)})
	b.ok(err)
	want(t, "capability", capability.Status, stripe.CapabilityStatusActive)
}

func TestCapabilityIsRequested(t *testing.T) {
	b := setup(t)
	a, err := b.stripe.Accounts.New(&stripe.AccountParams{Type: stripe.String("express")})
	b.ok(err)
	get := func() stripe.CapabilityStatus {
		c, err := b.stripe.Capabilities.Get("transfers", &stripe.CapabilityParams{Account: stripe.String(a.ID)})
		b.ok(err)
		return c.Status
	}
	want(t, "at first", get(), stripe.CapabilityStatusUnrequested)
	_, err = b.stripe.Capabilities.Update("transfers", &stripe.CapabilityParams{Account: stripe.String(a.ID), Requested: stripe.Bool(true)})
	b.ok(err)
	want(t, "requested", get(), stripe.CapabilityStatusInactive)
	b.onboard(a.ID, "finish")
	want(t, "onboarded", get(), stripe.CapabilityStatusActive)
	_, err = b.stripe.Capabilities.Update("transfers", &stripe.CapabilityParams{Account: stripe.String(a.ID), Requested: stripe.Bool(false)})
	b.ok(err)
	want(t, "given back", get(), stripe.CapabilityStatusUnrequested)
}

func TestDeauthorized(t *testing.T) {
	b := setup(t)
	seller := b.seller()
	connect := b.listen(true, "*")
	b.ok(b.control.Deauthorize(b.ctx, seller))
	same(t, "events", connect.types(), []string{"account.application.deauthorized"})
	_, err := b.stripe.Accounts.GetByID(seller, nil)
	refused(t, err, http.StatusForbidden, stripe.ErrorTypeInvalidRequest, stripe.ErrorCodeAccountInvalid)
	_, err = b.stripe.CheckoutSessions.New(b.ticket(seller))
	invalid(t, err, stripe.ErrorCodeResourceMissing)
	all := b.stripe.Accounts.List(nil)
	want(t, "listed", all.Next(), false)
	b.ok(all.Err())
}

func TestAccountsAreChangedAndDeleted(t *testing.T) {
	b := setup(t)
	id := b.seller()
	p := &stripe.AccountParams{Email: stripe.String("new@example.com"), BusinessProfile: &stripe.AccountBusinessProfileParams{Name: stripe.String("Ana")},
		Settings: &stripe.AccountSettingsParams{Payouts: &stripe.AccountSettingsPayoutsParams{Schedule: &stripe.AccountSettingsPayoutsScheduleParams{
			DelayDays: stripe.Int64(14), Interval: stripe.String("weekly")}}}}
	p.AddMetadata("account", "7")
	a, err := b.stripe.Accounts.Update(id, p)
	b.ok(err)
	want(t, "email", a.Email, "new@example.com")
	want(t, "name", a.BusinessProfile.Name, "Ana")
	want(t, "delay", a.Settings.Payouts.Schedule.DelayDays, 14)
	want(t, "metadata", a.Metadata["account"], "7")
	want(t, "charges", a.ChargesEnabled, true)
	_, err = b.stripe.Accounts.Update(id, &stripe.AccountParams{Settings: &stripe.AccountSettingsParams{Payouts: &stripe.AccountSettingsPayoutsParams{
		Schedule: &stripe.AccountSettingsPayoutsScheduleParams{Interval: stripe.String("hourly")}}}, Email: stripe.String("bad@example.com")})
	invalid(t, err, "")
	want(t, "email after a refusal", b.getAccount(id).Email, "new@example.com")

	b.sold(id)
	_, err = b.stripe.Accounts.Del(id, nil)
	invalid(t, err, stripe.ErrorCodeAccountInvalid) // there is money on it
	_, err = b.control.PayOut(b.ctx, id, "usd")
	b.ok(err)
	gone, err := b.stripe.Accounts.Del(id, nil)
	b.ok(err)
	want(t, "deleted", gone.Deleted, true)
	_, err = b.stripe.Accounts.GetByID(id, nil)
	refused(t, err, http.StatusForbidden, stripe.ErrorTypeInvalidRequest, stripe.ErrorCodeAccountInvalid)
}

func TestAccountKinds(t *testing.T) {
	b := setup(t)
	by := func(losses string) *stripe.AccountParams {
		return &stripe.AccountParams{Controller: &stripe.AccountControllerParams{
			Losses:          &stripe.AccountControllerLossesParams{Payments: stripe.String(losses)},
			Fees:            &stripe.AccountControllerFeesParams{Payer: stripe.String("application")},
			StripeDashboard: &stripe.AccountControllerStripeDashboardParams{Type: stripe.String("express")}}}
	}
	a, err := b.stripe.Accounts.New(by("application"))
	b.ok(err)
	want(t, "losses", a.Controller.Losses.Payments, stripe.AccountControllerLossesPaymentsApplication)
	want(t, "dashboard", a.Controller.StripeDashboard.Type, stripe.AccountControllerStripeDashboardTypeExpress)
	both := by("application")
	both.Type = stripe.String("express")
	for name, p := range map[string]*stripe.AccountParams{"neither": {}, "both": both, "another type": {Type: stripe.String("custom")}, "nobody's losses": by("nobody")} {
		t.Log(name)
		_, err := b.stripe.Accounts.New(p)
		invalid(t, err, "")
	}
	own, err := b.stripe.Accounts.Get()
	b.ok(err)
	want(t, "the platform itself", own.Type, stripe.AccountTypeStandard)
	want(t, "may sell", own.ChargesEnabled, true)
}
