package main

import (
	"net"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

func TestOneWayToHTTPS(t *testing.T) {
	t.Parallel()
	for name, bad := range map[string]tlsSettings{
		"a certificate without its key": {TLSCert: "x"},
		"two ways":                      {LANHTTPS: true, ACMEDomain: []string{"x"}},
	} {
		if bad.check() == nil {
			t.Errorf("%s is taken", name)
		}
	}
	if config, err := (tlsSettings{}).config(t.TempDir()); config != nil || err != nil {
		t.Errorf("none: %v %v", config, err)
	}
	if _, err := (tlsSettings{TLSCert: "/none", TLSKey: "/none"}).config(t.TempDir()); err == nil {
		t.Error("a file that is not there")
	}
}

func TestTheLANCertificateIsKeptUntilItMustChange(t *testing.T) {
	t.Parallel()
	file, now := filepath.Join(t.TempDir(), "lan.pem"), time.Now()
	here, there := []net.IP{net.IPv4(192, 168, 1, 2)}, []net.IP{net.IPv4(192, 168, 7, 7)}
	serial := func(addresses []net.IP, at time.Time) string {
		pair, err := lanCertificate(file, addresses, at)
		if err != nil {
			t.Fatal(err)
		}
		for _, name := range []string{addresses[0].String(), "127.0.0.1", "localhost"} {
			if err := pair.Leaf.VerifyHostname(name); err != nil {
				t.Errorf("%s: %v", name, err)
			}
		}
		return pair.Leaf.SerialNumber.String()
	}
	first := serial(here, now)
	if again := serial(here, now.Add(24*time.Hour)); again != first {
		t.Error("a new certificate the next day: phones would warn again")
	}
	moved := serial(there, now)
	if moved == first {
		t.Error("the same certificate on another network")
	}
	if serial(there, now.Add(lanLife)) == moved {
		t.Error("an expired certificate is kept")
	}
	if info, err := os.Stat(file); err != nil || info.Mode().Perm() != 0o600 {
		t.Errorf("the key's file: %v %v", info.Mode(), err)
	}
}

func TestQRText(t *testing.T) {
	t.Parallel()
	text, err := qrText("https://192.168.1.2:8443")
	if err != nil {
		t.Fatal(err)
	}
	lines := strings.Split(strings.TrimSpace(text), "\n")
	if len(lines) < 12 || strings.Contains(lines[0], "▄ ") {
		t.Errorf("%d lines", len(lines))
	}
}
