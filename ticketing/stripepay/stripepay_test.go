package stripepay_test

import (
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/uuid"

	"salon/ticketing"
	"salon/ticketing/stripepay"
	"salon/ticketing/stripesim"
)

// An account from the first click to the right to sell, and without it again.
func TestAccounts(t *testing.T) {
	t.Parallel()
	w := simulated(t)
	id, err := w.pay.CreateAccount(w.ctx, "account:1", ticketing.NewAccount{Host: uuid.New(), Country: "FR"})
	w.must(err)
	again, err := w.pay.CreateAccount(w.ctx, "account:1", ticketing.NewAccount{Host: uuid.New(), Country: "FR"})
	if again == id || err == nil {
		t.Errorf("another request with the same key: %q %v", again, err)
	}
	link, err := w.pay.AccountLink(w.ctx, id, ticketing.LinkTo{Return: "https://salon.example/back", Refresh: "https://salon.example/again"})
	if err != nil || link == "" {
		t.Errorf("link %q %v", link, err)
	}
	a, err := w.pay.Account(w.ctx, id)
	if err != nil || a.CanSell() || len(a.Due) == 0 {
		t.Errorf("before onboarding: %+v %v", a, err)
	}
	w.must(w.control.Onboard(w.ctx, id, "finish"))
	a, err = w.pay.Account(w.ctx, id)
	if want := (ticketing.Account{ID: id, ChargesEnabled: true, Transfers: true, PayoutsEnabled: true, Due: []string{}}); err != nil || cmp.Diff(a, want) != "" {
		t.Errorf("after onboarding: %v %v", cmp.Diff(a, want), err)
	}
	w.must(w.control.SetCapability(w.ctx, id, "transfers", "inactive"))
	if a, err = w.pay.Account(w.ctx, id); err != nil || a.CanSell() {
		t.Errorf("without transfers: %+v %v", a, err)
	}
	w.must(w.control.Deauthorize(w.ctx, id))
	_, err = w.pay.Account(w.ctx, id)
	w.is("without access", err, ticketing.ErrUnknown)
	_, err = w.pay.Account(w.ctx, "acct_nobody")
	w.is("nobody", err, ticketing.ErrUnknown)
}

// A sale, and what is read of it before, between and after.
func TestASale(t *testing.T) {
	t.Parallel()
	w := simulated(t)
	seller := w.seller()
	c := w.checkout(seller)
	s := w.open(c)
	want := ticketing.Session{ID: s.ID, URL: s.URL, Status: ticketing.SessionOpen, Order: c.Order, Offer: c.Offer, Buyer: c.Buyer, Amount: 2000, Currency: "usd", CreatedAt: s.CreatedAt}
	if diff := cmp.Diff(s, want); diff != "" || s.URL == "" || time.Since(s.CreatedAt) > time.Minute {
		t.Error(diff)
	}
	if w.pays(s.URL, card(declinedCard)) {
		t.Error("a declined card paid")
	}
	s, err := w.pay.Session(w.ctx, s.ID)
	w.must(err)
	if p := w.payment(s.Payment); p.Status != ticketing.PaymentFailed || s.Status != ticketing.SessionOpen || s.Paid {
		t.Errorf("after a declined card: %+v %+v", s, p)
	}
	if !w.pays(s.URL, card(goodCard)) {
		t.Error("not paid")
	}
	if s, err = w.pay.Session(w.ctx, s.ID); err != nil || s.Status != ticketing.SessionComplete || !s.Paid || s.URL != "" {
		t.Errorf("paid: %+v %v", s, err)
	}
	p := w.payment(s.Payment)
	paid := ticketing.Payment{ID: s.Payment, Charge: p.Charge, Status: ticketing.PaymentSucceeded, Amount: 2000, Currency: "usd", Fee: 100,
		Destination: seller, Processing: &ticketing.Processing{Amount: 88, Currency: "usd"}}
	if diff := cmp.Diff(p, paid); diff != "" || p.Charge == "" {
		t.Error(diff)
	}
	mine := uuid.New()
	r, err := w.pay.Refund(w.ctx, "refund:1", ticketing.NewRefund{Refund: mine, Payment: p.ID, Amount: 1000})
	if err != nil || r.Refund != mine || r.Amount != 1000 || r.Status != ticketing.RefundSucceeded || r.Payment != p.ID {
		t.Errorf("refund %+v %v", r, err)
	}
	paid.Refunded, paid.Reversed, paid.FeeRefunded = 1000, 1000, 50
	if diff := cmp.Diff(w.payment(p.ID), paid); diff != "" {
		t.Error(diff)
	}
	before := time.Now().Add(-time.Hour)
	refunds, err := w.pay.RecentRefunds(w.ctx, before)
	if diff := cmp.Diff(refunds, []ticketing.Refund{r}); diff != "" || err != nil {
		t.Error(diff, err)
	}
	sessions, err := w.pay.RecentSessions(w.ctx, before)
	if diff := cmp.Diff(sessions, []ticketing.Session{s}); diff != "" || err != nil {
		t.Error(diff, err)
	}
	none, err := w.pay.RecentSessions(w.ctx, time.Now().Add(time.Hour))
	if err != nil || len(none) != 0 {
		t.Errorf("from later: %v %v", none, err)
	}
}

