package stripesim

import (
	"fmt"
	"net/http"
)

func (s *Server) moneyControls(mux *http.ServeMux) {
	handle(s, mux, "POST /_sim/declines", func(_ *http.Request, d declineOrder) (out struct{}, err error) {
		if _, known := declines[d.Code]; !known {
			return out, fmt.Errorf("there is no decline %q", d.Code)
		}
		s.locked(func(st *state) { st.declines = append(st.declines, d.Code) })
		return out, nil
	})
	handle(s, mux, "POST /_sim/payment_intents/{id}/settle", func(r *http.Request, o ending) (out struct{}, err error) {
		s.locked(func(st *state) { err = st.settleNow(r.PathValue("id"), o.Well) })
		return out, err
	})
	handle(s, mux, "POST /_sim/refunds/{id}/finish", func(r *http.Request, o ending) (out struct{}, err error) {
		s.locked(func(st *state) { err = st.finishNow(r.PathValue("id"), o.Well) })
		return out, err
	})
	handle(s, mux, "POST /_sim/charges/{id}/dispute", func(r *http.Request, o disputeOrder) (out identity, err error) {
		s.locked(func(st *state) {
			var d *dispute
			if d, err = st.openDispute(r.PathValue("id"), o.Amount, o.Reason); err == nil {
				out.ID = d.ID
			}
		})
		return out, err
	})
	handle(s, mux, "POST /_sim/disputes/{id}/close", func(r *http.Request, o ending) (out struct{}, err error) {
		s.locked(func(st *state) {
			var d *dispute
			if d, err = find[*dispute](st, "", r.PathValue("id"), "dispute", "id"); err == nil {
				err = st.decide(d, o.Well)
			}
		})
		return out, err
	})
	handle(s, mux, "POST /_sim/payouts", func(_ *http.Request, o payoutOrder) (out identity, err error) {
		s.locked(func(st *state) {
			var p *payout
			if p, err = st.payOut(o.Account, o.Currency); err == nil {
				out.ID = p.ID
			}
		})
		return out, err
	})
}

type (
	declineOrder struct {
		Code string `json:"code"`
	}
	ending struct {
		Well bool `json:"well"`
	}
	disputeOrder struct {
		Amount int64  `json:"amount"`
		Reason string `json:"reason"`
	}
	payoutOrder struct {
		Account  string `json:"account"`
		Currency string `json:"currency"`
	}
	identity struct {
		ID string `json:"id"`
	}
)

// settleNow ends a bank debit before its time, or one that never would.
func (st *state) settleNow(id string, well bool) error {
	pi, err := find[*paymentIntent](st, "", id, "payment_intent", "id")
	if err != nil {
		return err
	}
	if pi.Status != "processing" {
		return fmt.Errorf("payment %s is %s, not processing", id, pi.Status)
	}
	why := ""
	if !well {
		why = "insufficient_funds"
	}
	st.settle(must[*charge](st, pi.LatestCharge), why)
	return nil
}

func (st *state) finishNow(id string, well bool) error {
	r, err := find[*refund](st, "", id, "refund", "id")
	if err != nil {
		return err
	}
	if r.Status == "failed" {
		return fmt.Errorf("refund %s has failed already", id)
	}
	st.finish(r, well)
	return nil
}
