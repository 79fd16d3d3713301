package main

import (
	"context"
	"fmt"
)

// greet prints what is running and where it is, the address last. While
// nobody owns the server, the link that makes someone its owner is beside it.
func (h *house) greet(ctx context.Context) error {
	secret, err := h.people().NewOwnerLink(ctx)
	if err != nil {
		return err
	}
	line := func(what, value string) { fmt.Printf("  %-9s %s\n", what, value) }
	fmt.Println("Salon", version())
	line("data", h.settings.Data)
	line("database", own(h.settings.DatabaseURL))
	line("media", own(h.settings.LiveKitURL))
	line("mail", h.mailWay())
	line("captions", h.captionWay())
	line("tickets", h.ticketState())
	if h.demo != nil {
		line("demo", h.demoState())
	}
	line("stop", "Ctrl-C")
	if secret != "" {
		line("owner", h.public.JoinPath("owner").String()+"#"+secret)
	}
	if h.settings.LANHTTPS {
		code, err := qrText(h.public.String())
		if err != nil {
			return err
		}
		fmt.Print(code)
	}
	line("open", h.public.String())
	return nil
}