// Without a fee there is none to take back.
func TestASaleWithoutAFee(t *testing.T) {
	t.Parallel()
	w := simulated(t)
	c := w.checkout(w.seller())
	c.Fee = 0
	s := w.open(c)
	if !w.pays(s.URL, card(goodCard)) {
		t.Fatal("not paid")
	}
	s, err := w.pay.Session(w.ctx, s.ID)
	w.must(err)
	_, err = w.pay.Refund(w.ctx, "refund:1", ticketing.NewRefund{Refund: uuid.New(), Payment: s.Payment, Amount: 2000})
	w.must(err)
	if p := w.payment(s.Payment); p.Fee != 0 || p.Refunded != 2000 || p.Reversed != 2000 {
		t.Errorf("%+v", p)
	}
}

// More than one page of a list is read.
func TestListsAreReadToTheEnd(t *testing.T) {
	t.Parallel()
	w := simulated(t)
	seller := w.seller()
	for range 101 {
		w.open(w.checkout(seller))
	}
	all, err := w.pay.RecentSessions(w.ctx, time.Now().Add(-time.Hour))
	if err != nil || len(all) != 101 {
		t.Errorf("%d sessions %v", len(all), err)
	}
}

// What another server made at the same Stripe bears no mark of ours.
func TestOthersAreStrangers(t *testing.T) {
	t.Parallel()
	w := simulated(t)
	theirs := stripepay.New(stripepay.Config{Key: w.sim.Key(), URL: w.sim.URL(), Mark: "elsewhere.example", CallsPerSecond: 1e6})
	s := w.sold(w.seller())
	seen, err := theirs.Session(w.ctx, s.ID)
	if err != nil || seen.Order != uuid.Nil || seen.Offer != uuid.Nil || seen.Buyer != uuid.Nil {
		t.Errorf("%+v %v", seen, err)
	}
	if all, err := theirs.RecentSessions(w.ctx, time.Now().Add(-time.Hour)); err != nil || len(all) != 0 {
		t.Errorf("%v %v", all, err)
	}
}

// An expired session stays so; one that was paid in the same moment is no error.
func TestExpiring(t *testing.T) {
	t.Parallel()
	w := simulated(t)
	seller := w.seller()
	s := w.open(w.checkout(seller))
	for range 2 {
		if now, err := w.pay.ExpireSession(w.ctx, s.ID); err != nil || now.Status != ticketing.SessionExpired {
			t.Errorf("%+v %v", now, err)
		}
	}
	if now, err := w.pay.ExpireSession(w.ctx, w.sold(seller).ID); err != nil || now.Status != ticketing.SessionComplete || !now.Paid {
		t.Errorf("%+v %v", now, err)
	}
	_, err := w.pay.ExpireSession(w.ctx, "cs_test_nobody")
	w.is("nobody's", err, ticketing.ErrUnknown)
}

