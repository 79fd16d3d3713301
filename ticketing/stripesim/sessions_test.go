package stripesim_test

import (
	"fmt"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/stripe/stripe-go/v76"
)

func TestNewSession(t *testing.T) {
	b := setup(t)
	seller := b.seller()
	p := b.ticket(seller)
	p.LineItems[0].Quantity = stripe.Int64(3)
	s := b.open(p)
	want(t, "status", s.Status, stripe.CheckoutSessionStatusOpen)
	want(t, "payment status", s.PaymentStatus, stripe.CheckoutSessionPaymentStatusUnpaid)
	want(t, "total", s.AmountTotal, 6000)
	want(t, "currency", s.Currency, stripe.CurrencyUSD)
	want(t, "order", s.Metadata["order"], "1")
	want(t, "live", s.Livemode, false)
	want(t, "open for", s.ExpiresAt-s.Created, int64(24*60*60))
	if s.PaymentIntent != nil {
		t.Error("there is a payment before anybody paid")
	}
	if !strings.HasPrefix(s.ID, "cs_test_") || !strings.HasPrefix(s.URL, b.sim.URL()+"/c/pay/"+s.ID) {
		t.Errorf("id %s, URL %s", s.ID, s.URL)
	}
	items := b.stripe.CheckoutSessions.ListLineItems(&stripe.CheckoutSessionListLineItemsParams{Session: stripe.String(s.ID)})
	want(t, "an item", items.Next(), true)
	want(t, "quantity", items.LineItem().Quantity, 3)
	want(t, "amount", items.LineItem().AmountTotal, 6000)
}

