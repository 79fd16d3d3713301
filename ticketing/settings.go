package ticketing

import (
	"errors"
	"fmt"
	"slices"
	"time"
)

// Settings are what whoever runs a server decides about sales.
type Settings struct {
	Hold            time.Duration     // how long a seat is held for somebody
	Extension       time.Duration     // how much longer they may ask for, once
	HoldsPerAccount int               // seats that one person holds unpaid at once, over all rooms
	HoldsPerAddress int               // and people from one network
	Prices          map[string]Prices // by currency; others get usualPrices
	Cut             CutRules
}

// Prices bound what hosts may ask for a seat that is not free, in minor units.
type Prices struct{ Least, Most int64 }

// usualPrices are 1 to 999 US dollars, and in other currencies about as much.
func usualPrices(code string) Prices {
	step := max(1, currencies[code].step)
	return Prices{Least: 2 * halfDollar(code), Most: min(1998*halfDollar(code), maxAmount/step*step)}
}

// halfDollar is about what half a US dollar is worth, in minor units: the
// smallest charge, but where that is much less.
func halfDollar(code string) int64 {
	switch code {
	case "brl":
		return 250
	case "inr":
		return 4_000
	}
	return Smallest(code)
}

// PricesIn are the bounds in a currency.
func (s Settings) PricesIn(code string) Prices {
	if given, known := s.Prices[code]; known {
		return given
	}
	return usualPrices(code)
}

// CutRules make the Terms of a currency.
type CutRules struct {
	Tiers         []Tier           // UpTo in major units, of every currency alike
	Fixed         map[string]int64 // by currency, in minor units
	Minimum       map[string]int64 // by currency, in minor units
	Processing    map[string]Rate  // what Stripe is expected to keep; others get usualProcessing
	PlatformBears bool             // the processing, instead of the host
}

// DefaultSettings are those of a new server: the cut is what Twitter Spaces
// announced for its tickets.
func DefaultSettings() Settings {
	return Settings{
		Hold: 15 * time.Minute, Extension: 15 * time.Minute, HoldsPerAccount: 5, HoldsPerAddress: 20,
		Cut: CutRules{Tiers: []Tier{{UpTo: 50_000, BasisPoints: 300}, {BasisPoints: 2000}}},
	}
}

// longestHold is bounded by the life of a checkout, which Stripe ends after 24
// hours at most.
const longestHold = 12 * time.Hour

// Check says what is wrong with the settings, or nil.
func (s Settings) Check() error {
	switch {
	case s.Hold < time.Minute || s.Extension < 0 || s.Hold+s.Extension > longestHold:
		return fmt.Errorf("a seat is held for at least a minute and, extended, for at most %s", longestHold)
	case s.HoldsPerAccount < 1 || s.HoldsPerAddress < 1:
		return errors.New("limits of holds must be at least 1")
	}
	for _, code := range Currencies() {
		if in := s.PricesIn(code); in.Least > in.Most || !priceable(in.Least, code) || !priceable(in.Most, code) {
			return fmt.Errorf("no seat can cost %s to %s %s", Plain(in.Least, code), Plain(in.Most, code), code)
		}
		if err := s.Cut.Terms(code).check(); err != nil {
			return fmt.Errorf("%s: %w", code, err)
		}
	}
	return nil
}

// Terms are what a sale in the currency is cut by.
func (c CutRules) Terms(code string) Terms {
	t := Terms{Tiers: slices.Clone(c.Tiers), Fixed: c.Fixed[code], Minimum: c.Minimum[code]}
	for i := range t.Tiers {
		t.Tiers[i].UpTo = minor(t.Tiers[i].UpTo, code)
	}
	if c.PlatformBears {
		return t
	}
	known := false
	if t.Processing, known = c.Processing[code]; !known {
		t.Processing = usualProcessing(code)
	}
	return t
}

// usualProcessing is Stripe's usual price for cards: 2.9 % and 30 cents, or about
// their worth.
func usualProcessing(code string) Rate {
	return Rate{BasisPoints: 290, Fixed: halfDollar(code) * 3 / 5}
}
