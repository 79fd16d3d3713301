package sfu

import (
	"cmp"
	"encoding/json"
	"errors"
	"fmt"
	"net"

	"github.com/livekit/livekit-server/pkg/config"
)

// Config is what Salon decides about its LiveKit server. Its JSON form carries it to the
// child.
type Config struct {
	// HTTPPort serves API and signalling on 127.0.0.1; browsers come through our gate.
	// UDPPort and TCPPort carry media on every interface: browsers reach them directly.
	HTTPPort, UDPPort, TCPPort int
	// NodeIP is the one address announced for media; "" announces those of the network
	// interfaces.
	NodeIP string
	// Loopback announces 127.0.0.1 too, for browsers and tests on this machine. LiveKit
	// rewrites it to NodeIP where that is set.
	Loopback bool
	// Key and Secret sign tokens and webhooks. One pair: with several, LiveKit would
	// refresh tokens with any of them.
	Key, Secret string
	// WebhookURL is told what happens in rooms; "" tells nobody.
	WebhookURL string
	// LogLevel is debug, info, warn or error; "" means warn.
	LogLevel string
}

func (c Config) url() string { return fmt.Sprintf("http://127.0.0.1:%d", c.HTTPPort) }

// livekit is the whole configuration as LiveKit reads it. Development is never on: it
// registers debug handlers on http.DefaultServeMux.
func (c Config) livekit() (*config.Config, error) {
	if len(c.Secret) < 32 {
		return nil, errors.New("the secret has fewer than 32 characters") // LiveKit only warns
	}
	type object = map[string]any
	settings := object{
		"port":           c.HTTPPort,
		"bind_addresses": []string{"127.0.0.1"}, // HTTP only; media sockets ignore it
		"rtc": object{
			"udp_port": c.UDPPort, "tcp_port": c.TCPPort,
			"use_external_ip": false, "node_ip": c.NodeIP,
			"enable_loopback_candidate": c.Loopback,
			// Without a list LiveKit sends every browser to the STUN servers of two
			// companies. Browsers need none to reach us, so they get one that is nobody.
			"stun_servers": []string{fmt.Sprintf("127.0.0.1:%d", c.UDPPort)},
		},
		"room": object{
			// An old token must not bring an ended room back.
			"auto_create": false, "empty_timeout": 300, "departure_timeout": 20,
			"enabled_codecs": []object{{"mime": "audio/opus"}, {"mime": "audio/red"}},
		},
		"turn":               object{"enabled": false},
		"enable_data_tracks": false,
		"keys":               object{c.Key: c.Secret},
		"logging":            object{"json": true, "level": cmp.Or(c.LogLevel, "warn")},
	}
	if c.WebhookURL != "" {
		settings["webhook"] = object{"urls": []string{c.WebhookURL}, "api_key": c.Key}
	}
	text, err := json.Marshal(settings) // JSON is YAML, with the quoting done
	if err != nil {
		return nil, err
	}
	conf, err := config.NewConfig(string(text), true, nil, nil)
	if err != nil {
		return nil, err
	}
	return conf, conf.ValidateKeys()
}

// FreePorts finds ports nobody uses at the moment, for servers that live shortly.
func FreePorts() (http, udp, tcp int, err error) {
	web, err1 := net.Listen("tcp", "127.0.0.1:0")
	packets, err2 := net.ListenPacket("udp", ":0")
	media, err3 := net.Listen("tcp", ":0")
	if err := errors.Join(err1, err2, err3); err != nil {
		return 0, 0, 0, fmt.Errorf("find free ports: %w", err)
	}
	// All three at once, so that no two of them are the same.
	defer func() { _, _, _ = web.Close(), packets.Close(), media.Close() }()
	return web.Addr().(*net.TCPAddr).Port, packets.LocalAddr().(*net.UDPAddr).Port,
		media.Addr().(*net.TCPAddr).Port, nil
}
