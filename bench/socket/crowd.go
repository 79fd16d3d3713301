package main

import (
	"bytes"
	"errors"
	"fmt"
	"net"
	"runtime"
	"slices"
	"strconv"
	"sync"
	"syscall"
	"time"
)

// mark begins the time in a message: a byte that is nowhere else.
const mark = '^'

// crowd is many clients on one thread: they must not take from the server what
// they measure.
type crowd struct {
	epoll int
	fds   []int
	hush  [2]int        // a pipe that is closed to end the reading thread
	quiet chan struct{} // closed when it has ended

	mu      sync.Mutex
	live    int
	count   int64
	delays  []time.Duration
	changed chan struct{}
}

func gather(address string, n int) (*crowd, error) {
	epoll, err := syscall.EpollCreate1(0)
	if err != nil {
		return nil, err
	}
	to, err := net.ResolveTCPAddr("tcp4", address)
	if err != nil {
		return nil, err
	}
	c := &crowd{epoll: epoll, quiet: make(chan struct{}), changed: make(chan struct{}, 1)}
	if err := syscall.Pipe2(c.hush[:], syscall.O_CLOEXEC); err != nil {
		return nil, err
	}
	if err := c.watch(c.hush[0]); err != nil {
		return nil, err
	}
	go c.read()
	for range n {
		if err := c.join(to); err != nil {
			c.close()
			return nil, fmt.Errorf("connection %d: %w", len(c.fds)+1, err)
		}
	}
	return c, nil
}

// join connects and shakes hands.
func (c *crowd) join(to *net.TCPAddr) error {
	fd, err := syscall.Socket(syscall.AF_INET, syscall.SOCK_STREAM|syscall.SOCK_CLOEXEC, 0)
	if err != nil {
		return err
	}
	c.fds = append(c.fds, fd)
	// A small window, so that who does not read is soon felt.
	if err := syscall.SetsockoptInt(fd, syscall.SOL_SOCKET, syscall.SO_RCVBUF, 16<<10); err != nil {
		return err
	}
	if err := syscall.Connect(fd, &syscall.SockaddrInet4{Port: to.Port, Addr: [4]byte(to.IP.To4())}); err != nil {
		return err
	}
	request := "GET /socket HTTP/1.1\r\nHost: " + to.String() + "\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n" +
		"Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n"
	if _, err := syscall.Write(fd, []byte(request)); err != nil {
		return err
	}
	answer := make([]byte, 4096)
	n, err := syscall.Read(fd, answer)
	if err != nil || !bytes.HasPrefix(answer[:n], []byte("HTTP/1.1 101 ")) {
		return fmt.Errorf("%q %w", answer[:max(n, 0)], err)
	}
	c.live++
	syscall.SetNonblock(fd, true)
	return c.watch(fd)
}

func (c *crowd) watch(fd int) error {
	return syscall.EpollCtl(c.epoll, syscall.EPOLL_CTL_ADD, fd, &syscall.EpollEvent{Events: syscall.EPOLLIN, Fd: int32(fd)})
}

// stall makes the last of those who read stop.
func (c *crowd) stall(n int) {
	for _, fd := range c.fds[c.live-n : c.live] {
		syscall.EpollCtl(c.epoll, syscall.EPOLL_CTL_DEL, fd, nil)
	}
	c.live -= n
}

func (c *crowd) reading() int64 { return int64(c.live) }

func (c *crowd) close() {
	syscall.Close(c.hush[1])
	<-c.quiet
	syscall.Close(c.hush[0])
	for _, fd := range c.fds {
		syscall.Close(fd)
	}
	syscall.Close(c.epoll)
}

func (c *crowd) begin() {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.count, c.delays = 0, c.delays[:0]
}

// received waits until so many messages came.
func (c *crowd) received(n int64) error {
	late := time.After(patience)
	for {
		c.mu.Lock()
		count := c.count
		c.mu.Unlock()
		if count >= n {
			return nil
		}
		select {
		case <-c.changed:
		case <-late:
			return fmt.Errorf("%d of %d messages came", count, n)
		}
	}
}

func (c *crowd) p99() time.Duration {
	c.mu.Lock()
	defer c.mu.Unlock()
	sorted := slices.Sorted(slices.Values(c.delays))
	return sorted[len(sorted)*99/100]
}

func (c *crowd) read() {
	runtime.LockOSThread()
	defer close(c.quiet)
	events, b := make([]syscall.EpollEvent, 1024), make([]byte, 256<<10)
	for {
		n, err := syscall.EpollWait(c.epoll, events, -1)
		if errors.Is(err, syscall.EINTR) {
			continue
		}
		if err != nil || !c.takeAll(events[:n], b) {
			return
		}
		select {
		case c.changed <- struct{}{}:
		default:
		}
	}
}

// takeAll reads what came, and says whether to go on.
func (c *crowd) takeAll(events []syscall.EpollEvent, b []byte) bool {
	c.mu.Lock()
	defer c.mu.Unlock()
	for _, e := range events {
		if int(e.Fd) == c.hush[0] {
			return false
		}
		c.take(int(e.Fd), b)
	}
	return true
}

// A ping without content, and the answer to it.
var (
	ping = []byte{0x89, 0}
	pong = []byte{0x8a, 0x80, 0, 0, 0, 0}
)

func (c *crowd) take(fd int, b []byte) {
	n, err := syscall.Read(fd, b)
	if n < 0 && (errors.Is(err, syscall.EAGAIN) || errors.Is(err, syscall.EINTR)) {
		return
	}
	if n <= 0 {
		syscall.EpollCtl(c.epoll, syscall.EPOLL_CTL_DEL, fd, nil)
		return
	}
	got := b[:n]
	if bytes.Contains(got, ping) {
		syscall.Write(fd, pong)
	}
	c.count += int64(bytes.Count(got, []byte{mark}))
	if _, rest, found := bytes.Cut(got, []byte{mark}); found {
		digits, _, _ := bytes.Cut(rest, []byte{' '})
		if at, err := strconv.ParseInt(string(digits), 10, 64); err == nil {
			c.delays = append(c.delays, time.Duration(time.Now().UnixNano()-at))
		}
	}
}
