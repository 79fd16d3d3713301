package ticketing

import (
	"fmt"
	"math/rand/v2"
	"os"
	"regexp"
	"slices"
	"strings"
	"testing"

	"pgregory.net/rapid"
)

func TestTheCutInExamples(t *testing.T) {
	t.Parallel()
	usual := DefaultSettings().Cut
	platform := usual
	platform.PlatformBears = true
	for name, c := range map[string]struct {
		rules                CutRules
		currency             string
		before, gross        int64
		cut, processing, net int64
	}{
		"a dollar":                        {usual, "usd", 0, 100, 3, 33, 64},
		"five dollars":                    {usual, "usd", 0, 500, 15, 45, 440},
		"999 dollars":                     {usual, "usd", 0, 99900, 2997, 2927, 93976},
		"the platform bears processing":   {platform, "usd", 0, 500, 15, 0, 485},
		"the last dollar of the tier":     {usual, "usd", 50_000_00 - 100, 100, 3, 33, 64},
		"the first dollar beyond":         {usual, "usd", 50_000_00, 100, 20, 33, 47},
		"half and half":                   {usual, "usd", 50_000_00 - 500, 1000, 15 + 100, 59, 826},
		"a hundred yen":                   {usual, "jpy", 0, 100, 3, 33, 64},
		"yen beyond 50,000":               {usual, "jpy", 50_000, 100, 20, 33, 47},
		"a dinar":                         {usual, "kwd", 0, 1000, 30, 125, 845},
		"nothing":                         {usual, "usd", 0, 0, 0, 0, 0},
		"the third of a price that is 99": {usual, "usd", 2 * 99, 99, 8 - 5, 33, 63},
	} {
		s := c.rules.Terms(c.currency).Split(c.before, c.gross)
		if s.Cut() != c.cut || s.Processing != c.processing || s.Net() != c.net {
			t.Errorf("%s: cut %d, processing %d, net %d: %+v", name, s.Cut(), s.Processing, s.Net(), s)
		}
	}
}

func TestFixedPartAndMinimum(t *testing.T) {
	t.Parallel()
	terms := Terms{Tiers: []Tier{{BasisPoints: 300}}, Fixed: 25, Minimum: 50}
	for gross, cut := range map[int64]int64{30: 30, 50: 50, 100: 50, 1000: 55, 10000: 325} {
		if s := terms.Split(0, gross); s.Cut() != cut || s.Net() != gross-cut {
			t.Errorf("%d: %+v", gross, s)
		}
	}
}

func drawTerms(t *rapid.T) Terms {
	terms := Terms{
		Fixed: rapid.Int64Range(0, 500).Draw(t, "fixed"), Minimum: rapid.Int64Range(0, 500).Draw(t, "minimum"),
		Processing: Rate{rapid.Int64Range(0, whole).Draw(t, "processing bp"), rapid.Int64Range(0, 500).Draw(t, "processing fixed")},
	}
	ends := rapid.SliceOfNDistinct(rapid.Int64Range(1, 1_000_000), 0, 4, rapid.ID).Draw(t, "tiers end at")
	slices.Sort(ends)
	for _, end := range append(ends, 0) {
		terms.Tiers = append(terms.Tiers, Tier{end, rapid.Int64Range(0, whole).Draw(t, "bp")})
	}
	return terms
}

