package stripesim_test

import (
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/stripe/stripe-go/v76"

	"salon/ticketing/stripesim"
)

// restart ends a simulator and starts another on its snapshot.
func (b *bundle) restart(config stripesim.Config) *bundle {
	b.t.Helper()
	remember(b.control)
	b.ok(b.sim.Stop(b.ctx))
	return start(b.t, config)
}

// Everything outlives a restart: what was sold, what is open, what is due.
func TestSnapshot(t *testing.T) {
	t.Parallel()
	config := stripesim.Config{Key: "sk_sim_kept", Snapshot: filepath.Join(t.TempDir(), "stripe.json")}
	b := start(t, config)
	seller := b.seller()
	sold := b.sold(seller)
	b.refund(sold, 500)
	dispute := b.dispute(b.sold(seller), 0)
	keyed := b.open(b.keyed("k"))
	p := b.ticket(seller)
	p.ExpiresAt = inMinutes(31)
	short := b.open(p)
	debit := b.open(b.euros(seller))
	b.pay(debit, bankForm("sepa_debit", goodIBAN))
	link := b.link(b.account())
	hook := b.listen(false, "*")
	b.ok(b.control.Webhooks(b.ctx, stripesim.WebhookRule{Type: "*", Action: "delay", DelaySeconds: 600}))
	b.tell()
	events := b.stripe.Events.List(nil)
	want(t, "an event", events.Next(), true)
	delayed := events.Event().ID
	b.ok(b.control.Advance(b.ctx, time.Minute))
	before, err := b.control.Now(b.ctx)
	b.ok(err)
	platform, ofSeller := b.sum("", "usd"), b.sum(seller, "usd")

	b = b.restart(config)
	hook.b = b
	now, err := b.control.Now(b.ctx)
	b.ok(err)
	if now.Before(before) {
		t.Errorf("time went back from %s to %s", before, now)
	}
	b.holds("", "usd", platform)
	b.holds(seller, "usd", ofSeller)
	want(t, "refunded", b.charge(sold).AmountRefunded, 500)
	want(t, "the key's session", b.open(b.keyed("k")).ID, keyed.ID)
	there, err := url.Parse(link.URL)
	b.ok(err)
	want(t, "the link's page", b.browse(b.sim.URL()+there.Path, nil).status, 200)
	want(t, "the session's page", b.browse(b.getSession(short.ID).URL, nil).status, 200)
	want(t, "the account", b.getAccount(seller).ChargesEnabled, true)
	b.ok(b.control.CloseDispute(b.ctx, dispute, true))
	b.refund(sold, 500)
	want(t, "the open session", b.getSession(short.ID).Status, stripe.CheckoutSessionStatusOpen)

	b.ok(b.control.Advance(b.ctx, 40*time.Minute))
	want(t, "the open session later", b.getSession(short.ID).Status, stripe.CheckoutSessionStatusExpired)
	want(t, "the debit", b.getSession(debit.ID).PaymentStatus, stripe.CheckoutSessionPaymentStatusPaid)
	heard := map[string]int{}
	for _, e := range hook.events() {
		heard[e.ID]++
	}
	want(t, "the delayed webhook", heard[delayed], 1)
}

// The state is saved while it runs, so that a kill loses a second at most.
func TestSavedWhileRunning(t *testing.T) {
	t.Parallel()
	file := filepath.Join(t.TempDir(), "stripe.json")
	saved := make(chan struct{}, 100)
	config := stripesim.Config{Key: "sk_sim_kept", Snapshot: file}
	config.OnSave(func() { saved <- struct{}{} })
	b := start(t, config)
	s := b.open(b.ticket(""))
	for {
		<-saved
		if text, err := os.ReadFile(file); err == nil && strings.Contains(string(text), s.ID) {
			break
		}
	}
	copied := filepath.Join(t.TempDir(), "copy.json")
	text, err := os.ReadFile(file)
	b.ok(err)
	b.ok(os.WriteFile(copied, text, 0o600))
	after := start(t, stripesim.Config{Key: "sk_sim_kept", Snapshot: copied})
	want(t, "the session", after.getSession(s.ID).Status, stripe.CheckoutSessionStatusOpen)
}

func TestBrokenSnapshot(t *testing.T) {
	t.Parallel()
	file := filepath.Join(t.TempDir(), "stripe.json")
	if err := os.WriteFile(file, []byte("{"), 0o600); err != nil {
		t.Fatal(err)
	}
	if sim, err := stripesim.Start(t.Context(), stripesim.Config{Snapshot: file}); err == nil {
		_ = sim.Stop(t.Context())
		t.Error("it started with half a snapshot")
	}
}
