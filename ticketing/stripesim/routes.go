package stripesim

import "net/http"

// endpoints are the part of Stripe's API that the simulator has.
var endpoints = func() []*endpoint {
	const l = listParams
	return []*endpoint{
		{"GET /v1/account", knows(""), true, ownAccount},
		{"POST /v1/accounts", knows(accountParams), false, createAccount},
		{"GET /v1/accounts", knows(l), false, listAccounts},
		{"GET /v1/accounts/{id}", knows(""), false, getAccount},
		{"POST /v1/accounts/{id}", knows(accountParams), false, updateAccount},
		{"DELETE /v1/accounts/{id}", knows(""), false, deleteAccount},
		{"GET /v1/accounts/{id}/capabilities/{capability}", knows(""), false, getCapability},
		{"POST /v1/accounts/{id}/capabilities/{capability}", knows("requested"), false, updateCapability},
		{"POST /v1/account_links", knows("account type collect refresh_url return_url"), false, createAccountLink},

		{"POST /v1/checkout/sessions", knows(sessionParams), false, createSession},
		{"GET /v1/checkout/sessions", knows(l + " payment_intent status"), false, listSessions},
		{"GET /v1/checkout/sessions/{id}", knows(""), false, getSession},
		{"POST /v1/checkout/sessions/{id}/expire", knows(""), false, expireSession},
		{"GET /v1/checkout/sessions/{id}/line_items", knows(l), false, sessionItems},

		{"GET /v1/payment_intents", knows(l), false, listIntents},
		{"GET /v1/payment_intents/{id}", knows(""), false, getIntent},
		{"POST /v1/payment_intents/{id}", knows("description metadata[*]"), false, updateIntent},
		{"POST /v1/payment_intents/{id}/cancel", knows("cancellation_reason"), false, cancelByAPI},

		{"GET /v1/charges", knows(l + " payment_intent transfer_group"), true, listCharges},
		{"GET /v1/charges/{id}", knows(""), true, getCharge},

		{"POST /v1/refunds", knows(refundParams), false, createRefund},
		{"GET /v1/refunds", knows(l + " charge payment_intent"), true, listRefunds},
		{"GET /v1/refunds/{id}", knows(""), true, getRefund},
		{"POST /v1/refunds/{id}", knows("metadata[*]"), false, updateRefund},

		{"POST /v1/transfers", knows("amount currency destination description metadata[*] source_transaction transfer_group"), false, createTransfer},
		{"GET /v1/transfers", knows(l + " destination transfer_group"), false, listTransfers},
		{"GET /v1/transfers/{id}", knows(""), false, getTransfer},
		{"POST /v1/transfers/{id}", knows("description metadata[*]"), false, updateTransfer},
		{"POST /v1/transfers/{id}/reversals", knows("amount description metadata[*] refund_application_fee"), false, createReversal},
		{"GET /v1/transfers/{id}/reversals", knows(l), false, listReversals},
		{"GET /v1/transfers/{id}/reversals/{reversal}", knows(""), false, getReversal},

		{"GET /v1/application_fees", knows(l + " charge"), false, listFees},
		{"GET /v1/application_fees/{id}", knows(""), false, getFee},
		{"POST /v1/application_fees/{id}/refunds", knows("amount metadata[*]"), false, createFeeRefund},
		{"GET /v1/application_fees/{id}/refunds", knows(l), false, listFeeRefunds},
		{"GET /v1/application_fees/{id}/refunds/{refund}", knows(""), false, getFeeRefund},

		{"GET /v1/disputes", knows(l + " charge payment_intent"), false, listDisputes},
		{"GET /v1/disputes/{id}", knows(""), false, getDispute},
		{"POST /v1/disputes/{id}/close", knows(""), false, closeDispute},

		{"GET /v1/balance", knows(""), true, getBalance},
		{"GET /v1/balance_transactions", knows(l + " type currency source payout"), true, listTransactions},
		{"GET /v1/balance_transactions/{id}", knows(""), true, getTransaction},
		{"GET /v1/payouts", knows(l + " status"), true, listPayouts},
		{"GET /v1/payouts/{id}", knows(""), true, getPayout},

		{"GET /v1/events", knows(l + " type types[] delivery_success"), true, listEvents},
		{"GET /v1/events/{id}", knows(""), true, getEvent},
		{"POST /v1/webhook_endpoints", knows("url enabled_events[] connect api_version description metadata[*]"), false, createEndpoint},
		{"GET /v1/webhook_endpoints", knows(l), false, listEndpoints},
		{"GET /v1/webhook_endpoints/{id}", knows(""), false, getEndpoint},
		{"POST /v1/webhook_endpoints/{id}", knows("url enabled_events[] disabled description metadata[*]"), false, updateEndpoint},
		{"DELETE /v1/webhook_endpoints/{id}", knows(""), false, deleteEndpoint},

		{"/v1/", known{}, true, unknownEndpoint},
	}
}()

func unknownEndpoint(_ *state, c *call) (any, error) {
	e := malformed("", "", "Unrecognized request URL (%s: %s): Stripe does not have it, or the simulator does not.", c.r.Method, c.r.URL.Path)
	e.status = http.StatusNotFound
	return nil, e
}

// routes serves the API, the pages and the controls, and nobody who came by
// another name than a loopback address: a stranger's page could give our
// address a name of its own.
func (s *Server) routes() http.Handler {
	mux := http.NewServeMux()
	for _, e := range endpoints {
		mux.Handle(e.pattern, s.handler(e))
	}
	mux.HandleFunc("GET /c/pay/{id}", s.checkoutPage)
	mux.HandleFunc("POST /c/pay/{id}", s.checkoutForm)
	mux.HandleFunc("GET /setup/s/{token}", s.onboardingPage)
	mux.HandleFunc("POST /setup/{form}", s.leaveOnboarding)
	mux.HandleFunc("GET /pages.css", style)
	s.controls(mux)
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if !isLoopback(r.Host) {
			http.Error(w, "The simulator answers to this machine only.", http.StatusForbidden)
			return
		}
		mux.ServeHTTP(w, r)
	})
}
