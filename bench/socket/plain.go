package main

import (
	"context"
	"net/http"
	"sync"
	"time"

	"github.com/gorilla/websocket"
)

// plain is a chat server as most are written with gorilla: two goroutines and
// a queue for each connection, and buffers as they come.
type plain struct {
	mu   sync.Mutex
	open map[*client]struct{}
}

type client struct {
	ws   *websocket.Conn
	send chan []byte
}

const (
	plainQueue   = 256
	plainWrite   = 10 * time.Second
	plainSilence = 60 * time.Second
	plainPing    = plainSilence * 9 / 10
)

var plainUpgrader = websocket.Upgrader{}

func newPlain(context.Context) talker { return &plain{open: map[*client]struct{}{}} }

func (p *plain) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	ws, err := plainUpgrader.Upgrade(w, r, nil)
	if err != nil {
		return
	}
	c := &client{ws, make(chan []byte, plainQueue)}
	p.mu.Lock()
	p.open[c] = struct{}{}
	p.mu.Unlock()
	go c.write()
	go p.read(c)
}

func (p *plain) frameOverhead() int { return len(`{"text":""}`) }

func (p *plain) connections() int {
	p.mu.Lock()
	defer p.mu.Unlock()
	return len(p.open)
}

func (p *plain) say(text string) {
	message := []byte(`{"text":"` + text + `"}`)
	p.mu.Lock()
	defer p.mu.Unlock()
	for c := range p.open {
		select {
		case c.send <- message:
		default:
			delete(p.open, c)
			close(c.send)
		}
	}
}

func (p *plain) read(c *client) {
	defer c.ws.Close()
	c.ws.SetReadLimit(512)
	c.ws.SetReadDeadline(time.Now().Add(plainSilence))
	c.ws.SetPongHandler(func(string) error { return c.ws.SetReadDeadline(time.Now().Add(plainSilence)) })
	for {
		if _, _, err := c.ws.ReadMessage(); err != nil {
			return
		}
	}
}

func (c *client) write() {
	ping := time.NewTicker(plainPing)
	defer ping.Stop()
	defer c.ws.Close()
	for {
		var err error
		select {
		case message, open := <-c.send:
			if !open {
				return
			}
			c.ws.SetWriteDeadline(time.Now().Add(plainWrite))
			err = c.ws.WriteMessage(websocket.TextMessage, message)
		case <-ping.C:
			c.ws.SetWriteDeadline(time.Now().Add(plainWrite))
			err = c.ws.WriteMessage(websocket.PingMessage, nil)
		}
		if err != nil {
			return
		}
	}
}
