package main

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/pem"
	"errors"
	"fmt"
	"math/big"
	"net"
	"os"
	"path/filepath"
	"strings"
	"time"

	"golang.org/x/crypto/acme/autocert"
	"rsc.io/qr"
)

// tlsSettings are the ways to HTTPS, without which browsers give out no
// microphone off this machine. None of them: a proxy in front does it.
type tlsSettings struct {
	TLSCert    string   `name:"tls-cert" env:"SALON_TLS_CERT" type:"path" help:"Certificate chain, PEM. With --tls-key we speak HTTPS ourselves."`
	TLSKey     string   `name:"tls-key" env:"SALON_TLS_KEY" type:"path" help:"Private key of --tls-cert, PEM."`
	ACMEDomain []string `name:"acme-domain" env:"SALON_ACME_DOMAIN" help:"Get certificates for these names by ACME (Let's Encrypt), whose terms you accept by it. Listen on port 443."`
	LANHTTPS   bool     `name:"lan-https" env:"SALON_LAN_HTTPS" help:"Make a certificate of our own for the local network, and print a QR code for a phone. Phones warn once."`
}

func (t tlsSettings) check() error {
	ways := 0
	for _, chosen := range []bool{t.TLSCert != "" || t.TLSKey != "", len(t.ACMEDomain) > 0, t.LANHTTPS} {
		if chosen {
			ways++
		}
	}
	if ways > 1 {
		return errors.New("choose one of --tls-cert, --acme-domain and --lan-https")
	}
	if (t.TLSCert == "") != (t.TLSKey == "") {
		return errors.New("--tls-cert and --tls-key belong together")
	}
	return nil
}

// config is how we speak TLS, nil when we do not.
func (t tlsSettings) config(data string) (*tls.Config, error) {
	switch {
	case t.TLSCert != "":
		pair, err := tls.LoadX509KeyPair(t.TLSCert, t.TLSKey)
		if err != nil {
			return nil, fmt.Errorf("load certificate: %w", err)
		}
		return &tls.Config{Certificates: []tls.Certificate{pair}, MinVersion: tls.VersionTLS12}, nil
	case len(t.ACMEDomain) > 0:
		manager := &autocert.Manager{
			Prompt: autocert.AcceptTOS, HostPolicy: autocert.HostWhitelist(t.ACMEDomain...),
			Cache: autocert.DirCache(filepath.Join(data, "acme")),
		}
		return manager.TLSConfig(), nil
	case t.LANHTTPS:
		pair, err := lanCertificate(filepath.Join(data, "lan.pem"), lanAddresses(), time.Now())
		if err != nil {
			return nil, fmt.Errorf("make certificate: %w", err)
		}
		return &tls.Config{Certificates: []tls.Certificate{pair}, MinVersion: tls.VersionTLS12}, nil
	}
	return nil, nil
}

// lanAddresses are the addresses by which others on the local network reach
// this machine.
func lanAddresses() (all []net.IP) {
	addresses, err := net.InterfaceAddrs()
	if err != nil {
		return nil
	}
	for _, a := range addresses {
		if network, ok := a.(*net.IPNet); ok && network.IP.To4() != nil && !network.IP.IsLoopback() && !network.IP.IsLinkLocalUnicast() {
			all = append(all, network.IP)
		}
	}
	return all
}

// lanLife is how long a certificate of our own is good: browsers refuse
// longer ones.
const lanLife = 397 * 24 * time.Hour

// lanCertificate reads the certificate kept in file, or makes one when there
// is none, it is about to expire, or the addresses have changed.
func lanCertificate(file string, addresses []net.IP, now time.Time) (tls.Certificate, error) {
	if pair, err := tls.LoadX509KeyPair(file, file); err == nil && stillGood(pair, addresses, now) {
		return pair, nil
	}
	if err := makeLANCertificate(file, addresses, now); err != nil {
		return tls.Certificate{}, err
	}
	return tls.LoadX509KeyPair(file, file)
}

func stillGood(pair tls.Certificate, addresses []net.IP, now time.Time) bool {
	if now.Add(7 * 24 * time.Hour).After(pair.Leaf.NotAfter) {
		return false
	}
	for _, ip := range addresses {
		if pair.Leaf.VerifyHostname(ip.String()) != nil {
			return false
		}
	}
	return true
}

func makeLANCertificate(file string, addresses []net.IP, now time.Time) error {
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		return err
	}
	serial, err := rand.Int(rand.Reader, new(big.Int).Lsh(big.NewInt(1), 120))
	if err != nil {
		return err
	}
	template := &x509.Certificate{
		SerialNumber: serial, Subject: pkix.Name{CommonName: "Salon on this network"},
		NotBefore: now.Add(-time.Hour), NotAfter: now.Add(lanLife),
		KeyUsage: x509.KeyUsageDigitalSignature, ExtKeyUsage: []x509.ExtKeyUsage{x509.ExtKeyUsageServerAuth},
		IPAddresses: append(addresses, net.IPv4(127, 0, 0, 1)), DNSNames: []string{"localhost"},
	}
	certificate, err := x509.CreateCertificate(rand.Reader, template, template, &key.PublicKey, key)
	if err != nil {
		return err
	}
	private, err := x509.MarshalPKCS8PrivateKey(key)
	if err != nil {
		return err
	}
	text := append(pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: certificate}),
		pem.EncodeToMemory(&pem.Block{Type: "PRIVATE KEY", Bytes: private})...)
	return os.WriteFile(file, text, 0o600)
}

// qrText draws a QR code with half blocks: two modules a character, dark on
// light whatever the terminal's colours, with the quiet zone scanners need.
func qrText(text string) (string, error) {
	code, err := qr.Encode(text, qr.L)
	if err != nil {
		return "", err
	}
	const zone = 2
	light := func(x, y int) bool { return !code.Black(x, y) } // outside is light
	var b strings.Builder
	for y := -zone; y < code.Size+zone; y += 2 {
		b.WriteString("\x1b[40;97m")
		for x := -zone; x < code.Size+zone; x++ {
			b.WriteString(map[[2]bool]string{{true, true}: "█", {true, false}: "▀", {false, true}: "▄", {false, false}: " "}[[2]bool{light(x, y), light(x, y+1)}])
		}
		b.WriteString("\x1b[0m\n")
	}
	return b.String(), nil
}
