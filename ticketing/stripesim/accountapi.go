package stripesim

import (
	"cmp"
	"strings"
)

func createAccount(st *state, c *call) (any, error) {
	a := st.newAccount()
	a.Country = strings.ToUpper(cmp.Or(c.text("country"), a.Country))
	a.DefaultCurrency = cmp.Or(c.text("default_currency"), a.DefaultCurrency)
	a.fill(&c.params)
	a.control(c)
	if c.err != nil {
		return nil, c.err
	}
	a.settle()
	return add(st, &st.Accounts, a), nil
}

// control takes a type, or in its place what the controller properties say.
func (a *account) control(c *call) {
	byController := c.hasUnder("controller")
	kind := c.oneOf("type", "", "express")
	if byController == (kind != "") {
		c.fail(malformed("", "type", "Give either type=express or controller; the simulator knows no other accounts."))
	}
	if !byController {
		return
	}
	a.Controller = &controller{IsController: true, Type: "application"}
	a.Controller.Fees.Payer = c.oneOf("controller[fees][payer]", "account", "account", "application")
	a.Controller.Losses.Payments = c.oneOf("controller[losses][payments]", "stripe", "application", "stripe")
	a.Controller.RequirementCollection = c.oneOf("controller[requirement_collection]", "stripe", "application", "stripe")
	a.Controller.StripeDashboard.Type = c.oneOf("controller[stripe_dashboard][type]", "full", "express", "full", "none")
}

func ownAccount(st *state, c *call) (any, error) {
	if c.account != "" {
		return st.account(c.account)
	}
	return st.Platform, nil
}

func getAccount(st *state, c *call) (any, error) { return st.account(c.id()) }

func listAccounts(st *state, c *call) (any, error) {
	return list(c, st.Accounts, func(a *account) bool { return !a.Gone })
}

func updateAccount(st *state, c *call) (any, error) {
	a, err := st.account(c.id())
	if err != nil {
		return nil, err
	}
	if st.newAccount().fill(&c.params); c.err != nil {
		return nil, c.err
	}
	st.change(a, func() { a.fill(&c.params) })
	return a, nil
}

func deleteAccount(st *state, c *call) (any, error) {
	a, err := st.account(c.id())
	if err != nil {
		return nil, err
	}
	for code, b := range st.balances(a.ID) {
		if b.available+b.pending != 0 {
			return nil, invalid("account_invalid", "", "Cannot delete an account with a non-zero balance: it holds %s.", formatAmount(b.available+b.pending, code))
		}
	}
	remove(st, &st.Accounts, a.ID)
	return deleted{ID: a.ID, Object: a.Object, Deleted: true}, nil
}

// deleted is what Stripe answers to the deletion of a thing.
type deleted struct {
	ID      string `json:"id"`
	Object  string `json:"object"`
	Deleted bool   `json:"deleted"`
}

// capability is one thing an account may do.
type capability struct {
	ID           string       `json:"id"`
	Object       string       `json:"object"`
	Account      string       `json:"account"`
	Requested    bool         `json:"requested"`
	Requirements requirements `json:"requirements"`
	Status       string       `json:"status"`
}

func (a *account) capability(name string) *capability {
	return &capability{ID: name, Object: "capability", Account: a.ID, Requirements: a.Requirements,
		Requested: a.Capabilities[name] != "", Status: cmp.Or(a.Capabilities[name], "unrequested")}
}

func getCapability(st *state, c *call) (any, error) {
	a, err := st.account(c.id())
	if err != nil {
		return nil, err
	}
	return a.capability(c.r.PathValue("capability")), nil
}

func updateCapability(st *state, c *call) (any, error) {
	a, err := st.account(c.id())
	if err != nil {
		return nil, err
	}
	name, wanted := c.r.PathValue("capability"), c.flag("requested")
	if c.err != nil {
		return nil, c.err
	}
	st.change(a, func() {
		if !wanted {
			delete(a.Capabilities, name)
		} else if a.Capabilities[name] == "" {
			a.Capabilities[name] = a.capabilityAt()
		}
	})
	return a.capability(name), nil
}
