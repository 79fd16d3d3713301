package stripesim

import (
	"fmt"
	"strings"
)

// maxAmount is the greatest amount of one payment, in minor units.
const maxAmount = 99_999_999

// currency says what Stripe asks of amounts in it, in minor units.
type currency struct {
	decimals int
	minimum  int64
}

// currencies are those with a documented minimum, and those whose minor unit is
// not a hundredth (docs.stripe.com/currencies). Where no minimum is documented,
// any amount passes here.
var currencies = map[string]currency{
	"aed": {2, 200}, "aud": {2, 50}, "bgn": {2, 100}, "brl": {2, 50}, "cad": {2, 50}, "chf": {2, 50}, "czk": {2, 1500},
	"dkk": {2, 250}, "eur": {2, 50}, "gbp": {2, 30}, "hkd": {2, 400}, "huf": {2, 17500}, "inr": {2, 50}, "jpy": {0, 50},
	"mxn": {2, 1000}, "myr": {2, 200}, "nok": {2, 300}, "nzd": {2, 50}, "pln": {2, 200}, "ron": {2, 200}, "sek": {2, 300},
	"sgd": {2, 50}, "thb": {2, 1000}, "usd": {2, 50},
	"bif": {0, 1}, "clp": {0, 1}, "djf": {0, 1}, "gnf": {0, 1}, "kmf": {0, 1}, "krw": {0, 1}, "mga": {0, 1}, "pyg": {0, 1},
	"rwf": {0, 1}, "vnd": {0, 1}, "vuv": {0, 1}, "xaf": {0, 1}, "xof": {0, 1}, "xpf": {0, 1},
	"bhd": {3, 10}, "jod": {3, 10}, "kwd": {3, 10}, "omr": {3, 10}, "tnd": {3, 10},
}

// currency reads a currency that must be there.
func (p *params) currency(name string) string {
	code := strings.ToLower(p.need(name))
	if _, ok := currencies[code]; !ok {
		p.fail(malformed("", name, "Invalid currency: %s", code))
	}
	return code
}

// checkAmount refuses what Stripe would not take as one payment.
func checkAmount(amount int64, code string) *apiError {
	c := currencies[code]
	switch {
	case amount < c.minimum:
		return malformed("amount_too_small", "", "The Checkout Session's total amount must be at least %s.", formatAmount(c.minimum, code))
	case amount > maxAmount:
		return malformed("amount_too_large", "", "The Checkout Session's total amount must be no more than %s.", formatAmount(maxAmount, code))
	case c.decimals == 3 && amount%10 != 0:
		return malformed("", "", "Amounts in %s must end in 0.", code)
	}
	return nil
}

// formatAmount writes an amount for people.
func formatAmount(amount int64, code string) string {
	digits := fmt.Sprintf("%0*d", currencies[code].decimals+1, amount)
	if whole := len(digits) - currencies[code].decimals; whole < len(digits) {
		digits = digits[:whole] + "." + digits[whole:]
	}
	return digits + " " + strings.ToUpper(code)
}

// Fee is what Stripe keeps of a payment: a part in hundredths of a percent, and
// a fixed amount in minor units.
type Fee struct {
	BasisPoints int64
	Fixed       int64
}

// defaultFee is Stripe's usual one: 2.9 % and 30.
var defaultFee = Fee{BasisPoints: 290, Fixed: 30}

// of rounds half up and never takes more than there is.
func (f Fee) of(amount int64) int64 {
	return min(amount, (amount*f.BasisPoints+5000)/10000+f.Fixed)
}
