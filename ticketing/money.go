package ticketing

import (
	"fmt"
	"maps"
	"slices"
)

// maxAmount is the greatest amount of one payment, in minor units: Stripe
// takes eight digits.
const maxAmount = 99_999_999

// currency is what amounts in it must look like.
type currency struct {
	digits  int   // of a major unit that are minor units
	step    int64 // amounts are multiples of it
	minimum int64 // the smallest charge, in minor units
}

// currencies are those in which a price can be named, with the digits and the
// smallest charges of docs.stripe.com/currencies. Where Stripe names no
// smallest charge, ours is worth about half a US dollar. ISK and UGX have no
// minor unit, but Stripe wants two digits that are 00; those with three want
// the last to be 0.
var currencies = map[string]currency{
	"aed": {2, 1, 200}, "aud": {2, 1, 50}, "bgn": {2, 1, 100}, "brl": {2, 1, 50}, "cad": {2, 1, 50}, "chf": {2, 1, 50},
	"czk": {2, 1, 1500}, "dkk": {2, 1, 250}, "eur": {2, 1, 50}, "gbp": {2, 1, 30}, "hkd": {2, 1, 400}, "huf": {2, 1, 17500},
	"inr": {2, 1, 50}, "mxn": {2, 1, 1000}, "myr": {2, 1, 200}, "nok": {2, 1, 300}, "nzd": {2, 1, 50}, "pln": {2, 1, 200},
	"ron": {2, 1, 200}, "sek": {2, 1, 300}, "sgd": {2, 1, 50}, "thb": {2, 1, 1000}, "usd": {2, 1, 50},

	"bif": {0, 1, 1500}, "clp": {0, 1, 500}, "djf": {0, 1, 90}, "gnf": {0, 1, 4500}, "jpy": {0, 1, 50}, "kmf": {0, 1, 250},
	"krw": {0, 1, 700}, "mga": {0, 1, 2300}, "pyg": {0, 1, 4000}, "rwf": {0, 1, 700}, "vnd": {0, 1, 13000}, "vuv": {0, 1, 60},
	"xaf": {0, 1, 300}, "xof": {0, 1, 300}, "xpf": {0, 1, 60},

	"bhd": {3, 10, 190}, "jod": {3, 10, 360}, "kwd": {3, 10, 160}, "omr": {3, 10, 200}, "tnd": {3, 10, 1600},

	"isk": {2, 100, 7000}, "ugx": {2, 100, 190000},
}

// Currencies lists the codes a price can be named in, in lower case as Stripe
// writes them.
func Currencies() []string { return slices.Sorted(maps.Keys(currencies)) }

// Digits is how many digits of a major unit are minor units, 0 for what is no
// currency of ours.
func Digits(code string) int { return currencies[code].digits }

// Smallest is the least that can be charged, in minor units.
func Smallest(code string) int64 { return currencies[code].minimum }

// priceable says whether an amount can be the price of something.
func priceable(amount int64, code string) bool {
	c, known := currencies[code]
	free := amount == 0
	return known && (free || amount >= c.minimum && amount <= maxAmount && amount%c.step == 0)
}

// minor is so many major units in minor ones.
func minor(major int64, code string) int64 {
	for range currencies[code].digits {
		major *= 10
	}
	return major
}

// Plain writes an amount of minor units as a decimal number, as in tables:
// -1234 in usd is -12.34.
func Plain(amount int64, code string) string {
	sign := ""
	if amount < 0 {
		sign, amount = "-", -amount
	}
	digits := currencies[code].digits
	text := fmt.Sprintf("%0*d", digits+1, amount)
	if digits == 0 {
		return sign + text
	}
	whole := len(text) - digits
	return sign + text[:whole] + "." + text[whole:]
}
