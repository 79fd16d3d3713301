package media

import (
	"encoding/base64"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/golang-jwt/jwt/v5"
	"github.com/gorilla/websocket"
	"github.com/livekit/protocol/livekit"
	"google.golang.org/protobuf/proto"

	"salon/rooms"
)

// sign makes a token of any shape with the right key.
func sign(t *testing.T, secret string, claims jwt.MapClaims) string {
	t.Helper()
	token, err := jwt.NewWithClaims(jwt.SigningMethodHS256, claims).SignedString([]byte(secret))
	if err != nil {
		t.Fatal(err)
	}
	return token
}

func claims(room rooms.Room, identity string, exp time.Duration, video map[string]any) jwt.MapClaims {
	all := map[string]any{"roomJoin": true, "room": *room.Run, "canPublish": false, "canPublishData": false}
	for k, v := range video {
		all[k] = v
	}
	c := jwt.MapClaims{"iss": testKey, "sub": identity, "video": all}
	if exp != 0 {
		c["exp"] = time.Now().Add(exp).Unix()
	}
	return c
}

// R2 does each attack twice: at the media server itself, where it works, which
// is why there is a gate, and at the gate, where it must not.
func TestR2WhatTheGateRefuses(t *testing.T) {
	b := setup(t)
	room, host := b.live()
	speaker, listener := b.speaker(room, host), b.join(room, b.account())
	pulled, banned := b.speaker(room, host), b.join(room, b.account())
	was := b.dial(b.gate, pulled.token, "")
	removed, hushed := b.join(room, b.account()), b.speaker(room, host)
	b.act(room, host, rooms.PullDown, pulled)
	b.act(room, host, rooms.Ban, banned)
	b.act(room, host, rooms.Remove, removed)
	b.act(room, host, rooms.HardMute, hushed)
	without, with, attacks := 0, 0, 0
	for _, attack := range []struct {
		name, token, extra string
		status             int
		fresh              func() string // makes the token anew where its age decides
	}{
		{"a speaker's old token after being pulled down", pulled.token, "", 403, nil},
		{"a token the server renewed while still a speaker", was.refresh, "", 403, nil},
		{"a second participant by publish=", speaker.token, "&publish=x", 403, nil},
		{"an empty publish=", speaker.token, "&publish=", 403, nil},
		{"a banned person's token", banned.token, "", 403, nil},
		{"a removed person's token", removed.token, "", 403, nil},
		{"a speaker's token after a hard mute", hushed.token, "", 403, nil},
		{"a token that never expires", sign(t, testSecret, claims(room, listener.identity, 0, nil)), "", 401, nil},
		{"a token expired 59 s ago", "", "", 401, func() string {
			return sign(t, testSecret, claims(room, listener.identity, -59*time.Second, nil))
		}},
		{"an identity nobody was given", sign(t, testSecret, claims(room, "stranger", time.Minute, nil)), "", 403, nil},
		{"a derived identity", sign(t, testSecret, claims(room, speaker.identity+"#x", time.Minute, nil)), "", 403, nil},
		{"a listener's token that may publish", sign(t, testSecret, claims(room, listener.identity, time.Minute, map[string]any{"canPublish": true})), "", 403, nil},
		{"a listener's token with data", sign(t, testSecret, claims(room, listener.identity, time.Minute, map[string]any{"canPublishData": true})), "", 403, nil},
		{"a speaker's token with a camera", sign(t, testSecret, claims(room, speaker.identity, time.Minute,
			map[string]any{"canPublish": true, "canPublishSources": []string{"microphone", "camera"}})), "", 403, nil},
		{"a hidden listener", sign(t, testSecret, claims(room, listener.identity, time.Minute, map[string]any{"hidden": true})), "", 403, nil},
		{"a token of a room admin", sign(t, testSecret, claims(room, listener.identity, time.Minute, map[string]any{"roomAdmin": true})), "", 401, nil},
	} {
		attacks++
		j := b.attack(b.direct, attack.token, attack.extra, attack.fresh)
		if !j.ok {
			t.Errorf("control: %s was refused without the gate: %+v", attack.name, j)
		} else {
			without++
		}
		if j := b.attack(b.gate, attack.token, attack.extra, attack.fresh); j.ok || j.status != attack.status {
			t.Errorf("%s: %+v, want %d", attack.name, j, attack.status)
			with++
		}
	}
	t.Logf("R2: joined without the gate %d of %d, with it %d of %d", without, attacks, with, attacks)
}