// Whatever the terms: fee + net = gross, nothing is negative, and each tier's
// part is of what lies in the tier.
func TestEverySplitAddsUp(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		terms := drawTerms(t)
		if err := terms.check(); err != nil {
			t.Fatal(err)
		}
		before := rapid.OneOf(rapid.Int64Range(0, 2_000_000), rapid.Int64Range(0, 1<<62)).Draw(t, "before")
		gross := rapid.OneOf(rapid.Int64Range(0, 1000), rapid.Int64Range(0, maxAmount)).Draw(t, "gross")
		s := terms.Split(before, gross)
		bases := int64(0)
		for _, p := range s.Parts {
			bases += p.Base
			if p.Amount < 0 || p.Tier > 0 && p.Amount > p.Base {
				t.Fatalf("part %+v", p)
			}
		}
		if bases != gross || s.Cut() < 0 || s.Processing < 0 || s.Net() < 0 || s.Fee()+s.Net() != gross || s.Cut()+s.Processing != s.Fee() {
			t.Fatalf("%+v", s)
		}
		if more := terms.Split(before, gross+1); more.Fee() < s.Fee() {
			t.Fatalf("%d more than %d costs less: %d, %d", 1, gross, more.Fee(), s.Fee())
		}
		back := rapid.Int64Range(0, s.Fee()).Draw(t, "back")
		parts, processing := s.given(back)
		sum := processing
		for i, amount := range parts {
			sum += amount
			if amount < 0 || amount > s.Parts[i].Amount || back == s.Fee() && amount != s.Parts[i].Amount {
				t.Fatalf("%d of %+v gives %v back", back, s, parts)
			}
		}
		if sum != back || processing < 0 || processing > s.Processing {
			t.Fatalf("%d of %+v gives %v and %d back", back, s, parts, processing)
		}
	})
}

// M18: a million sales at, below and above the end of a tier, in every currency:
// fee + net = gross, nothing is negative, and a greater price never costs less.
func TestM18FeeSplits(t *testing.T) {
	t.Parallel()
	const cases = 1_000_000
	draw := rand.New(rand.NewPCG(18, 18))
	var terms []Terms
	for _, code := range Currencies() {
		terms = append(terms, DefaultSettings().Cut.Terms(code))
	}
	wrong, straddled := 0, 0
	for i := range cases {
		cut := terms[i%len(terms)]
		end := cut.Tiers[0].UpTo
		cut.Tiers = []Tier{{end, draw.Int64N(whole + 1)}, {0, draw.Int64N(whole + 1)}}
		cut.Fixed, cut.Minimum = draw.Int64N(500), draw.Int64N(500)
		gross := draw.Int64N(maxAmount + 1)
		before := max(0, end-draw.Int64N(2*gross+1))
		split, more := cut.Split(before, gross), cut.Split(before, gross+1)
		if before < end && before+gross > end {
			straddled++
		}
		if split.Fee()+split.Net() != gross || split.Net() < 0 || split.Cut() < 0 || split.Processing < 0 || more.Fee() < split.Fee() {
			wrong++
			t.Errorf("%+v after %d: %+v, one more %+v", cut, before, split, more)
		}
	}
	t.Logf("figure money.m18_cases %d", cases)
	t.Logf("figure money.m18_currencies %d", len(terms))
	t.Logf("figure money.m18_straddling_a_tier %d", straddled)
	t.Logf("figure money.m18_failures %d", wrong)
	if straddled < cases/10 {
		t.Errorf("only %d straddle", straddled)
	}
}

// However an amount is cut into sales, the percentages come to what one sale of
// the whole would have borne, tier by tier.
func TestPercentagesDoNotDependOnHowSalesAreCut(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		terms := drawTerms(t)
		terms.Fixed, terms.Minimum = 0, 0
		before := rapid.Int64Range(0, 1_000_000).Draw(t, "before")
		sales := rapid.SliceOfN(rapid.Int64Range(0, 200_000), 1, 20).Draw(t, "sales")
		sums, total := map[int]int64{}, int64(0)
		for _, gross := range sales {
			for _, p := range terms.Split(before+total, gross).Parts {
				sums[p.Tier] += p.Amount
			}
			total += gross
		}
		for _, p := range terms.Split(before, total).Parts {
			if sums[p.Tier] != p.Amount {
				t.Fatalf("tier %d: %d in sales, %d at once", p.Tier, sums[p.Tier], p.Amount)
			}
			delete(sums, p.Tier)
		}
		for tier, amount := range sums {
			if amount != 0 {
				t.Fatalf("tier %d: %d in sales, none at once", tier, amount)
			}
		}
	})
}

