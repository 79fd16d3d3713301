package accounts

import (
	"errors"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"

	"salon/internal/postgres"
)

// tell writes a letter about a ticket in a transaction that ends with end.
func (b *bundle) tell(l TicketLetter, end error) {
	b.t.Helper()
	err := postgres.InTx(b.ctx, b.pool, func(tx pgx.Tx) error {
		if err := b.TicketLetterTx(b.ctx, tx, l); err != nil {
			return err
		}
		return end
	})
	b.want("write", err, end)
}

// last are the lines of the last mail to ada; the first is the subject.
func (b *bundle) last() []string {
	b.t.Helper()
	all := b.mails(adas)
	if len(all) == 0 {
		b.t.Fatal("no mail")
	}
	return strings.Split(all[len(all)-1], "\n")
}

func (b *bundle) lines(what string, want ...string) {
	b.t.Helper()
	for _, line := range want {
		if got := b.last(); !slices.Contains(got, line) {
			b.t.Errorf("%s: no line %q in\n%s", what, line, strings.Join(got, "\n"))
		}
	}
}

func (b *bundle) proved() Account {
	b.t.Helper()
	ada := b.signUp("ada")
	b.want("verify", b.Verify(b.ctx, b.secret(adas)), nil)
	return ada
}

func TestALetterAboutATicket(t *testing.T) {
	b := setup(t)
	ada, order := b.proved(), uuid.New()
	at := time.Date(2026, 11, 22, 19, 0, 0, 0, time.UTC)
	l := TicketLetter{Occasion: "receipt", To: ada.ID, Order: order, Title: "Your account at salon.example is closed", Seller: "grace", StartsAt: &at, Amount: "12.50", Tax: "2.08", Currency: "eur"}
	b.tell(l, nil)
	b.lines("receipt", "Your ticket from localhost", "Hello @ada,", "you have a ticket for this room of @grace:",
		"    “Your account at salon.example is closed”", "It is to start on 2026-11-22 at 19:00 (UTC).", "You paid 12.50 EUR, of which 2.08 EUR is tax.",
		"The number of your order is "+order.String()+".", "http://localhost/tickets/"+order.String())
	b.exec(`update accounts set language = 'fr', time_zone = 'Europe/Paris'`)
	b.tell(l, nil)
	b.lines("reçu", "Votre billet de localhost", "Bonjour @ada,", "vous avez un billet pour cette salle de @grace :", "    « Your account at salon.example is closed »",
		"Début prévu : le 2026-11-22 à 20:00 (Europe/Paris).", "Vous avez payé 12,50 EUR, dont 2,08 EUR de taxe.")

	l = TicketLetter{Occasion: "receipt", To: ada.ID, Order: order, Title: "x", Amount: "500", Currency: "jpy"}
	b.tell(l, nil)
	b.lines("reçu sans taxe", "vous avez un billet pour cette salle :", "Vous avez payé 500 JPY.")
	l.Occasion, l.Amount, l.Seller = "gift", "", "grace"
	b.tell(l, nil)
	b.lines("cadeau", "Un billet pour vous sur localhost", "@grace vous a offert un billet pour cette salle :", "    « x »")
	b.exec(`update accounts set language = 'en'`)
	b.tell(l, nil)
	b.lines("gift", "A ticket for you at localhost", "@grace gave you a ticket for this room:", "    “x”", "http://localhost/tickets/"+order.String())
	l.Occasion = "receipt"
	b.tell(l, nil)
	b.lines("free", "It costs nothing.")
}

func TestALetterSaysWhyMoneyGoesBack(t *testing.T) {
	b := setup(t)
	ada := b.proved()
	l := TicketLetter{Occasion: "refund", To: ada.ID, Order: uuid.New(), Title: "Evening", Seller: "grace", Amount: "5.00", Currency: "usd"}
	for language, reasons := range map[string]map[string]string{
		"en": {"buyer": "you gave your ticket back.", "host": "the host took", "admin": "an admin of this server took", "room-cancelled": "was called off.",
			"late": "no seat was left.", "duplicate": "twice.", "mismatch": "had been agreed.", "outside": "refunded at Stripe.", "unmatched": "does not know."},
		"fr": {"buyer": "vous avez rendu votre billet.", "host": "l'animateur a repris", "admin": "un administrateur de ce serveur a repris", "room-cancelled": "a été annulée.",
			"late": "il ne restait plus de place.", "duplicate": "deux fois.", "mismatch": "avait été convenu.", "outside": "remboursé chez Stripe.", "unmatched": "ne connaît pas."},
	} {
		b.exec(`update accounts set language = $1`, language)
		for why, words := range reasons {
			l.Why = why
			b.tell(l, nil)
			if line := b.last()[3]; !strings.Contains(line, words) {
				t.Errorf("%s %s: %s", language, why, line)
			}
		}
	}
	b.exec(`update accounts set language = 'en'`)
	b.tell(l, nil)
	b.lines("refund", "Your money back from localhost", "The room of @grace:", "    “Evening”", "You get 5.00 USD back the way you paid; a bank may take ten days for it.")
	l.Title, l.Seller = "", ""
	b.tell(l, nil)
	if text := strings.Join(b.last(), "\n"); strings.Contains(text, "“") || strings.Contains(text, "The room") {
		t.Errorf("of a room that is gone: %s", text)
	}
	l.Amount, l.Why = "", "host"
	b.tell(l, nil)
	b.lines("free", "Your ticket from localhost was taken back", "Your ticket opens the room no more. It cost nothing, so no money moves.")
}

// A mail goes out with its transaction or not at all, and what is about no
// money goes to nobody whose address is only claimed.
func TestWhoGetsALetterAboutATicket(t *testing.T) {
	b := setup(t)
	ada := b.signUp("ada")
	before := len(b.mails(adas))
	count := func(what string, want int) {
		t.Helper()
		if got := len(b.mails(adas)) - before; got != want {
			t.Errorf("%s: %d letters, want %d", what, got, want)
		}
	}
	paid := TicketLetter{Occasion: "receipt", To: ada.ID, Order: uuid.New(), Title: "x", Amount: "5.00", Currency: "usd"}
	gift := TicketLetter{Occasion: "gift", To: ada.ID, Order: uuid.New(), Title: "x", Currency: "usd"}
	b.tell(gift, nil)
	count("a gift, and the address only claimed", 0)
	b.tell(paid, errors.New("rolled back"))
	count("rolled back", 0)
	b.tell(paid, nil)
	count("about money", 1)
	b.exec(`update accounts set verified_at = now()`)
	b.tell(gift, nil)
	count("a gift, and the address proved", 2)
	b.Service = New(Config{Pool: b.pool})
	b.tell(paid, nil)
	count("without mail", 2)
}
