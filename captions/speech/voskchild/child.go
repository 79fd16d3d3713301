package voskchild

import (
	"bufio"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net"
	"os"
	"runtime"
	"syscall"
	"time"

	"salon/captions/speech"
	"salon/captions/speech/vosk"
)

// Run is the body of the child: it loads the model, then serves streams until
// the context ends.
func Run(ctx context.Context, stdin io.Reader) error {
	var c order
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

// order is what the child is told on its standard input.
type order struct{ Socket, Library, Model string }

// answer is what the child says after each piece of sound.
type answer struct {
	speech.Event
	Taken int           // samples
	Used  time.Duration // of computing, for them
}

// serve is one stream. It ends with its connection.
func serve(conn net.Conn, model *vosk.Model) {
	defer conn.Close()
	var recognizer *vosk.Recognizer
	made, err := used(func() (err error) {
		recognizer, err = model.New()
		return err
	})
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		return
	}
	defer recognizer.Close()
	in, out := bufio.NewReader(conn), json.NewEncoder(conn)
	if out.Encode(answer{Used: made}) != nil { // the greeting
		return
	}
	for {
		pcm, guess, err := readSamples(in)
		if err != nil {
			return // closed: this is how streams end
		}
		answer, err := recognize(recognizer, pcm, guess)
		if err != nil {
			fmt.Fprintln(os.Stderr, err)
			return
		}
		if out.Encode(answer) != nil {
			return
		}
	}
}

func recognize(r *vosk.Recognizer, pcm []int16, guess bool) (a answer, err error) {
	a.Taken = len(pcm)
	a.Used, err = used(func() error {
		if len(pcm) == 0 {
			a.Event = r.Flush()
			return nil
		}
		event, understood, err := r.Accept(pcm, guess)
		if understood {
			a.Event = event
		}
		return err
	})
	return a, err
}

// rusageThread is RUSAGE_THREAD of getrusage(2), which package syscall lacks.
const rusageThread = 1

// used is the computing time that the work took: that of its thread, so that
// neither waiting nor anybody else's work is in it.
func used(work func() error) (time.Duration, error) {
	runtime.LockOSThread()
	defer runtime.UnlockOSThread()
	before := threadTime()
	err := work()
	return threadTime() - before, err
}

func threadTime() time.Duration {
	var u syscall.Rusage
	_ = syscall.Getrusage(rusageThread, &u) // cannot fail with a thread of ours
	return time.Duration(u.Utime.Nano() + u.Stime.Nano())
}
