package stripesim

import (
	"maps"
	"strings"
)

// account is a connected account, or the platform itself.
type account struct {
	base
	BusinessProfile    businessProfile   `json:"business_profile"`
	BusinessType       optional          `json:"business_type"`
	Capabilities       map[string]string `json:"capabilities"`
	ChargesEnabled     bool              `json:"charges_enabled"`
	Controller         *controller       `json:"controller,omitempty"`
	Country            string            `json:"country"`
	DefaultCurrency    string            `json:"default_currency"`
	DetailsSubmitted   bool              `json:"details_submitted"`
	Email              optional          `json:"email"`
	FutureRequirements requirements      `json:"future_requirements"`
	Metadata           map[string]string `json:"metadata"`
	PayoutsEnabled     bool              `json:"payouts_enabled"`
	Requirements       requirements      `json:"requirements"`
	Settings           accountSettings   `json:"settings"`
	TosAcceptance      tosAcceptance     `json:"tos_acceptance"`
	Type               string            `json:"type"`

	Stage string `json:"_stage,omitempty"` // how far onboarding is: "", inReview or onboarded
	Gone  bool   `json:"_gone,omitempty"`  // it took our access away
}

// The stages of onboarding after its begin.
const (
	inReview  = "review"
	onboarded = "done"
)

type businessProfile struct {
	MCC                optional `json:"mcc"`
	Name               optional `json:"name"`
	ProductDescription optional `json:"product_description"`
	SupportEmail       optional `json:"support_email"`
	URL                optional `json:"url"`
}

// controller says who carries losses and fees of an account made without a type.
type controller struct {
	Fees struct {
		Payer string `json:"payer"`
	} `json:"fees"`
	IsController bool `json:"is_controller"`
	Losses       struct {
		Payments string `json:"payments"`
	} `json:"losses"`
	RequirementCollection string `json:"requirement_collection"`
	StripeDashboard       struct {
		Type string `json:"type"`
	} `json:"stripe_dashboard"`
	Type string `json:"type"`
}

type requirements struct {
	Alternatives        []string `json:"alternatives"`
	CurrentDeadline     *int64   `json:"current_deadline"`
	CurrentlyDue        []string `json:"currently_due"`
	DisabledReason      optional `json:"disabled_reason"`
	Errors              []string `json:"errors"`
	EventuallyDue       []string `json:"eventually_due"`
	PastDue             []string `json:"past_due"`
	PendingVerification []string `json:"pending_verification"`
}

type accountSettings struct {
	Branding     struct{} `json:"branding"`
	CardPayments struct{} `json:"card_payments"`
	Dashboard    struct {
		DisplayName optional `json:"display_name"`
		Timezone    string   `json:"timezone"`
	} `json:"dashboard"`
	Payments struct {
		StatementDescriptor optional `json:"statement_descriptor"`
	} `json:"payments"`
	Payouts struct {
		DebitNegativeBalances bool           `json:"debit_negative_balances"`
		Schedule              payoutSchedule `json:"schedule"`
	} `json:"payouts"`
}

type payoutSchedule struct {
	DelayDays int64  `json:"delay_days"`
	Interval  string `json:"interval"`
}

type tosAcceptance struct {
	Date *int64 `json:"date"`
}

const accountParams = "type country email business_type default_currency metadata[*] capabilities[*][requested] " +
	"business_profile[mcc] business_profile[name] business_profile[product_description] business_profile[support_email] business_profile[url] " +
	"settings[payouts][schedule][delay_days] settings[payouts][schedule][interval] " +
	"controller[fees][payer] controller[losses][payments] controller[requirement_collection] controller[stripe_dashboard][type]"

func (st *state) newAccount() *account {
	a := &account{base: st.base("acct", "account", ""), Country: "US", DefaultCurrency: "usd", Type: "express",
		Capabilities: map[string]string{}, Metadata: map[string]string{}}
	a.Settings.Dashboard.Timezone = "Etc/UTC"
	a.Settings.Payouts.DebitNegativeBalances = true
	a.Settings.Payouts.Schedule = payoutSchedule{DelayDays: 2, Interval: "daily"}
	a.settle()
	return a
}

// settle makes what follows from stage and capabilities true: what is asked of
// the account, and what it may do.
func (a *account) settle() {
	a.Requirements, a.FutureRequirements = a.asked(), requirementsOf()
	a.ChargesEnabled = a.Capabilities["card_payments"] == "active"
	a.PayoutsEnabled = a.Stage == onboarded && a.Capabilities["transfers"] == "active"
	a.DetailsSubmitted = a.Stage != ""
}

