package web

import (
	"net/http"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/google/uuid"

	"salon/accounts"
	"salon/rooms"
)

// The people of the matrix, each towards the same room and the host's things.
const (
	nobody     = "nobody"
	other      = "another user"
	listener   = "listener"
	speaker    = "speaker"
	cohost     = "co-host"
	host       = "host"
	otherHost  = "host of another room"
	admin      = "admin"
	everyActor = nobody + "," + other + "," + listener + "," + speaker + "," + cohost + "," + host + "," + otherHost + "," + admin
	signedIn   = other + "," + listener + "," + speaker + "," + cohost + "," + host + "," + otherHost + "," + admin
	inside     = listener + "," + speaker + "," + cohost + "," + host
	hosting    = cohost + "," + host
	moderating = hosting + "," + admin
)

// cell is who gets through at a route, and with what body; the others are
// refused with 401, 403 or 404.
type cell struct{ who, body string }

// matrix has a row for every route that looks who asks, pages and files
// included: a route without one fails the test. The person in the path is a listener called target, and every other id
// belongs to the host.
var matrix = map[string]cell{
	"POST /api/accounts":                            {everyActor, `{"handle":"fresh","display_name":"x","email":"fresh@example.org","password":"long enough"}`},
	"POST /api/accounts/light":                      {everyActor, `{"email":"fresh@example.org"}`},
	"GET /api/me":                                   {signedIn, ""},
	"POST /api/sessions":                            {"", `{"login":"host","password":"wrong password"}`},
	"DELETE /api/session":                           {signedIn, ""},
	"GET /api/me/sessions":                          {signedIn, ""},
	"DELETE /api/me/sessions/{session}":             {host, ""},
	"POST /api/me/tokens":                           {signedIn, `{"name":"x","scopes":["read"]}`},
	"GET /api/me/tokens":                            {signedIn, ""},
	"DELETE /api/me/tokens/{token}":                 {host, ""},
	"GET /api/accounts/{handle}":                    {everyActor, ""},
	"PUT /api/accounts/{handle}/follow":             {signedIn, ""},
	"DELETE /api/accounts/{handle}/follow":          {signedIn, ""},
	"PUT /api/accounts/{handle}/vouch":              {host + "," + otherHost, ""},
	"DELETE /api/accounts/{handle}/vouch":           {signedIn, ""},
	"PUT /api/accounts/{handle}/block":              {signedIn, ""},
	"DELETE /api/accounts/{handle}/block":           {signedIn, ""},
	"PUT /api/accounts/{handle}/host-permission":    {admin, ""},
	"DELETE /api/accounts/{handle}/host-permission": {admin, ""},
	"PUT /api/accounts/{handle}/suspension":         {admin, ""},
	"DELETE /api/accounts/{handle}/suspension":      {admin, ""},
	"GET /api/host-gate":                            {everyActor, ""},
	"PUT /api/host-gate":                            {admin, `{"paths":[{"kind":"allowed"}]}`},
	"GET /api/selling-gate":                         {everyActor, ""},
	"PUT /api/selling-gate":                         {admin, `{"all":false,"paths":[{"kind":"everyone"}]}`},
	"GET /api/me/host-gate":                         {signedIn, ""},
	"PUT /api/me/host-gate/watch":                   {signedIn, ""},
	"DELETE /api/me/host-gate/watch":                {signedIn, ""},
	"GET /api/me/vouches":                           {signedIn, ""},
	"GET /api/me/export":                            {signedIn, ""},
	"GET /api/me/caption-look":                      {signedIn, ""},
	"PUT /api/me/caption-look":                      {signedIn, someLook},
	"GET /api/me/audit":                             {signedIn, ""},
	"POST /api/verification":                        {everyActor, `{"token":"slv_wrong"}`},
	"POST /api/me/verification":                     {signedIn, ""},
	"POST /api/password-resets":                     {everyActor, `{"login":"host"}`},
	"POST /api/password-resets/complete":            {everyActor, `{"token":"slr_wrong","password":"long enough"}`},
	"POST /api/magic-links":                         {everyActor, `{"login":"host"}`},
	"POST /api/sessions/by-link":                    {everyActor, `{"token":"slm_wrong"}`},
	"POST /api/invitations":                         {admin, `{}`},
	"GET /api/invitations":                          {admin, ""},
	"DELETE /api/invitations/{id}":                  {admin, ""},
	"GET /api/server":                               {everyActor, ""},
	"POST /api/owner":                               {"", `{"token":"wrong"}`},
	"GET /api/powers":                               {everyActor, ""},

	"GET /{$}":                      {everyActor, ""},
	"GET /{file}":                   {everyActor, ""},
	"GET /r/{room}":                 {everyActor, ""},
	"GET /verify":                   {everyActor, ""},
	"GET /reset":                    {everyActor, ""},
	"GET /enter":                    {everyActor, ""},
	"GET /invite":                   {everyActor, ""},
	"GET /owner":                    {everyActor, ""},
	"GET /vouches":                  {everyActor, ""},
	"GET /invitations":              {everyActor, ""},
	"GET /reports":                  {everyActor, ""},
	"GET /audit":                    {everyActor, ""},
	"GET /metrics":                  {everyActor, ""}, // from this machine
	"GET /r/{room}/captions":        {everyActor, ""},
	"GET /r/{room}/calendar.ics":    {"", ""}, // the room was not announced
	"GET /search":                   {everyActor, ""},
	"GET /api/words":                {everyActor, ""},
	"GET /r/{room}/transcript":      {inside, ""},
	"GET /r/{room}/transcript.vtt":  {inside, ""},
	"GET /r/{room}/transcript.srt":  {inside, ""},
	"GET /r/{room}/transcript.txt":  {inside, ""},
	"GET /r/{room}/transcript.json": {inside, ""},

	"GET /api/rooms":                               {everyActor, ""},
	"POST /api/rooms":                              {host + "," + otherHost, `{"title":"x","language":"en"}`},
	"GET /api/rooms/{room}":                        {everyActor, ""},
	"GET /api/rooms/{room}/me":                     {signedIn, ""},
	"POST /api/rooms/{room}/start":                 {host, ""},
	"PATCH /api/rooms/{room}":                      {host, `{"starts_at":null}`},
	"POST /api/rooms/{room}/cancel":                {host, ""},
	"POST /api/rooms/{room}/end":                   {host + "," + admin, ""},
	"PATCH /api/rooms/{room}/rules":                {host, `{"locked":true}`},
	"PUT /api/rooms/{room}/heir":                   {host, `{"handle":"target"}`},
	"DELETE /api/rooms/{room}/heir":                {host, ""},
	"POST /api/rooms/{room}/join":                  {signedIn, ""},
	"POST /api/rooms/{room}/guest":                 {everyActor, ""},
	"GET /api/rooms/{room}/log":                    {inside, ""},
	"GET /api/rooms/{room}/live":                   {"", ""}, // a socket: its own tests connect
	"POST /api/rooms/{room}/reactions":             {inside, `{"kind":"heart"}`},
	"PUT /api/rooms/{room}/hand":                   {inside, ""},
	"DELETE /api/rooms/{room}/hand":                {inside, ""},
	"POST /api/rooms/{room}/step-down":             {listener + "," + speaker + "," + cohost, ""},
	"DELETE /api/rooms/{room}/mute":                {speaker + "," + hosting, ""},
	"POST /api/rooms/{room}/notices":               {hosting, `{"text":"x"}`},
	"PUT /api/rooms/{room}/pin":                    {hosting, `{"url":"https://salon.example/x"}`},
	"DELETE /api/rooms/{room}/pin":                 {hosting, ""},
	"DELETE /api/rooms/{room}/log/{seq}":           {moderating, ""},
	"GET /api/rooms/{room}/audit":                  {moderating, ""},
	"POST /api/rooms/{room}/mute-all":              {moderating, ""},
	"POST /api/rooms/{room}/lower-hands":           {hosting, ""},
	"POST /api/rooms/{room}/panic":                 {moderating, ""},
	"POST /api/rooms/{room}/remove-recent":         {moderating, `{"minutes":1}`},
	"DELETE /api/rooms/{room}/guests/{guest}":      {moderating, ""},
	"PUT /api/rooms/{room}/guest-list/{handle}":    {hosting, ""},
	"DELETE /api/rooms/{room}/guest-list/{handle}": {hosting, ""},
	"GET /api/rooms/{room}/captioners":             {host, ""},
	"PUT /api/rooms/{room}/captioners/{handle}":    {host, ""},
	"DELETE /api/rooms/{room}/captioners/{handle}": {host, ""},
	"PUT /api/rooms/{room}/chair":                  {host, ""},
	"DELETE /api/rooms/{room}/chair":               {host, ""},
	"POST /api/rooms/{room}/captions":              {host, `{"segment":"5b0f2b7e-9d6a-4b0e-8a53-1f6e2c7a9d10","speaker":"5b0f2b7e-9d6a-4b0e-8a53-1f6e2c7a9d11","text":"x"}`},
	"PUT /api/rooms/{room}/captions/draft":         {host, `{"segment":"5b0f2b7e-9d6a-4b0e-8a53-1f6e2c7a9d10","speaker":"5b0f2b7e-9d6a-4b0e-8a53-1f6e2c7a9d11","text":"x"}`},
	"PATCH /api/rooms/{room}/captions/{seq}":       {host, `{"text":"x"}`},
	"GET /api/reports":                             {signedIn, ""},
	"GET /api/tickets/terms":                       {everyActor, ""},
	"GET /api/rooms/{room}/offer":                  {everyActor, ""},
	"PUT /api/rooms/{room}/offer":                  {host, `{"price":0,"currency":"usd","cap":9}`},
	"DELETE /api/rooms/{room}/offer":               {host + "," + admin, ""},
	"POST /api/rooms/{room}/gifts":                 {host, `{"id":"5b0f2b7e-9d6a-4b0e-8a53-1f6e2c7a9d12","handle":"otherhost"}`},
	"GET /api/rooms/{room}/sales":                  {host + "," + admin, ""},
	"GET /api/rooms/{room}/statement":              {host + "," + admin, ""},
	"GET /api/rooms/{room}/statement.csv":          {host + "," + admin, ""},
	"GET /api/me/payouts":                          {signedIn, ""},
	"POST /api/me/payouts":                         {signedIn, `{}`},
	"GET /api/me/quote":                            {signedIn, ""},
	"PUT /api/orders/{order}":                      {"", `{"offer":"5b0f2b7e-9d6a-4b0e-8a53-1f6e2c7a9d13"}`},
	"GET /api/orders/{order}":                      {listener, ""},
	"POST /api/orders/{order}/check":               {listener, ""},
	"POST /api/orders/{order}/checkout":            {listener, ""},
	"POST /api/orders/{order}/extend":              {listener, ""},
	"DELETE /api/orders/{order}":                   {listener, ""},
	"POST /api/orders/{order}/refund":              {host + "," + admin, ""}, // for the listener it is too late: the room is live
	"GET /api/me/tickets":                          {signedIn, ""},
	"GET /api/me/tickets/{ticket}/code.svg":        {listener, ""},
	"GET /api/me/tickets/{ticket}/calendar.ics":    {"", ""}, // the room was not announced
	"GET /api/sales/alarms":                        {admin, ""},
	"POST /api/sales/alarms/{alarm}/close":         {admin, `{"note":"x"}`},
	"GET /tickets":                                 {everyActor, ""},
	"GET /tickets/{order}":                         {everyActor, ""},
	"GET /payouts":                                 {everyActor, ""},
	"GET /sales/{room}":                            {everyActor, ""},
	"GET /alarms":                                  {everyActor, ""},
	"POST /api/reports/{report}/close":             {host + "," + admin, `{"outcome":"acted"}`},

	"POST /api/rooms/{room}/invitation/accept":             {inside, ""},
	"POST /api/rooms/{room}/invitation/decline":            {inside, ""},
	"POST /api/rooms/{room}/people/{person}/hand/accept":   {hosting, ""},
	"DELETE /api/rooms/{room}/people/{person}/hand":        {hosting, ""},
	"POST /api/rooms/{room}/people/{person}/hand/question": {hosting, ""},
	"PUT /api/rooms/{room}/people/{person}/invitation":     {hosting, ""},
	"DELETE /api/rooms/{room}/people/{person}/invitation":  {hosting, ""},
	"POST /api/rooms/{room}/people/{person}/pull-down":     {moderating, ""},
	"PUT /api/rooms/{room}/people/{person}/mute":           {moderating, ""},
	"PUT /api/rooms/{room}/people/{person}/hard-mute":      {moderating, ""},
	"DELETE /api/rooms/{room}/people/{person}/mute":        {hosting, ""},
	"POST /api/rooms/{room}/people/{person}/remove":        {moderating, ""},
	"PUT /api/rooms/{room}/people/{person}/ban":            {moderating, ""},
	"DELETE /api/rooms/{room}/people/{person}/ban":         {moderating, ""},
	"PUT /api/rooms/{room}/people/{person}/cohost":         {host, ""},
	"DELETE /api/rooms/{room}/people/{person}/cohost":      {host, ""},
	"POST /api/rooms/{room}/people/{person}/hand-over":     {host, ""},
	"POST /api/rooms/{room}/people/{person}/reports":       {inside, `{"cause":"spam"}`},
}