func TestSessionRules(t *testing.T) {
	b := setup(t)
	seller := b.seller()
	price := func(p *stripe.CheckoutSessionParams) *stripe.CheckoutSessionLineItemPriceDataParams {
		return p.LineItems[0].PriceData
	}
	type spoil func(*stripe.CheckoutSessionParams)
	for name, c := range map[string]struct {
		spoil spoil
		code  stripe.ErrorCode
		param string
	}{
		"29 minutes":       {func(p *stripe.CheckoutSessionParams) { p.ExpiresAt = inMinutes(29) }, "", "expires_at"},
		"a day":            {func(p *stripe.CheckoutSessionParams) { p.ExpiresAt = inMinutes(24*60 + 1) }, "", "expires_at"},
		"the past":         {func(p *stripe.CheckoutSessionParams) { p.ExpiresAt = stripe.Int64(1) }, "", "expires_at"},
		"no mode":          {func(p *stripe.CheckoutSessionParams) { p.Mode = nil }, stripe.ErrorCodeParameterMissing, "mode"},
		"setup":            {func(p *stripe.CheckoutSessionParams) { p.Mode = stripe.String("setup") }, "", "mode"},
		"no success URL":   {func(p *stripe.CheckoutSessionParams) { p.SuccessURL = nil }, stripe.ErrorCodeParameterMissing, "success_url"},
		"relative URL":     {func(p *stripe.CheckoutSessionParams) { p.SuccessURL = stripe.String("/paid") }, stripe.ErrorCodeURLInvalid, "success_url"},
		"script URL":       {func(p *stripe.CheckoutSessionParams) { p.CancelURL = stripe.String("javascript:alert(1)") }, stripe.ErrorCodeURLInvalid, "cancel_url"},
		"nothing to sell":  {func(p *stripe.CheckoutSessionParams) { p.LineItems = nil }, stripe.ErrorCodeParameterMissing, "line_items"},
		"no quantity":      {func(p *stripe.CheckoutSessionParams) { p.LineItems[0].Quantity = stripe.Int64(0) }, stripe.ErrorCodeParameterInvalidInteger, "line_items[0][quantity]"},
		"no name":          {func(p *stripe.CheckoutSessionParams) { price(p).ProductData.Name = nil }, stripe.ErrorCodeParameterMissing, "line_items[0][price_data][product_data][name]"},
		"below zero":       {func(p *stripe.CheckoutSessionParams) { price(p).UnitAmount = stripe.Int64(-1) }, stripe.ErrorCodeParameterInvalidInteger, "line_items[0][price_data][unit_amount]"},
		"too little":       {func(p *stripe.CheckoutSessionParams) { price(p).UnitAmount = stripe.Int64(49); clearFee(p) }, stripe.ErrorCodeAmountTooSmall, ""},
		"too much":         {func(p *stripe.CheckoutSessionParams) { price(p).UnitAmount = stripe.Int64(100_000_000) }, stripe.ErrorCodeParameterInvalidInteger, "line_items[0]"},
		"too much of them": {func(p *stripe.CheckoutSessionParams) { p.LineItems[0].Quantity = stripe.Int64(50_000) }, stripe.ErrorCodeAmountTooLarge, ""},
		"no such currency": {func(p *stripe.CheckoutSessionParams) { price(p).Currency = stripe.String("xxx") }, "", "line_items[0][price_data][currency]"},
		"fee above all":    {func(p *stripe.CheckoutSessionParams) { p.PaymentIntentData.ApplicationFeeAmount = stripe.Int64(2001) }, "", "payment_intent_data[application_fee_amount]"},
		"fee of nothing":   {func(p *stripe.CheckoutSessionParams) { p.PaymentIntentData.ApplicationFeeAmount = stripe.Int64(0) }, stripe.ErrorCodeParameterInvalidInteger, "payment_intent_data[application_fee_amount]"},
		"fee from nobody":  {func(p *stripe.CheckoutSessionParams) { p.PaymentIntentData.TransferData = nil }, "", "payment_intent_data[application_fee_amount]"},
		"odd thousandths": {func(p *stripe.CheckoutSessionParams) {
			price(p).Currency = stripe.String("kwd")
			price(p).UnitAmount = stripe.Int64(2001)
		}, "", ""},
		"no such way": {func(p *stripe.CheckoutSessionParams) { p.PaymentMethodTypes = stripe.StringSlice([]string{"paypal"}) }, "", "payment_method_types"},
		"debit in dollars": {func(p *stripe.CheckoutSessionParams) {
			p.PaymentMethodTypes = stripe.StringSlice([]string{"sepa_debit"})
		}, "", "payment_method_types"},
		"to nobody": {func(p *stripe.CheckoutSessionParams) {
			p.PaymentIntentData.TransferData.Destination = stripe.String("acct_none")
		}, stripe.ErrorCodeResourceMissing, "payment_intent_data[transfer_data][destination]"},
		"to a new account": {func(p *stripe.CheckoutSessionParams) {
			p.PaymentIntentData.TransferData.Destination = stripe.String(b.account())
		}, "insufficient_capabilities_for_transfer", "payment_intent_data[transfer_data][destination]"},
		"no mail":      {func(p *stripe.CheckoutSessionParams) { p.CustomerEmail = stripe.String("noor") }, stripe.ErrorCodeEmailInvalid, "customer_email"},
		"a long key":   {func(p *stripe.CheckoutSessionParams) { p.AddMetadata(strings.Repeat("k", 41), "1") }, "", "metadata[" + strings.Repeat("k", 41) + "]"},
		"a long value": {func(p *stripe.CheckoutSessionParams) { p.AddMetadata("k", strings.Repeat("v", 501)) }, "", "metadata[k]"},
		"many keys": {func(p *stripe.CheckoutSessionParams) {
			for i := range 50 {
				p.AddMetadata(fmt.Sprint(i), "1")
			}
		}, "", "metadata"},
		"several currencies": {func(p *stripe.CheckoutSessionParams) {
			p.LineItems = append(p.LineItems, b.ticket("").LineItems[0])
			p.LineItems[1].PriceData.Currency = stripe.String("eur")
		}, "", "line_items[1][price_data][currency]"},
	} {
		p := b.ticket(seller)
		c.spoil(p)
		t.Log(name)
		_, err := b.stripe.CheckoutSessions.New(p)
		want(t, name, invalid(t, err, c.code).Param, c.param)
	}
	for name, allow := range map[string]spoil{ // the controls, just inside
		"31 minutes": func(p *stripe.CheckoutSessionParams) { p.ExpiresAt = inMinutes(31) },
		"not a day":  func(p *stripe.CheckoutSessionParams) { p.ExpiresAt = inMinutes(24*60 - 1) },
		"the least":  func(p *stripe.CheckoutSessionParams) { price(p).UnitAmount = stripe.Int64(50); clearFee(p) },
		"the most":   func(p *stripe.CheckoutSessionParams) { price(p).UnitAmount = stripe.Int64(99_999_999) },
		"metadata": func(p *stripe.CheckoutSessionParams) {
			p.AddMetadata(strings.Repeat("k", 40), strings.Repeat("v", 500))
		},
		"all is fee": func(p *stripe.CheckoutSessionParams) { p.PaymentIntentData.ApplicationFeeAmount = stripe.Int64(2000) },
		"thousandths": func(p *stripe.CheckoutSessionParams) {
			price(p).Currency = stripe.String("kwd")
			price(p).UnitAmount = stripe.Int64(2010)
		},
		"yen": func(p *stripe.CheckoutSessionParams) {
			price(p).Currency = stripe.String("jpy")
			price(p).UnitAmount = stripe.Int64(50)
			clearFee(p)
		},
	} {
		p := b.ticket(seller)
		allow(p)
		if _, err := b.stripe.CheckoutSessions.New(p); err != nil {
			t.Errorf("%s: %v", name, err)
		}
	}
}

