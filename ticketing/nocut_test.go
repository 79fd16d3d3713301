package ticketing

import "testing"

// A platform that takes nothing and bears the processing asks for no fee, which
// Stripe would refuse, and everything goes to the host.
func TestASaleWithoutACut(t *testing.T) {
	b := setup(t)
	b.settings.Cut = CutRules{Tiers: []Tier{{}}, PlatformBears: true}
	b.must(b.settings.Check())
	f, buyer := b.sale(1), b.account("buyer")
	o := b.buy(f, buyer)
	b.state(o.ID, Paid)
	b.balances(map[string]int64{ofBuyer: -500, ofHost: 500, ofStripe: 45, ofDifference: -45})
	_, err := b.Refund(b.ctx, buyer, o.ID)
	b.must(err)
	b.work()
	b.state(o.ID, Refunded)
	b.balances(map[string]int64{ofStripe: 45, ofDifference: -45})
	b.sound()
}
