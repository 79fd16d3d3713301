package ticketing

import (
	"errors"
	"math/bits"
)

// whole is everything, in basis points: hundredths of a percent.
const whole = 10_000

// Tier is a part of what a host sells over all time, and the platform's cut of
// it.
type Tier struct {
	UpTo        int64 `json:"up_to,omitempty"` // of the host's lifetime gross in the currency; 0: no end
	BasisPoints int64 `json:"bp"`
}

// Rate is a percentage of an amount and a fixed part in minor units.
type Rate struct {
	BasisPoints int64 `json:"bp"`
	Fixed       int64 `json:"fixed"`
}

// of rounds half up, as processors do, and never exceeds the amount.
func (r Rate) of(amount int64) int64 {
	return min(amount, (amount*r.BasisPoints+whole/2)/whole+r.Fixed)
}

// Terms are what the cut of one sale is made by. All amounts are minor units of
// the sale's currency. They are kept with each order as they were when its
// checkout was asked for.
type Terms struct {
	Tiers      []Tier `json:"tiers"`
	Fixed      int64  `json:"fixed,omitempty"`      // on top of the percentage, for each sale
	Minimum    int64  `json:"minimum,omitempty"`    // of the cut of one sale
	Processing Rate   `json:"processing,omitempty"` // what Stripe is expected to keep; zero: the platform bears it
}

// errTerms is what check says of terms that cannot be.
var errTerms = errors.New("the tiers of the cut must grow, the last one must have no end, and no percentage may exceed 100")

func (t Terms) check() error {
	if len(t.Tiers) == 0 || t.Tiers[len(t.Tiers)-1].UpTo != 0 || t.Fixed < 0 || t.Minimum < 0 || t.Processing.Fixed < 0 || !percentage(t.Processing.BasisPoints) {
		return errTerms
	}
	begins := int64(0)
	for i, tier := range t.Tiers {
		if !percentage(tier.BasisPoints) || i < len(t.Tiers)-1 && tier.UpTo <= begins {
			return errTerms
		}
		begins = tier.UpTo
	}
	return nil
}

func percentage(bp int64) bool { return bp >= 0 && bp <= whole }

// Part is what one tier adds to the cut of a sale. Tier counts from 1; 0 is the
// fixed part and what the minimum adds.
type Part struct {
	Tier        int   `json:"tier"`
	BasisPoints int64 `json:"bp,omitempty"`
	Base        int64 `json:"base,omitempty"` // how much of the sale is in the tier
	Amount      int64 `json:"amount"`
}

// Split is where the money of one sale goes: gross = Fee + Net, and nothing of
// it is negative.
type Split struct {
	Gross      int64  `json:"gross"`
	Parts      []Part `json:"parts"`      // of the cut
	Processing int64  `json:"processing"` // the host's share of it, as expected
}

// Cut is what the platform keeps.
func (s Split) Cut() (sum int64) {
	for _, p := range s.Parts {
		sum += p.Amount
	}
	return sum
}

// Fee is the application fee: the cut and the processing the host bears.
func (s Split) Fee() int64 { return s.Cut() + s.Processing }

// Net is what the host is paid.
func (s Split) Net() int64 { return s.Gross - s.Fee() }

// Split divides a sale by a host who sold `before` until then.
//
// A percentage is rounded down over everything the host ever sold in the tier,
// and a sale bears the difference it makes: whatever the prices and however
// they are cut into sales, the sum is what one sale of the whole would have
// borne, to the minor unit, and never more than the percentage. The fixed part,
// the minimum and the processing are of each sale; none takes more than is left.
func (t Terms) Split(before, gross int64) Split {
	s := Split{Gross: gross}
	begins := int64(0)
	for i, tier := range t.Tiers {
		from, to := within(before, begins, tier.UpTo), within(before+gross, begins, tier.UpTo)
		if base := to - from; base > 0 {
			s.Parts = append(s.Parts, Part{i + 1, tier.BasisPoints, base, share(to, tier.BasisPoints) - share(from, tier.BasisPoints)})
		}
		begins = tier.UpTo
	}
	cut := s.Cut()
	if added := min(max(cut+t.Fixed, t.Minimum), gross) - cut; added > 0 {
		s.Parts = append(s.Parts, Part{Tier: 0, Amount: added})
	}
	s.Processing = min(t.Processing.of(gross), gross-s.Cut())
	return s
}

// within is how much of the first n lies between begin and end, which is none
// when 0.
func within(n, begin, end int64) int64 {
	if end != 0 {
		n = min(n, end)
	}
	return max(0, n-begin)
}

// share is a percentage of n, rounded down. The product may need 128 bits.
func share(n, bp int64) int64 { return mulDiv(n, bp, whole) }

// mulDiv is a*b/c rounded down, of numbers that are not negative, where the
// result fits.
func mulDiv(a, b, c int64) int64 {
	high, low := bits.Mul64(uint64(a), uint64(b))
	quotient, _ := bits.Div64(high, low, uint64(c))
	return int64(quotient)
}

// given is how much of each part went back when `back` of the fee did: in the
// order of the parts and the processing last, each with the same share, rounded
// so that the sum is exact. All of the fee is all of every part.
func (s Split) given(back int64) (parts []int64, processing int64) {
	fee, sum := s.Fee(), int64(0)
	if fee == 0 {
		return make([]int64, len(s.Parts)), 0
	}
	for _, p := range s.Parts {
		parts = append(parts, mulDiv(back, sum+p.Amount, fee)-mulDiv(back, sum, fee))
		sum += p.Amount
	}
	return parts, back - mulDiv(back, sum, fee)
}
