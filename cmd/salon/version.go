package main

import "fmt"

// release is set when a release is built, by -ldflags "-X main.release=…".
var release = "dev"

func version() string { return release }

type versionCommand struct{}

// Run prints the version.
func (versionCommand) Run() error {
	fmt.Println("salon", version())
	return nil
}