func clearFee(p *stripe.CheckoutSessionParams) { p.PaymentIntentData.ApplicationFeeAmount = nil }

func TestExpire(t *testing.T) {
	b := setup(t)
	hook := b.listen(false, "*")
	open := b.open(b.ticket(""))
	s, err := b.stripe.CheckoutSessions.Expire(open.ID, nil)
	b.ok(err)
	want(t, "status", s.Status, stripe.CheckoutSessionStatusExpired)
	want(t, "url", s.URL, "")
	same(t, "events", hook.types(), []string{"checkout.session.expired"})
	_, err = b.stripe.CheckoutSessions.Expire(open.ID, nil)
	if e := invalid(t, err, ""); !strings.Contains(e.Msg, "status of `expired`") {
		t.Error(e.Msg)
	}
	page := b.browse(open.URL, cardForm(goodCard))
	want(t, "paying afterwards", page.status, http.StatusGone)
	want(t, "status after paying", b.getSession(open.ID).Status, stripe.CheckoutSessionStatusExpired)
}

func TestExpireOfWhatIsPaid(t *testing.T) {
	b := setup(t)
	s := b.sold(b.seller())
	_, err := b.stripe.CheckoutSessions.Expire(s.ID, nil)
	if e := invalid(t, err, ""); !strings.Contains(e.Msg, "status of `complete`") {
		t.Error(e.Msg)
	}
	want(t, "status", b.getSession(s.ID).Status, stripe.CheckoutSessionStatusComplete)
}

// A session ends when its time comes; a payment that was tried ends with it.
func TestSessionsRunOut(t *testing.T) {
	b := setup(t)
	hook := b.listen(false, "*")
	p := b.ticket("")
	p.ExpiresAt = inMinutes(31)
	short, long := b.open(p), b.open(b.ticket(""))
	want(t, "declined", b.browse(short.URL, cardForm(declinedCard)).status, http.StatusPaymentRequired)
	b.ok(b.control.Advance(b.ctx, 30*time.Minute))
	want(t, "before its time", b.getSession(short.ID).Status, stripe.CheckoutSessionStatusOpen)
	hook.types()
	b.ok(b.control.Advance(b.ctx, 2*time.Minute))
	s := b.getSession(short.ID)
	want(t, "after its time", s.Status, stripe.CheckoutSessionStatusExpired)
	want(t, "its payment", s.PaymentIntent.Status, stripe.PaymentIntentStatusCanceled)
	want(t, "the other", b.getSession(long.ID).Status, stripe.CheckoutSessionStatusOpen)
	events := hook.events()
	want(t, "events", len(events), 2)
	last := events[len(events)-1]
	want(t, "event", last.Type, stripe.EventTypeCheckoutSessionExpired)
	if drift := last.Created - s.ExpiresAt; drift != 0 {
		t.Errorf("it expired %d seconds after its time", drift)
	}
}

func TestPaymentsOfCheckoutEndWithTheirSession(t *testing.T) {
	b := setup(t)
	s := b.open(b.ticket(""))
	want(t, "declined", b.browse(s.URL, cardForm(declinedCard)).status, http.StatusPaymentRequired)
	pi := b.getSession(s.ID).PaymentIntent
	_, err := b.stripe.PaymentIntents.Cancel(pi.ID, nil)
	invalid(t, err, stripe.ErrorCodePaymentIntentUnexpectedState)
	up, err := b.stripe.PaymentIntents.Update(pi.ID, &stripe.PaymentIntentParams{Description: stripe.String("Seat 4"), Metadata: map[string]string{"seat": "4"}})
	b.ok(err)
	want(t, "description", up.Description, "Seat 4")
	want(t, "metadata kept", up.Metadata["order"], "1")
	want(t, "metadata new", up.Metadata["seat"], "4")
	up, err = b.stripe.PaymentIntents.Update(pi.ID, &stripe.PaymentIntentParams{Metadata: map[string]string{"seat": "", "_own": "kept"}})
	b.ok(err)
	_, there := up.Metadata["seat"]
	want(t, "metadata taken away", there, false)
	want(t, "metadata like ours", up.Metadata["_own"], "kept")
}
