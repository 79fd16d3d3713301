package main

import (
	"errors"
	"fmt"
	"net"
	"net/netip"
	"net/url"
	"os"
	"time"

	"salon/web"
)

// settings are what dev and serve share.
type settings struct {
	Data      string `default:"salon-data" env:"SALON_DATA" type:"path" help:"Where everything is kept."`
	Listen    string `default:"127.0.0.1:8080" env:"SALON_LISTEN" help:"Address for the pages, the API and the sockets; with --lan-https an address others reach, such as 0.0.0.0:8443."`
	PublicURL string `env:"SALON_PUBLIC_URL" help:"Where browsers reach us. Default: http:// and the address we listen on."`

	DatabaseURL   string `env:"DATABASE_URL" help:"PostgreSQL to use. Default: one of our own, in the data directory."`
	LiveKitURL    string `name:"livekit-url" env:"LIVEKIT_URL" help:"LiveKit server to use, http(s)://. Default: one of our own."`
	LiveKitKey    string `name:"livekit-key" env:"LIVEKIT_API_KEY" help:"API key of the LiveKit server in --livekit-url."`
	LiveKitSecret string `name:"livekit-secret" env:"LIVEKIT_API_SECRET" help:"API secret of the LiveKit server in --livekit-url."`

	PublicIP string `name:"public-ip" env:"SALON_PUBLIC_IP" help:"Address at which browsers reach our own media server. Default: those of this machine's network interfaces."`

	RequestsPerSecond float64 `default:"20" env:"SALON_REQUESTS_PER_SECOND" help:"Requests one person, or one address while not signed in, may send; bursts of five seconds' worth pass."`
	GuessesPerMinute  float64 `default:"10" env:"SALON_GUESSES_PER_MINUTE" help:"Sign-ups, sign-ins and mailed links one address may send; bursts of a minute's worth pass."`

	HostGrace time.Duration `default:"1m" env:"SALON_HOST_GRACE" help:"How long a room waits for a host who is gone, before somebody else takes over or it ends."`

	TrustedProxies []string `default:"127.0.0.0/8,::1/128" env:"SALON_TRUSTED_PROXIES" help:"Networks of the proxies in front, whose X-Forwarded-For header is believed."`

	mailSettings
	tlsSettings
	captionSettings
	ticketSettings
}

// minHostGrace is above the time after which a host's absence is noticed.
const minHostGrace = 15 * time.Second

// Validate is called by kong before anything starts.
func (s *settings) Validate() error {
	if s.LiveKitURL != "" && (s.LiveKitKey == "" || s.LiveKitSecret == "") {
		return errors.New("--livekit-url needs --livekit-key and --livekit-secret")
	}
	if s.HostGrace < minHostGrace {
		return fmt.Errorf("--host-grace must be at least %s", minHostGrace)
	}
	if s.RequestsPerSecond <= 0 || s.GuessesPerMinute <= 0 {
		return errors.New("rates must be above 0")
	}
	if err := errors.Join(s.mailSettings.check(), s.tlsSettings.check(), s.captionSettings.check(), s.ticketSettings.check()); err != nil {
		return err
	}
	if _, err := s.proxies(); err != nil {
		return err
	}
	_, err := s.publicURL(s.Listen)
	return err
}

func (s *settings) proxies() (all []netip.Prefix, err error) {
	for _, text := range s.TrustedProxies {
		prefix, err := netip.ParsePrefix(text)
		if err != nil {
			return nil, fmt.Errorf("trusted proxies: %w", err)
		}
		all = append(all, prefix)
	}
	return all, nil
}

// publicURL is the configured URL, or the one that follows from the address.
func (s *settings) publicURL(address string) (*url.URL, error) {
	text := s.PublicURL
	if text == "" {
		text = s.guessedURL(address)
	}
	u, err := url.Parse(text)
	if err != nil || (u.Scheme != "http" && u.Scheme != "https") || u.Host == "" {
		return nil, fmt.Errorf("public URL %q must start with http:// or https:// and name a host", text)
	}
	return u, nil
}

// guessedURL is where browsers reach us when nobody said so.
func (s *settings) guessedURL(address string) string {
	switch _, port, _ := net.SplitHostPort(address); {
	case len(s.ACMEDomain) > 0:
		return "https://" + s.ACMEDomain[0]
	case s.LANHTTPS && len(lanAddresses()) > 0:
		return "https://" + net.JoinHostPort(lanAddresses()[0].String(), port)
	case s.LANHTTPS || s.TLSCert != "":
		return "https://" + reachable(address)
	}
	return "http://" + reachable(address)
}

// reachable is an address at which this machine reaches what listens on address.
func reachable(address string) string {
	host, port, err := net.SplitHostPort(address)
	if ip := net.ParseIP(host); err == nil && (host == "" || ip != nil && ip.IsUnspecified()) {
		return net.JoinHostPort("127.0.0.1", port)
	}
	return address
}

func (s *settings) limits() web.Limits {
	return web.Limits{PerSecond: s.RequestsPerSecond, GuessesPerMinute: s.GuessesPerMinute}
}

// makeData creates the data directory. Others may pass through it, because
// PostgreSQL runs as another user when we are root; they cannot list it.
func (s *settings) makeData() error {
	if err := os.MkdirAll(s.Data, 0o711); err != nil {
		return fmt.Errorf("make the data directory: %w", err)
	}
	return nil
}
