package ticketing

import (
	"strings"
	"testing"
)

// A network is told from others, whichever way its addresses are written, and an
// export names it as people do.
func TestNetworks(t *testing.T) {
	b := setup(t)
	f := b.sale(9)
	for address, want := range map[string]struct {
		number Network
		words  string
	}{
		"192.0.2.1":                {0xc0000201, `"192.0.2.1"`},
		"255.255.255.255":          {0xffffffff, `"255.255.255.255"`},
		"::ffff:192.0.2.1":         {0xc0000201, `"192.0.2.1"`},
		"2001:db8:1:2::1":          {0x20010db800010002, `"2001:db8:1:2::/64"`},
		"2001:db8:1:2:ffff::":      {0x20010db800010002, `"2001:db8:1:2::/64"`},
		"fe80::1%eth0":             {-0x180000000000000, `"fe80::/64"`},
		"ffff:ffff:ffff:ffff::dad": {-1, `"ffff:ffff:ffff:ffff::/64"`},
		"somewhere":                {0, `null`},
	} {
		if got := NetworkOf(address); got != want.number {
			t.Errorf("%s is %x, want %x", address, got, want.number)
		}
		who := b.account("p" + strings.NewReplacer(".", "_", ":", "_", "%", "_").Replace(address))
		_, err := b.Hold(b.ctx, from(f, who, NetworkOf(address)))
		b.must(err)
		held, err := b.Export(b.ctx, who)
		b.must(err)
		if rows := held["orders"]; len(rows) != 1 || !strings.Contains(string(rows[0]), `"network": `+want.words) {
			t.Errorf("%s is exported as %s, want %s", address, rows, want.words)
		}
	}
}
