package web

import (
	"strings"
	"testing"

	"github.com/google/uuid"
)

// One field from the price to the payment page: the address need not be proved
// before.
func TestAnAddressIsEnoughToBuy(t *testing.T) {
	x := newBox(t)
	offer := x.sells(`{"price":500,"currency":"usd","cap":2}`)
	up := x.nobody().do("POST", "/api/accounts/light", `{"email":"ada@example.org"}`).got(t, "sign up", 201)
	ada, order := x.nobody().with("Cookie", cookieOf(up)), "/api/orders/"+uuid.NewString()
	ada.do("PUT", order, `{"offer":"`+offer+`"}`).got(t, "hold", 200)
	url, _ := ada.do("POST", order+"/checkout", "").got(t, "checkout", 200).json(t)["url"].(string)
	if !strings.HasPrefix(url, "https://stripe.example/pay") {
		t.Errorf("paid at %q", url)
	}
	if me := ada.do("GET", "/api/me", "").json(t); me["verified"] != false {
		t.Errorf("%v", me)
	}
	in := x.nobody().do("POST", "/api/sessions/by-link", `{"token":"`+x.token(adas, "enter")+`"}`).got(t, "another device", 201)
	x.nobody().with("Cookie", cookieOf(in)).do("GET", order, "").got(t, "the order there", 200)
}
