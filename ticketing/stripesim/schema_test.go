package stripesim_test

import (
	"net/http"
	"testing"
	"time"

	"github.com/stripe/stripe-go/v76"

	"salon/ticketing/stripesim/stripesimtest"
)

// everything makes one of each kind of thing, in as many states as there are.
func (b *bundle) everything() (seller string) {
	b.t.Helper()
	seller = b.seller()
	b.account()
	b.link(seller)
	sold := b.sold(seller)
	b.refund(sold, 500)
	_, err := b.stripe.FeeRefunds.New(&stripe.FeeRefundParams{ID: stripe.String(b.charge(sold).ApplicationFee.ID), Amount: stripe.Int64(1)})
	b.ok(err)
	won, lost := b.dispute(b.sold(seller), 0), b.dispute(b.sold(seller), 100)
	b.ok(b.control.CloseDispute(b.ctx, won, true))
	b.ok(b.control.CloseDispute(b.ctx, lost, false))
	for _, form := range []string{declinedCard, "4000000000005126"} {
		s := b.open(b.ticket(seller))
		if a := b.browse(s.URL, cardForm(form)); a.status == http.StatusSeeOther {
			b.refund(b.getSession(s.ID), 0)
		}
	}
	b.pay(b.open(b.euros(seller)), bankForm("sepa_debit", goodIBAN))
	b.pay(b.open(b.euros(seller)), bankForm("sepa_debit", badIBAN))
	b.tell()
	b.ok(b.control.Advance(b.ctx, time.Hour))
	b.pay(b.open(b.euros(seller)), bankForm("sepa_debit", goodIBAN))
	_, err = b.control.PayOut(b.ctx, seller, "usd")
	b.ok(err)
	return seller
}

// Whatever the simulator answers is as Stripe's own description has it.
func TestAnswersFitTheSchema(t *testing.T) {
	b := setup(t)
	schema, err := stripesimtest.LoadSchema(b.ctx)
	b.ok(err)
	hook := b.listen(false, "*")
	connect := b.listen(true, "*")
	seller := b.everything()
	get := func(path, account string) []byte {
		status, body, _ := b.raw("GET", path, func(r *http.Request) {
			r.SetBasicAuth(b.sim.Key(), "")
			if account != "" {
				r.Header.Set("Stripe-Account", account)
			}
		})
		want(t, path, status, http.StatusOK)
		return []byte(body)
	}
	check := func(what string, answer []byte) {
		faults, err := schema.Check(answer)
		b.ok(err)
		for _, f := range faults {
			t.Errorf("%s: %s", what, f)
		}
	}
	for _, path := range []string{"/v1/account", "/v1/accounts", "/v1/accounts/" + seller, "/v1/accounts/" + seller + "/capabilities/transfers",
		"/v1/checkout/sessions?limit=100&expand[]=data.line_items&expand[]=data.payment_intent.latest_charge.refunds", "/v1/payment_intents?limit=100",
		"/v1/charges?limit=100&expand[]=data.balance_transaction.source", "/v1/refunds?limit=100", "/v1/transfers?limit=100", "/v1/application_fees?limit=100",
		"/v1/disputes", "/v1/balance", "/v1/balance_transactions?limit=100", "/v1/webhook_endpoints"} {
		check(path, get(path, ""))
	}
	for _, path := range []string{"/v1/account", "/v1/charges", "/v1/refunds", "/v1/balance", "/v1/balance_transactions", "/v1/payouts"} {
		check(path+" of an account", get(path, seller))
	}
	check("account link", b.link(seller).LastResponse.RawJSON)
	events := append(hook.events(), connect.events()...)
	if len(events) < 60 {
		t.Errorf("only %d events", len(events))
	}
	for _, e := range events {
		check(string(e.Type), e.Data.Raw)
	}
}

// The check itself finds what is wrong.
func TestSchemaFindsFaults(t *testing.T) {
	t.Parallel()
	schema, err := stripesimtest.LoadSchema(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	for text, faults := range map[string]int{
		`{"object":"account_link","created":1,"expires_at":2,"url":"u"}`:            0,
		`{"object":"account_link","created":1,"expires_at":2}`:                      1, // required
		`{"object":"account_link","created":"1","expires_at":2,"url":"u"}`:          1, // another type
		`{"object":"account_link","created":1,"expires_at":2,"url":"u","colour":1}`: 1, // unknown
		`{"object":"account_link","created":null,"expires_at":2,"url":"u"}`:         1, // null
		`{"object":"list","data":[{"object":"nonsense"}]}`:                          1,
	} {
		got, err := schema.Check([]byte(text))
		if err != nil || len(got) != faults {
			t.Errorf("%s: %v %v", text, got, err)
		}
	}
}

// And stripe-mock refuses what it should.
func TestReplayFindsFaults(t *testing.T) {
	b := setup(t)
	b.open(b.ticket(""))
	requests, err := b.control.Requests(b.ctx)
	b.ok(err)
	broken := requests[0]
	broken.Form = map[string][]string{"colour": {"red"}}
	nowhere := requests[0]
	nowhere.Path = "/v1/nothing"
	older := requests[0]
	older.Version = "2022-11-15"
	rejected, sent, err := stripesimtest.Replay(b.ctx, append(requests, broken, nowhere, older))
	b.ok(err)
	want(t, "sent", sent, 4)
	want(t, "refused", len(rejected), 3)
}