func TestTermsThatCannotBe(t *testing.T) {
	t.Parallel()
	for name, tiers := range map[string][]Tier{
		"none": nil, "one that ends": {{UpTo: 10}}, "no growth": {{UpTo: 10}, {UpTo: 10}, {}}, "more than all": {{BasisPoints: whole + 1}}, "negative": {{BasisPoints: -1}},
		"the end in the middle": {{}, {}},
	} {
		if (Terms{Tiers: tiers}).check() == nil {
			t.Errorf("%s is taken", name)
		}
	}
	for _, bad := range []Terms{{Fixed: -1}, {Minimum: -1}, {Processing: Rate{-1, 0}}, {Processing: Rate{0, -1}}} {
		if bad.Tiers = []Tier{{}}; bad.check() == nil {
			t.Errorf("%+v is taken", bad)
		}
	}
	if err := DefaultSettings().Check(); err != nil {
		t.Error(err)
	}
	broken := DefaultSettings()
	broken.Cut.Tiers = nil
	long := DefaultSettings()
	long.Hold = longestHold
	if broken.Check() == nil || long.Check() == nil || (Settings{}).Check() == nil {
		t.Error("settings that cannot be are taken")
	}
}

func TestPrices(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		amount   int64
		currency string
		good     bool
	}{
		{0, "usd", true}, {49, "usd", false}, {50, "usd", true}, {maxAmount, "usd", true}, {maxAmount + 1, "usd", false}, {-100, "usd", false},
		{100, "USD", false}, {100, "xxx", false}, {49, "jpy", false}, {50, "jpy", true}, {1005, "kwd", false}, {1010, "kwd", true},
		{7050, "isk", false}, {7100, "isk", true}, {0, "xxx", false},
	} {
		if priceable(c.amount, c.currency) != c.good {
			t.Errorf("%d %s: not %v", c.amount, c.currency, c.good)
		}
	}
	if usual := DefaultSettings().PricesIn("usd"); usual != (Prices{100, 99900}) {
		t.Errorf("a seat costs %+v", usual)
	}
	for want, c := range map[string]struct {
		amount   int64
		currency string
	}{
		"0.00": {0, "usd"}, "0.05": {5, "usd"}, "-12.34": {-1234, "usd"}, "1234": {1234, "jpy"}, "-1": {-1, "jpy"}, "1.010": {1010, "kwd"}, "0.010": {10, "kwd"},
	} {
		if got := Plain(c.amount, c.currency); got != want {
			t.Errorf("%d %s is %s, not %s", c.amount, c.currency, got, want)
		}
	}
	for bp, tax := range map[int]int64{0: 0, 2000: 167, 700: 65, 1: 0} {
		if got := (Offer{TaxBP: bp}).Tax(1000); got != tax {
			t.Errorf("tax of %d in 1000 is %d, not %d", bp, got, tax)
		}
	}
}

// docs/money.md tells the states there are, and cuts that are right.
func TestTheDocumentTellsTheTruth(t *testing.T) {
	t.Parallel()
	text, err := os.ReadFile("../docs/money.md")
	if err != nil {
		t.Fatal(err)
	}
	usual := DefaultSettings().Cut
	platform := usual
	platform.PlatformBears = true
	usd := func(amount int64) string { return Plain(amount, "usd") }
	var rows []string
	for _, gross := range []int64{100, 500, 99900} {
		s := usual.Terms("usd").Split(0, gross)
		rows = append(rows, fmt.Sprintf("| %s | %s | %s | %s | %s | %s |", usd(gross), usd(s.Cut()), usd(s.Processing), usd(s.Fee()), usd(s.Net()),
			usd(platform.Terms("usd").Split(0, gross).Net())))
	}
	for _, state := range []State{OnHold, Paying, Paid, Expired, Cancelled, Failed, Refunding, Refunded, Disputed} {
		seat := map[bool]string{true: "yes", false: "no"}[state.TakesSeat()]
		row := regexp.MustCompile("(?m)^\\| `" + string(state) + "` \\| [^|]+ \\| " + seat + " \\|")
		if !row.Match(text) {
			t.Errorf("docs/money.md does not tell that %s takes a seat: %s", state, seat)
		}
	}
	for _, account := range []string{ofBuyer, ofHost, ofCut, ofProcessing, ofStripe, ofDifference, ofAbsorbed} {
		rows = append(rows, "| `"+account+"` |")
	}
	for _, c := range checks {
		rows = append(rows, "| "+c.invariant+" |")
	}
	for _, row := range rows {
		if !strings.Contains(string(text), row) {
			t.Errorf("docs/money.md does not have %q", row)
		}
	}
}
