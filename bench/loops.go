package main

import (
	"bytes"
	"context"
	"encoding/binary"
	"errors"
	"flag"
	"fmt"
	"io"
	"net"
	"net/netip"
	"os"
	"sync"
	"sync/atomic"
	"time"

	pin "github.com/pin/tftp/v3"
)

// A loop is a TFTP load without phones: the same file again and again, by the
// client of github.com/pin/tftp or by nothing but sockets.
type loop struct {
	server   netip.AddrPort
	file     string
	want     []byte // the file's content
	parallel int
	length   time.Duration
	burst    bool // each worker once, until the last is done
	get      func(l *loop) error

	done, failed atomic.Int64
	why          atomic.Value
}

// loops are what loopMain runs, by their names.
var loops = map[string]func(*loop) error{
	"bare-load":      getBare,
	"pin-load":       func(l *loop) error { return l.getByPin(func(*pin.Client) {}) },
	"phone-pin-load": func(l *loop) error { return l.getByPin(likePhones) },
}

// likePhones gives the library the phones' schedule: it sends again when its
// timeout and then its backoff are over. As it comes it waits five seconds and up
// to a random second more.
func likePhones(c *pin.Client) {
	c.SetTimeout(time.Second)
	c.SetBackoff(func(n int) time.Duration { return time.Second<<min(n, 3) - time.Second })
	c.SetRetries(4)
}

// loopMain runs a loop in a process of its own, and prints what fleetLoadMain
// prints.
func loopMain(ctx context.Context, to io.Writer, client string, args []string) error {
	l := &loop{want: fleetFile()}
	fs := flag.NewFlagSet(client, flag.ContinueOnError)
	fs.TextVar(&l.server, "server", netip.AddrPort{}, "")
	fs.StringVar(&l.file, "file", "", "")
	fs.IntVar(&l.parallel, "parallel", 64, "")
	fs.DurationVar(&l.length, "for", 2*time.Second, "")
	fs.BoolVar(&l.burst, "burst", false, "")
	if err := fs.Parse(args); err != nil {
		return err
	}
	l.get = loops[client]
	start := time.Now()
	if l.burst {
		l.all(start)
		return l.report(to, time.Since(start))
	}
	for range l.parallel {
		go func() {
			for time.Since(start) < l.length {
				l.once(start)
			}
		}()
	}
	// Like the phones' run, this one leaves what is under way: who waited for it
	// would seem to take less processor time.
	rest(ctx, l.length)
	return l.report(to, l.length)
}

// all makes each worker do one transfer.
func (l *loop) all(start time.Time) {
	var workers sync.WaitGroup
	for range l.parallel {
		workers.Go(func() { l.once(start) })
	}
	workers.Wait()
}

func (l *loop) report(to io.Writer, took time.Duration) error {
	why, _ := l.why.Load().(string)
	return report(to, int(l.done.Load()), int(l.failed.Load()), why, took)
}

// once counts a transfer that ends within the time. The workers don't wait for
// each other's last.
func (l *loop) once(start time.Time) {
	err := l.get(l)
	switch {
	case time.Since(start) > l.length && !l.burst:
	case err != nil:
		l.failed.Add(1)
		l.why.Store(err.Error())
	default:
		l.done.Add(1)
	}
}

// getByPin fetches by the library, as set has set it up.
func (l *loop) getByPin(set func(*pin.Client)) error {
	client, err := pin.NewClient(l.server.String())
	if err != nil {
		return err
	}
	set(client)
	from, err := client.Receive(l.file, "octet")
	if err != nil {
		return err
	}
	var body bytes.Buffer
	_, err = from.WriteTo(&body)
	return errors.Join(err, same(body.Bytes(), l.want))
}

// getBare is the least that a lock-step client does in Go: a socket, a
// deadline for each read, an acknowledgement for each block, and four
// repetitions of a packet that nobody answers.
func getBare(l *loop) error {
	conn, err := net.ListenUDP("udp4", &net.UDPAddr{})
	if err != nil {
		return err
	}
	defer conn.Close()
	packet := []byte("\x00\x01" + l.file + "\x00octet\x00")
	to, buffer, body := l.server, make([]byte, 1024), []byte(nil)
	for tries, want := 0, uint16(1); tries < 5; {
		if _, err := conn.WriteToUDPAddrPort(packet, to); err != nil {
			return err
		}
		if err := conn.SetReadDeadline(time.Now().Add(time.Second << min(tries, 3))); err != nil {
			return err
		}
		n, from, err := conn.ReadFromUDPAddrPort(buffer)
		switch {
		case errors.Is(err, os.ErrDeadlineExceeded):
			tries++
			continue
		case err != nil:
			return err
		case buffer[1] != 3:
			return fmt.Errorf("server sent %q", buffer[:n])
		case binary.BigEndian.Uint16(buffer[2:]) != want:
			continue
		}
		tries, to = 0, from
		body = append(body, buffer[4:n]...)
		packet = []byte{0, 4, byte(want >> 8), byte(want)}
		want++
		if n < 516 {
			_, err := conn.WriteToUDPAddrPort(packet, to)
			return errors.Join(err, same(body, l.want))
		}
	}
	return os.ErrDeadlineExceeded
}
