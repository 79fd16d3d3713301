package accounts

import (
	"errors"
	"sync"
	"sync/atomic"
	"testing"
)

func TestOneOwnerByTheLatestLink(t *testing.T) {
	b := setup(t)
	ada := b.signUp("ada")
	first, err := b.NewOwnerLink(b.ctx)
	if err != nil {
		t.Fatal(err)
	}
	latest, err := b.NewOwnerLink(b.ctx)
	if err != nil || latest == first {
		t.Fatal(err)
	}
	for _, secret := range []string{first, "", "slo_guess"} {
		if err := b.ClaimOwner(b.ctx, ada.ID, secret); !errors.Is(err, ErrOwnerLink) {
			t.Errorf("%q: %v", secret, err)
		}
	}
	var won atomic.Int64
	var all sync.WaitGroup
	for _, who := range []Account{ada, b.signUp("bob"), b.signUp("eve"), b.signUp("joe")} {
		all.Go(func() {
			if b.ClaimOwner(b.ctx, who.ID, latest) == nil {
				won.Add(1)
			}
		})
	}
	all.Wait()
	var owners, admins int
	if err := b.pool.QueryRow(b.ctx, `select count(*) filter (where owner), count(*) filter (where admin) from accounts`).Scan(&owners, &admins); err != nil {
		t.Fatal(err)
	}
	if won.Load() != 1 || owners != 1 || admins != 1 {
		t.Errorf("%d claims won, %d owners, %d admins", won.Load(), owners, admins)
	}
	if secret, err := b.NewOwnerLink(b.ctx); err != nil || secret != "" {
		t.Errorf("a link beside an owner: %q %v", secret, err)
	}
}