// world is the people of the matrix and the room they are in.
type world struct {
	*edge
	actors map[string]as
	target as
}

func newWorld(t *testing.T) *world {
	b := setup(t)
	w := &world{edge: b, target: b.person("target", 0), actors: map[string]as{
		nobody: b.nobody(), other: b.person("other", 0), listener: b.person("listener", 0), speaker: b.person("speaker", 0),
		cohost: b.person("cohost", 0), host: b.hosting("host"), otherHost: b.hosting("otherhost"), admin: b.person("admin", 0),
	}}
	if err := b.Accounts.SetAdmin(b.ctx, "admin", true); err != nil {
		t.Fatal(err)
	}
	return w
}

// evening makes a fresh room with everyone in their place, and a written line,
// a guest, a report and a ticket of the listener's in it.
func (w *world) evening() (room rooms.Room, ids map[string]string) {
	w.t.Helper()
	id := func(name string) uuid.UUID { return w.actors[name].id }
	deed := func(room rooms.Room, actor uuid.UUID, action rooms.Action, target uuid.UUID) error {
		return w.Rooms.Act(w.ctx, rooms.Deed{Room: room.ID, Actor: actor, Target: target, Action: action, Question: map[bool]string{true: "why?"}[action == rooms.RaiseHand]})
	}
	must := func(err error) {
		w.t.Helper()
		if err != nil {
			w.t.Fatal(err)
		}
	}
	room, err := w.Rooms.Create(w.ctx, id(host), rooms.NewRoom{Title: "x", Language: "en", Start: true})
	must(err)
	for _, who := range []uuid.UUID{id(listener), id(speaker), id(cohost), id(host), w.target.id} {
		_, err := w.Rooms.Join(w.ctx, who, room.ID, false)
		must(err)
	}
	must(deed(room, id(host), rooms.Invite, id(speaker)))
	must(deed(room, id(speaker), rooms.Accept, id(speaker)))
	must(deed(room, id(host), rooms.MakeCohost, id(cohost)))
	must(deed(room, w.target.id, rooms.RaiseHand, w.target.id))
	guest, err := w.Rooms.JoinAsGuest(w.ctx, room.ID, uuid.NewString(), uuid.NewString())
	must(err)
	must(w.Rooms.Notice(w.ctx, id(host), room.ID, "a line"))
	head, err := w.Rooms.LogHead(w.ctx, room.ID)
	must(err)
	must(w.Rooms.ReportPerson(w.ctx, id(listener), room.ID, w.target.id, "spam", ""))
	inbox, err := w.Rooms.Inbox(w.ctx, id(host))
	must(err)
	invitation, err := w.Accounts.CreateInvitation(w.ctx, uuid.Nil, "", time.Hour)
	must(err)
	token, _, err := w.Accounts.CreateToken(w.ctx, id(host), accounts.NewToken{Name: "x", Scopes: []accounts.Scope{accounts.ScopeRead}, Life: time.Hour})
	must(err)
	_, err = w.Accounts.OpenSession(w.ctx, id(host), "another device", "")
	must(err)
	sessions, err := w.Accounts.Sessions(w.ctx, id(host))
	must(err)
	ended := slices.IndexFunc(sessions, func(s accounts.Session) bool { return s.Device == "another device" })
	order, ticket, alarm := w.sale(room.ID)
	return room, map[string]string{
		"{order}": order, "{ticket}": ticket, "{alarm}": alarm,
		"{room}": room.ID.String(), "{person}": w.target.id.String(), "{handle}": "target", "{guest}": guest.Guest.String(),
		"{seq}": strconv.FormatInt(head.Seq, 10), "{report}": inbox[0].ID.String(), "{id}": invitation.ID.String(), "{token}": token.ID.String(),
		"{session}": sessions[ended].ID.String(), "{$}": "", "{file}": "@target",
	}
}

