package voskchild

import (
	"bufio"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net"
	"os"

	"salon/captions/speech/vosk"
)

// Config is what the child is told on its standard input.
type Config struct {
	Socket  string // where it listens
	Library string // libvosk.so
	Model   string // folder
}

// Run is the body of the child: it loads the model, then serves streams until
// the context ends.
func Run(ctx context.Context, stdin io.Reader) error {
	var c Config
	if err := json.NewDecoder(stdin).Decode(&c); err != nil {
		return fmt.Errorf("read configuration: %w", err)
	}
	model, err := vosk.Load(c.Library, c.Model)
	if err != nil {
		return err
	}
	// Some broken models load, and are no use for any voice.
	trial, err := model.New()
	if err != nil {
		return fmt.Errorf("%s: %w", c.Model, err)
	}
	trial.Close()
	_ = os.Remove(c.Socket) // of a child before us
	listener, err := net.Listen("unix", c.Socket)
	if err != nil {
		return err
	}
	defer context.AfterFunc(ctx, func() { listener.Close() })()
	for {
		conn, err := listener.Accept()
		if ctx.Err() != nil {
			return nil
		}
		if err != nil {
			return err
		}
		go serve(conn, model)
	}
}

// serve is one stream. It ends with its connection.
func serve(conn net.Conn, model *vosk.Model) {
	defer conn.Close()
	recognizer, err := model.New()
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		return
	}
	defer recognizer.Close()
	in, out := bufio.NewReader(conn), json.NewEncoder(conn)
	if out.Encode(answer{}) != nil { // the greeting
		return
	}
	for {
		pcm, err := readSamples(in)
		if err != nil {
			return // closed: this is how streams end
		}
		answer := answer{Taken: len(pcm)}
		if len(pcm) == 0 {
			answer.Event = recognizer.Flush()
		} else if event, fresh, err := recognizer.Accept(pcm); err != nil {
			fmt.Fprintln(os.Stderr, err)
			return
		} else if fresh {
			answer.Event = event
		}
		if out.Encode(answer) != nil {
			return
		}
	}
}
