package main

import (
	"errors"
	"fmt"
	"net/url"
	"strconv"
	"strings"
	"time"

	"salon/ticketing"
	"salon/ticketing/stripepay"
)

// stripeSettings are how to reach Stripe, and as whom.
type stripeSettings struct {
	StripeKey  string `name:"stripe-key" env:"STRIPE_SECRET_KEY" help:"Secret key of your account at Stripe, or a restricted one. Keys of test mode move no money."`
	StripeMark string `name:"stripe-mark" env:"SALON_STRIPE_MARK" help:"What tells this server's sales from those of others with the same account at Stripe. Keep it when the server moves. Default: the host of the public URL."`
}

func (s *stripeSettings) check() error {
	if s.StripeKey != "" && !strings.HasPrefix(s.StripeKey, "sk_") && !strings.HasPrefix(s.StripeKey, "rk_") {
		return errors.New("--stripe-key must begin with sk_ or rk_")
	}
	return nil
}

// mark is the one that was given, or the host of where browsers reach us.
func (s *stripeSettings) mark(public *url.URL) string {
	if s.StripeMark != "" {
		return s.StripeMark
	}
	return public.Host
}

// ticketSettings are how tickets are sold.
type ticketSettings struct {
	Tickets string `default:"auto" enum:"auto,off,simulated,stripe" env:"SALON_TICKETS" help:"How tickets are sold: not at all (off), through a simulated Stripe that moves no money (simulated, salon dev only), or through Stripe (stripe). auto: stripe with --stripe-key; without, simulated in dev and off in serve."`
	stripeSettings
	StripeWebhookSecrets []string `name:"stripe-webhook-secrets" env:"STRIPE_WEBHOOK_SECRETS" help:"Secrets that sign Stripe's events of your account; several while one is changed. salon admin stripe-setup makes and tells them."`
	StripeConnectSecrets []string `name:"stripe-connect-secrets" env:"STRIPE_CONNECT_SECRETS" help:"Secrets that sign Stripe's events of the hosts' accounts."`
	StripeMethods        []string `name:"stripe-methods" default:"card" env:"SALON_STRIPE_METHODS" help:"Ways to pay, as Stripe names them. any: those switched on in Stripe's dashboard, of which some take days. For a room that starts within 7 days it is cards, whatever is given here."`
	StripeSimulator      string   `name:"stripe-simulator" default:"127.0.0.1:12111" env:"SALON_STRIPE_SIMULATOR" help:"Address of the simulated Stripe, on this machine only. Where it is taken, another free port."`

	TicketHold       time.Duration     `default:"15m" env:"SALON_TICKET_HOLD" help:"How long a seat is held for somebody who has not paid."`
	TicketExtension  time.Duration     `default:"15m" env:"SALON_TICKET_EXTENSION" help:"How much longer they may ask for, once."`
	HoldsPerAccount  int               `default:"5" env:"SALON_HOLDS_PER_ACCOUNT" help:"Seats one person may hold unpaid, over all rooms."`
	HoldsPerAddress  int               `default:"20" env:"SALON_HOLDS_PER_ADDRESS" help:"Seats people of one network may hold unpaid."`
	TicketPrices     map[string]string `mapsep:"," env:"SALON_TICKET_PRICES" help:"The least and the most a seat may cost that is not free, by currency and in its smallest unit, such as eur=100-50000. Default: 1 to 999 US dollars, or about their worth."`
	TicketCut        []string          `default:"3:50000,20" env:"SALON_TICKET_CUT" help:"The server's cut, in percent of what a host sells over all time: 3:50000,20 is 3 % of the first 50,000 of any currency, and 20 % of what is above."`
	TicketCutFixed   map[string]int64  `mapsep:"," env:"SALON_TICKET_CUT_FIXED" help:"What is added to the cut of each sale, by currency and in its smallest unit, such as eur=20,jpy=30."`
	TicketCutMinimum map[string]int64  `mapsep:"," env:"SALON_TICKET_CUT_MINIMUM" help:"The least cut of a sale, by currency and in its smallest unit."`
	ProcessingBy     string            `name:"processing-by" default:"host" enum:"host,server" env:"SALON_PROCESSING_BY" help:"Who bears what Stripe keeps of a payment."`
	ProcessingRates  map[string]string `name:"processing-rates" mapsep:"," env:"SALON_PROCESSING_RATES" help:"What Stripe keeps of a payment, by currency, in percent and smallest units, such as eur=1.5+25. Default: 2.9 % and the worth of 0.30 US dollars."`
}