func (a *account) asked() requirements {
	r := requirementsOf()
	switch {
	case a.Stage == "":
		r.CurrentlyDue = []string{"business_profile.url", "external_account", "individual.dob.day", "individual.first_name", "individual.last_name", "tos_acceptance.date"}
	case a.Stage == inReview:
		r.PendingVerification = []string{"individual.verification.document"}
		r.DisabledReason = "requirements.pending_verification"
		return r
	case a.lacks():
		r.CurrentlyDue = []string{"individual.verification.document"}
	default:
		return r
	}
	r.EventuallyDue, r.PastDue, r.DisabledReason = r.CurrentlyDue, r.CurrentlyDue, "requirements.past_due"
	return r
}

func (a *account) lacks() bool {
	for _, status := range a.Capabilities {
		if status != "active" {
			return true
		}
	}
	return false
}

func requirementsOf() requirements {
	none := []string{}
	return requirements{Alternatives: none, CurrentlyDue: none, Errors: none, EventuallyDue: none, PastDue: none, PendingVerification: none}
}

// capabilityAt is what becomes of a capability that is asked for at a stage.
func (a *account) capabilityAt() string {
	return map[string]string{"": "inactive", inReview: "pending", onboarded: "active"}[a.Stage]
}

// open lets the platform itself do everything.
func (st *state) open(a *account) {
	a.Capabilities["card_payments"], a.Capabilities["transfers"], a.Stage = "active", "active", onboarded
	a.settle()
}

// account returns a connected account that the platform has access to.
func (st *state) account(id string) (*account, error) {
	a, err := find[*account](st, "", id, "account", "account")
	if err != nil || a.Gone {
		return nil, noAccess(id)
	}
	return a, nil
}

// change alters an account and tells what became different, as Stripe does.
func (st *state) change(a *account, alter func()) {
	before := *a
	before.Capabilities = maps.Clone(a.Capabilities)
	alter()
	a.settle()
	for name, status := range a.Capabilities {
		if before.Capabilities[name] != status {
			st.emitFor(a.ID, "capability.updated", a.capability(name), map[string]any{"status": before.Capabilities[name]})
		}
	}
	st.emitFor(a.ID, "account.updated", a, a.differences(&before))
}

func (a *account) differences(before *account) map[string]any {
	was := map[string]any{}
	if before.ChargesEnabled != a.ChargesEnabled {
		was["charges_enabled"] = before.ChargesEnabled
	}
	if before.PayoutsEnabled != a.PayoutsEnabled {
		was["payouts_enabled"] = before.PayoutsEnabled
	}
	if before.DetailsSubmitted != a.DetailsSubmitted {
		was["details_submitted"] = before.DetailsSubmitted
	}
	return was
}

// advance brings an account to a stage of onboarding.
func (st *state) advance(a *account, stage string) {
	st.change(a, func() {
		a.Stage = stage
		for name := range a.Capabilities {
			a.Capabilities[name] = a.capabilityAt()
		}
		if accepted := st.now.Unix(); stage != "" {
			a.TosAcceptance.Date = &accepted
		}
	})
}

// fill takes what a request says about an account.
func (a *account) fill(p *params) {
	for param, field := range map[string]*optional{
		"email": &a.Email, "business_type": &a.BusinessType,
		"business_profile[mcc]": &a.BusinessProfile.MCC, "business_profile[name]": &a.BusinessProfile.Name,
		"business_profile[product_description]": &a.BusinessProfile.ProductDescription,
		"business_profile[support_email]":       &a.BusinessProfile.SupportEmail, "business_profile[url]": &a.BusinessProfile.URL,
	} {
		if p.has(param) {
			*field = optional(p.text(param))
		}
	}
	schedule := &a.Settings.Payouts.Schedule
	schedule.DelayDays = p.integer("settings[payouts][schedule][delay_days]", schedule.DelayDays)
	schedule.Interval = p.oneOf("settings[payouts][schedule][interval]", schedule.Interval, "daily", "manual", "monthly", "weekly")
	merge(a.Metadata, p.pairs("metadata"))
	for _, name := range p.requested() {
		if a.Capabilities[name] == "" {
			a.Capabilities[name] = a.capabilityAt()
		}
	}
}

// requested names the capabilities a request asks for.
func (p *params) requested() (names []string) {
	for key := range p.form {
		name, ok := strings.CutPrefix(key, "capabilities[")
		if name, end := strings.CutSuffix(name, "][requested]"); ok && end && p.flag(key) {
			names = append(names, name)
		}
	}
	return names
}