// calm takes away what one attempt leaves, so that the next begins alike.
func (w *world) calm() {
	w.t.Helper()
	for _, sql := range []string{
		`update rooms set ended_at = coalesce(ended_at, now()), created_at = now() - interval '2 days' where started_at is not null`,
		`delete from rooms where started_at is null`,
		`delete from blocks`, `delete from follows`, `delete from vouches`, `delete from gate_rules`, `delete from api_tokens`,
		`delete from sessions where device <> 'test'`, `delete from reports`, `delete from accounts where email = 'fresh@example.org'`,
		`delete from alarms`,
		`update accounts set suspended_at = null where handle = 'target'`,
	} {
		if _, err := w.pool.Exec(w.ctx, sql); err != nil {
			w.t.Fatal(err)
		}
	}
}

// again is the actor with a session that nothing before has ended.
func (w *world) again(name string) as {
	a := w.actors[name]
	if name == nobody {
		return a
	}
	secret, err := w.Accounts.OpenSession(w.ctx, a.id, "test", "")
	if err != nil {
		w.t.Fatal(err)
	}
	return a.with("Cookie", cookieName(w.secure())+"="+secret)
}

// A1: every route × everybody who might call it, generated from the list of
// routes: who should get through does, and nobody else.
func TestA1WhoGetsThroughAtEveryRoute(t *testing.T) {
	w := newWorld(t)
	cells := 0
	for _, route := range w.Routes() {
		if route.Access.Level == Blind {
			continue // nobody looks who asks
		}
		row, known := matrix[route.Pattern]
		if !known {
			t.Errorf("%s has no row in the matrix", route.Pattern)
			continue
		}
		method, pattern, _ := strings.Cut(route.Pattern, " ")
		for _, name := range strings.Split(everyActor, ",") {
			path := pattern
			if strings.Contains(pattern, "{") {
				_, ids := w.evening()
				for placeholder, id := range ids {
					path = strings.ReplaceAll(path, placeholder, id)
				}
			}
			got := w.again(name).do(method, path, row.body)
			refused := slices.Contains([]int{401, 403, 404}, got.status)
			if through := slices.Contains(strings.Split(row.who, ","), name); through == refused || got.status >= 500 {
				t.Errorf("%s by %s: %d %.200s", route.Pattern, name, got.status, got.body)
			}
			cells++
			w.calm()
		}
	}
	for pattern := range matrix {
		if !slices.ContainsFunc(w.Routes(), func(r Route) bool { return r.Pattern == pattern }) {
			t.Errorf("%s is in the matrix and nowhere else", pattern)
		}
	}
	t.Logf("A1: %d cells", cells)
}

// The pages themselves say nothing of anyone that is theirs to tell.
func TestA1PagesTellNoAddresses(t *testing.T) {
	w := newWorld(t)
	room, _ := w.evening()
	for _, path := range []string{"/", "/r/" + room.ID.String(), "/@host"} {
		page := w.nobody().do(http.MethodGet, path, "")
		if page.status != http.StatusOK || strings.Contains(page.body, "@example.org") {
			t.Errorf("%s: %d", path, page.status)
		}
	}
}