func (s *ticketSettings) check() error {
	if s.Tickets == "stripe" && s.StripeKey == "" {
		return errors.New("--tickets=stripe needs --stripe-key")
	}
	if s.Tickets == "simulated" && s.StripeKey != "" {
		return errors.New("--tickets=simulated takes no --stripe-key: nothing simulated runs beside a real one")
	}
	if err := s.stripeSettings.check(); err != nil {
		return err
	}
	terms, err := s.terms()
	if err != nil {
		return err
	}
	if err := terms.Check(); err != nil {
		return fmt.Errorf("tickets: %w", err)
	}
	return nil
}

// terms are the settings as package ticketing takes them.
func (s *ticketSettings) terms() (t ticketing.Settings, err error) {
	t = ticketing.Settings{Hold: s.TicketHold, Extension: s.TicketExtension, HoldsPerAccount: s.HoldsPerAccount, HoldsPerAddress: s.HoldsPerAddress,
		Cut: ticketing.CutRules{Fixed: s.TicketCutFixed, Minimum: s.TicketCutMinimum, PlatformBears: s.ProcessingBy == "server", Processing: map[string]ticketing.Rate{}}}
	for _, text := range s.TicketCut {
		tier, err := tierOf(text)
		if err != nil {
			return t, fmt.Errorf("--ticket-cut: %q is not a percentage, such as 3:50000 or 20", text)
		}
		t.Cut.Tiers = append(t.Cut.Tiers, tier)
	}
	for code, text := range s.ProcessingRates {
		if t.Cut.Processing[code], err = rateOf(text); err != nil {
			return t, fmt.Errorf("--processing-rates: %q is not a rate, such as 2.9+30", text)
		}
	}
	if t.Prices, err = s.prices(); err != nil {
		return t, err
	}
	for code := range s.ProcessingRates {
		err = errors.Join(err, knownCurrency(code))
	}
	for _, amounts := range []map[string]int64{s.TicketCutFixed, s.TicketCutMinimum} {
		for code := range amounts {
			err = errors.Join(err, knownCurrency(code))
		}
	}
	return t, err
}

// prices are the bounds that were given.
func (s *ticketSettings) prices() (map[string]ticketing.Prices, error) {
	all := map[string]ticketing.Prices{}
	for code, text := range s.TicketPrices {
		least, most, _ := strings.Cut(text, "-")
		from, err := strconv.ParseInt(least, 10, 64)
		to, err2 := strconv.ParseInt(most, 10, 64)
		if err := errors.Join(err, err2, knownCurrency(code)); err != nil {
			return nil, fmt.Errorf("--ticket-prices: %s=%s is not a least and a most, such as eur=100-50000", code, text)
		}
		all[code] = ticketing.Prices{Least: from, Most: to}
	}
	return all, nil
}

func knownCurrency(code string) error {
	if ticketing.Smallest(code) == 0 {
		return fmt.Errorf("there are no prices in %q", code)
	}
	return nil
}

// tierOf reads a percentage and up to where it goes.
func tierOf(text string) (t ticketing.Tier, err error) {
	percent, upTo, bounded := strings.Cut(text, ":")
	if t.BasisPoints, err = basisPoints(percent); err == nil && bounded {
		t.UpTo, err = strconv.ParseInt(upTo, 10, 64)
	}
	return t, err
}

// rateOf reads a percentage and a fixed part.
func rateOf(text string) (r ticketing.Rate, err error) {
	percent, fixed, both := strings.Cut(text, "+")
	if r.BasisPoints, err = basisPoints(percent); err == nil && both {
		r.Fixed, err = strconv.ParseInt(fixed, 10, 64)
	}
	return r, err
}

// basisPoints reads a percentage with up to two digits after the point.
func basisPoints(percent string) (int64, error) {
	digits, rest, _ := strings.Cut(percent, ".")
	if len(rest) > 2 {
		return 0, strconv.ErrSyntax
	}
	n, err := strconv.ParseUint(digits+rest+strings.Repeat("0", 2-len(rest)), 10, 31)
	return int64(n), err
}

// ticketWay is how tickets are sold: off, simulated or stripe. Only dev
// simulates.
func (s *ticketSettings) ticketWay(simulates bool) string {
	switch {
	case s.Tickets == "":
		return "off"
	case s.Tickets != "auto":
		return s.Tickets
	case s.StripeKey != "":
		return "stripe"
	case simulates:
		return "simulated"
	}
	return "off"
}

// methods are the ways to pay that Stripe is told of.
func (s *ticketSettings) methods() []string {
	if len(s.StripeMethods) == 1 && s.StripeMethods[0] == "any" {
		return nil
	}
	return s.StripeMethods
}

// checkLive keeps real money out of a server on which people are made up and
// mails are kept.
func (c *devCommand) checkLive() error {
	if stripepay.Live(c.StripeKey) {
		return errors.New("salon dev takes no live key: much of it is simulated; use salon serve")
	}
	return nil
}

// Validate is called by kong before anything starts.
func (c *devCommand) Validate() error {
	return errors.Join(c.settings.Validate(), c.checkLive())
}