// A bank that takes its days, and says no or yes.
func TestDelayedPayments(t *testing.T) {
	t.Parallel()
	w := simulated(t, func(_ *stripesim.Config, c *stripepay.Config) { c.Methods = []string{"card", "sepa_debit"} })
	for iban, end := range map[string]ticketing.PaymentStatus{goodIBAN: ticketing.PaymentSucceeded, badIBAN: ticketing.PaymentFailed} {
		c := w.checkout(w.seller())
		c.Currency = "eur"
		s := w.open(c)
		if !w.pays(s.URL, debit(iban)) {
			t.Fatal("not taken")
		}
		s, err := w.pay.Session(w.ctx, s.ID)
		if p := w.payment(s.Payment); err != nil || s.Paid || s.Status != ticketing.SessionComplete || p.Status != ticketing.PaymentPending || p.Amount != 0 {
			t.Errorf("%+v %+v %v", s, p, err)
		}
		w.must(w.control.Advance(w.ctx, 5*time.Minute))
		if p := w.payment(s.Payment); p.Status != end {
			t.Errorf("%+v, want %s", p, end)
		}
		c = w.checkout(w.seller())
		c.Currency, c.CardsOnly = "eur", true
		if s = w.open(c); w.pays(s.URL, debit(iban)) || !w.pays(s.URL, card(goodCard)) {
			t.Error("a checkout for cards only took a debit, or no card")
		}
	}
}

// Disputes: what is withdrawn comes back when the platform wins.
func TestDisputes(t *testing.T) {
	t.Parallel()
	w := simulated(t)
	s := w.sold(w.seller())
	before := w.payment(s.Payment)
	id, err := w.control.Dispute(w.ctx, before.Charge, 0, "fraudulent")
	w.must(err)
	want := before
	want.Disputed, want.Withdrawn, want.DisputeFee = true, 2000, 1500
	if diff := cmp.Diff(w.payment(s.Payment), want); diff != "" {
		t.Error(diff)
	}
	_, err = w.pay.Refund(w.ctx, "refund:1", ticketing.NewRefund{Refund: uuid.New(), Payment: s.Payment, Amount: 2000})
	w.is("refund while disputed", err, ticketing.ErrRefused)
	recent, err := w.pay.RecentDisputes(w.ctx, time.Now().Add(-time.Hour))
	if diff := cmp.Diff(recent, []ticketing.Dispute{{Payment: s.Payment, Withdrawn: 2000}}); diff != "" || err != nil {
		t.Error(diff, err)
	}
	w.must(w.control.CloseDispute(w.ctx, id, true))
	if p := w.payment(s.Payment); p.Withdrawn != 0 || !p.Disputed {
		t.Errorf("won: %+v", p)
	}
	recent, err = w.pay.RecentDisputes(w.ctx, time.Now().Add(-time.Hour))
	if diff := cmp.Diff(recent, []ticketing.Dispute{{Payment: s.Payment}}); diff != "" || err != nil {
		t.Error(diff, err)
	}
}

// A refund that the bank does not take counts as none.
func TestARefundThatFails(t *testing.T) {
	t.Parallel()
	w := simulated(t)
	s := w.open(w.checkout(w.seller()))
	if !w.pays(s.URL, card(failingCard)) {
		t.Fatal("not paid")
	}
	s, err := w.pay.Session(w.ctx, s.ID)
	w.must(err)
	_, err = w.pay.Refund(w.ctx, "refund:1", ticketing.NewRefund{Refund: uuid.New(), Payment: s.Payment, Amount: 2000})
	w.must(err)
	w.must(w.control.Advance(w.ctx, 5*time.Minute))
	all, err := w.pay.RecentRefunds(w.ctx, time.Now().Add(-time.Hour))
	if err != nil || len(all) != 1 || all[0].Status != ticketing.RefundFailed {
		t.Errorf("%+v %v", all, err)
	}
	if p := w.payment(s.Payment); p.Refunded != 0 {
		t.Errorf("%+v", p)
	}
}

func TestLiveKeys(t *testing.T) {
	t.Parallel()
	for key, live := range map[string]bool{"sk_live_1": true, "rk_live_1": true, "sk_test_1": false, "rk_test_1": false, "sk_sim_1": false, "": false} {
		if stripepay.Live(key) != live {
			t.Errorf("%q", key)
		}
	}
}
