package main

import (
	"flag"
	"fmt"
	"os"
	"strings"
	"testing"

	"github.com/alecthomas/kong"
)

var update = flag.Bool("update", false, "write docs/configuration.md anew")

const configurationDoc = "../../docs/configuration.md"

// docs/configuration.md is what the program itself says of its settings.
func TestConfigurationIsDocumented(t *testing.T) {
	t.Parallel()
	want := configuration(t)
	if *update {
		if err := os.WriteFile(configurationDoc, []byte(want), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	got, err := os.ReadFile(configurationDoc)
	if err != nil || string(got) != want {
		t.Errorf("docs/configuration.md is not current: go test ./cmd/salon -update (%v)", err)
	}
}

func configuration(t *testing.T) string {
	t.Helper()
	var line commandLine
	k, err := kong.New(&line, kong.Name("salon"))
	if err != nil {
		t.Fatal(err)
	}
	doc := &strings.Builder{}
	fmt.Fprint(doc, "# Configuration\n\nWritten by the program itself. Every flag can also be set by its environment\nvariable; the flag goes first.\n")
	for _, command := range k.Model.Leaves(true) {
		fmt.Fprintf(doc, "\n## salon %s\n\n%s\n", strings.TrimPrefix(command.Path(), "salon "), command.Help)
		table(doc, command)
	}
	fmt.Fprint(doc, "\n## Every command\n")
	table(doc, k.Model.Node)
	return doc.String()
}

func table(doc *strings.Builder, node *kong.Node) {
	var rows []string
	for _, f := range node.Flags {
		if f.Name != "help" {
			rows = append(rows, fmt.Sprintf("| `--%s` | %s | %s | %s |\n", f.Name, quoted(strings.Join(f.Envs, ", ")), quoted(f.Default), f.Help))
		}
	}
	if len(rows) > 0 {
		fmt.Fprintf(doc, "\n| flag | environment | default | |\n|---|---|---|---|\n%s", strings.Join(rows, ""))
	}
}

func quoted(s string) string {
	if s == "" {
		return ""
	}
	return "`" + s + "`"
}

func TestSettingsAreChecked(t *testing.T) {
	t.Parallel()
	for name, args := range map[string][]string{
		"a LiveKit server without its key": {"serve", "--livekit-url", "http://127.0.0.1:7880"},
		"a rate of nothing":                {"serve", "--requests-per-second", "0"},
		"a public URL without a scheme":    {"serve", "--public-url", "salon.example"},
		"a flag that does not exist":       {"serve", "--colour", "blue"},
		"a language with a region":         {"serve", "--caption-model", "en-GB=/srv/en"},
		"fewer children than none":         {"serve", "--caption-children", "-1"},
		"no command":                       {},
	} {
		var line commandLine
		k, err := kong.New(&line, kong.Name("salon"))
		if err != nil {
			t.Fatal(err)
		}
		if _, err := k.Parse(args); err == nil {
			t.Errorf("%s is taken", name)
		}
	}
}

func TestPublicURLFollowsTheAddress(t *testing.T) {
	t.Parallel()
	for address, want := range map[string]string{
		"127.0.0.1:8080": "http://127.0.0.1:8080", "0.0.0.0:80": "http://127.0.0.1:80", ":80": "http://127.0.0.1:80", "[::]:80": "http://127.0.0.1:80",
	} {
		if got, err := (&settings{}).publicURL(address); err != nil || got.String() != want {
			t.Errorf("%s: %v %v", address, got, err)
		}
	}
}