// attack dials once; with a token whose age decides, a few times, because on a
// busy machine a second may pass before it arrives.
func (b *bundle) attack(base, token, extra string, fresh func() string) (j joined) {
	b.t.Helper()
	if fresh == nil {
		return b.dial(base, token, extra)
	}
	for range 10 {
		if j = b.dial(base, fresh(), extra); j.ok {
			break
		}
	}
	return j
}

// R3: tokens made to break something.
func TestR3HostileTokens(t *testing.T) {
	b := setup(t)
	room, host := b.live()
	other, _ := b.live()
	for name, token := range map[string]string{
		"no token":    "",
		"not a token": "x.y.z",
		"another key": sign(t, "another secret that is long enough", claims(room, host.identity, time.Minute, nil)),
		"no room":     sign(t, testSecret, claims(room, host.identity, time.Minute, map[string]any{"room": ""})),
		"alg none":    strings.TrimSuffix(unsigned(t, claims(room, host.identity, time.Minute, nil)), "."),
		"other room":  sign(t, testSecret, claims(other, host.identity, time.Minute, nil)),
		"expired":     sign(t, testSecret, claims(room, host.identity, -time.Second, nil)),
		"100 KB":      sign(t, testSecret, bloated(claims(room, host.identity, time.Minute, nil))),
	} {
		if j := b.dial(b.gate, token, ""); j.ok || j.status != 401 && j.status != 403 {
			t.Errorf("%s: %+v", name, j)
		}
	}
}

// bloated carries more attributes than any header or URL may be long.
func bloated(c jwt.MapClaims) jwt.MapClaims {
	c["attributes"] = map[string]string{"x": strings.Repeat("a", 100<<10)}
	return c
}

func unsigned(t *testing.T, c jwt.MapClaims) string {
	t.Helper()
	token, err := jwt.NewWithClaims(jwt.SigningMethodNone, c).SignedString(jwt.UnsafeAllowNoneSignatureType)
	if err != nil {
		t.Fatal(err)
	}
	return token
}

// The server renews tokens itself; whoever still holds the role may use them,
// and reconnect with them.
func TestRenewedTokensWorkWhileTheRoleLasts(t *testing.T) {
	b := setup(t)
	room, host := b.live()
	speaker := b.speaker(room, host)
	first := b.dial(b.gate, speaker.token, "")
	if !first.ok || !first.publish {
		t.Fatalf("first: %+v", first)
	}
	if again := b.dial(b.gate, first.refresh, ""); !again.ok || !again.publish {
		t.Errorf("with the renewed token: %+v", again)
	}
	// A token below the row is let in and raised to it.
	low := sign(t, testSecret, claims(room, speaker.identity, time.Minute, map[string]any{"canSubscribe": true}))
	if j := b.dial(b.gate, low, ""); !j.ok {
		t.Fatalf("below the row: %+v", j)
	}
	b.until("raised to the row", func() bool { return b.permission(room, speaker.identity).GetCanPublish() })
}

// Both ways of signalling pass, and neither they nor resuming a session lead
// around the gate. That resuming works is a browser's journey: socket-lost.
func TestBothWaysOfSignalling(t *testing.T) {
	b := setup(t)
	room, host := b.live()
	speaker := b.speaker(room, host)
	ask, err := proto.Marshal(&livekit.JoinRequest{ClientInfo: &livekit.ClientInfo{Protocol: 15}, ConnectionSettings: &livekit.ConnectionSettings{AutoSubscribe: true}})
	if err != nil {
		t.Fatal(err)
	}
	wrapped, err := proto.Marshal(&livekit.WrappedJoinRequest{JoinRequest: ask})
	if err != nil {
		t.Fatal(err)
	}
	v1 := "/rtc/v1?join_request=" + url.QueryEscape(base64.URLEncoding.EncodeToString(wrapped))
	if j := b.dialPath(b.gate, v1, host.token, ""); !j.ok || !j.publish {
		t.Errorf("v1: %+v", j)
	}
	if j := b.dialPath(b.gate, v1, host.token, "&publish=x"); j.status != 403 {
		t.Errorf("v1 with publish: %+v", j)
	}
	speaking := b.dial(b.gate, speaker.token, "")
	b.act(room, host, rooms.PullDown, speaker)
	if j := b.dial(b.gate, speaking.refresh, "&reconnect=1&sid="+speaking.sid); j.ok || j.status != 403 {
		t.Errorf("resume without the role: %+v", j)
	}
}

// until polls a state of the media server, which has no signal for it.
func (b *bundle) until(what string, ok func() bool) {
	b.t.Helper()
	deadline := time.Now().Add(10 * time.Second)
	for !ok() {
		if time.Now().After(deadline) {
			b.t.Fatalf("not %s", what)
		}
		<-time.After(5 * time.Millisecond)
	}
}

func TestABanClosesWhatIsOpen(t *testing.T) {
	b := setup(t)
	room, host := b.live()
	guest := b.join(room, b.account())
	open := b.dial(b.gate, guest.token, "")
	b.act(room, host, rooms.Ban, guest)
	open.ended(t)
	if p := b.permission(room, guest.identity); p != nil {
		t.Errorf("still in the room: %v", p)
	}
}

func TestAnEndedRoomSaysSoInTheWordsClientsKnow(t *testing.T) {
	b := setup(t)
	room, host := b.live()
	open := b.dial(b.gate, host.token, "")
	if _, err := b.service.End(b.ctx, host.account, room.ID); err != nil {
		t.Fatal(err)
	}
	open.ended(t)
	for _, path := range []string{"/rtc/validate", "/rtc/v1/validate"} {
		status, text := b.get(path, host.token)
		if status != http.StatusNotFound || !strings.Contains(text, roomAbsent) {
			t.Errorf("%s: %d %s", path, status, text)
		}
	}
}

func (b *bundle) get(path, token string) (int, string) {
	b.t.Helper()
	answer, err := http.Get(b.gate + path + "?access_token=" + url.QueryEscape(token))
	if err != nil {
		b.t.Fatal(err)
	}
	defer answer.Body.Close()
	body, _ := io.ReadAll(answer.Body)
	return answer.StatusCode, string(body)
}

func TestValidateAnswersForTheMediaServer(t *testing.T) {
	b := setup(t)
	room, host := b.live()
	if status, text := b.get("/rtc/validate", host.token); status != 200 || text != "success" {
		t.Errorf("good: %d %s", status, text)
	}
	// Not a word of a token in what it answers.
	status, text := b.get("/rtc/v1/validate", host.token)
	if status != 400 || strings.Contains(text, host.token) {
		t.Errorf("v1 without a join request: %d %s", status, text)
	}
	if status, text := b.get("/rtc/validate", sign(t, testSecret, claims(room, host.identity, -time.Second, nil))); status != 401 || strings.Contains(text, "ey") {
		t.Errorf("expired: %d %s", status, text)
	}
}

// A media server that restarted has forgotten the room: joining through the
// gate brings it back instead of telling the browser that it is over.
func TestAForgottenRoomIsOpenedAgain(t *testing.T) {
	b := setup(t)
	room, host := b.live()
	forget := func() {
		if _, err := b.rpc.DeleteRoom(b.ctx, &livekit.DeleteRoomRequest{Room: *room.Run}); err != nil {
			t.Fatal(err)
		}
	}
	forget()
	if j := b.dial(b.direct, host.token, ""); j.status != 404 {
		t.Fatalf("control: %+v", j)
	}
	if j := b.dial(b.gate, host.token, ""); !j.ok {
		t.Errorf("join: %+v", j)
	}
	forget()
	if status, text := b.get("/rtc/validate", host.token); status != 200 {
		t.Errorf("validate: %d %s", status, text)
	}
	forget()
	if err := b.Sweep(b.ctx); err != nil {
		t.Fatal(err)
	}
	if j := b.dial(b.direct, host.token, ""); !j.ok {
		t.Errorf("after the sweep: %+v", j)
	}
}

func TestTheGateBoundsMessages(t *testing.T) {
	b := setup(t)
	_, host := b.live()
	j := b.dial(b.gate, host.token, "")
	if err := j.conn.WriteMessage(websocket.BinaryMessage, make([]byte, maxFromBrowser+1)); err != nil {
		t.Fatal(err)
	}
	j.ended(t)
}

func TestTheGateTakesOnlySignalling(t *testing.T) {
	b := setup(t)
	_, host := b.live()
	for _, path := range []string{"/twirp/livekit.RoomService/ListRooms", "/whip/v1", "/agent", "/debug/pprof", "/rtc/../twirp", "/rtc/v2", "/"} {
		if status, text := b.get(path, host.token); status != 403 {
			t.Errorf("%s: %d %s", path, status, text)
		}
	}
	answer, err := http.PostForm(b.gate+"/rtc/validate", url.Values{"access_token": {host.token}})
	if err != nil {
		t.Fatal(err)
	}
	answer.Body.Close()
	if answer.StatusCode != 403 {
		t.Errorf("POST: %d", answer.StatusCode)
	}
	if status, text := b.get("/rtc", host.token); status != 403 {
		t.Errorf("no upgrade: %d %s", status, fmt.Sprint(text))
	}
}
