package sip

import (
	"context"
	"errors"
	"fmt"
	"net"
	"slices"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"
)

// memory is a datagram socket without a network: what is put into in is read,
// and what is written comes out of out.
type memory struct {
	net.PacketConn // what Serve does not use
	in, out        chan string
	peer           net.Addr
	closed         chan struct{}
	once           sync.Once
}

func newMemory() *memory {
	return &memory{
		in: make(chan string), out: make(chan string, 1), closed: make(chan struct{}),
		peer: net.UDPAddrFromAddrPort(exchange),
	}
}

func (m *memory) ReadFrom(b []byte) (int, net.Addr, error) {
	select {
	case datagram := <-m.in:
		return copy(b, datagram), m.peer, nil
	case <-m.closed:
		return 0, nil, net.ErrClosed
	}
}

func (m *memory) WriteTo(b []byte, to net.Addr) (int, error) {
	m.out <- fmt.Sprintf("%s to %s", strings.SplitN(string(b), crlf, 2)[0], to)
	return len(b), nil
}

func (m *memory) Close() error        { m.once.Do(func() { close(m.closed) }); return nil }
func (m *memory) LocalAddr() net.Addr { return &net.UDPAddr{Port: 5060} }

func TestServe(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		conn := newMemory()
		ctx, cancel := context.WithCancel(t.Context())
		var acts []Request
		var notes []string
		ended := make(chan error)
		go func() {
			ended <- Serve(ctx, conn, Handlers{
				Act: func(r Request) {
					if len(conn.out) == 0 {
						t.Error("it acts before it answers")
					}
					acts = append(acts, r)
				},
				Refused: func(note string) { notes = append(notes, note) },
			})
		}()
		send := func(datagram, answer string, want ...Request) {
			t.Helper()
			acts = nil
			conn.in <- string(wire(datagram))
			synctest.Wait()
			got := "nothing"
			if len(conn.out) > 0 {
				got = <-conn.out
			}
			if got != answer || fmt.Sprint(acts) != fmt.Sprint(want) {
				t.Errorf("answer %q, acts %v; want %q, %v", got, acts, answer, want)
			}
		}

		const ok = "SIP/2.0 200 OK to 192.0.2.1:5070"
		send("\n\n", "nothing")
		send(checkSync, ok, Resync)
		time.Sleep(lifetime - time.Nanosecond)
		send(checkSync, ok)
		time.Sleep(time.Nanosecond)
		send(checkSync, ok, Resync)
		send(edit(t, checkSync, "7 NOTIFY", "8 NOTIFY", "check-sync", "check-sync;reboot=true"), ok, Reboot)
		refused := edit(t, checkSync, "check-sync", "dialog")
		for range 3 {
			send(refused, "SIP/2.0 489 Bad Event to 192.0.2.1:5070")
		}
		time.Sleep(between)
		send(refused, "SIP/2.0 489 Bad Event to 192.0.2.1:5070")
		note := "SIP NOTIFY from 192.0.2.1:40000 is answered 489 Bad Event: " +
			"its event is dialog, and the phone knows check-sync, resync, reboot, reboot_now, restart_now"
		if want := []string{note, note + "; 2 more were refused since the last such note"}; !slices.Equal(notes, want) {
			t.Errorf("notes %q, want %q", notes, want)
		}

		cancel()
		if err := <-ended; !errors.Is(err, context.Canceled) {
			t.Errorf("after the context Serve returns %v, want one that wraps %v", err, context.Canceled)
		}
		<-conn.closed
	})
}

func TestServeReturnsTheErrorOfItsSocket(t *testing.T) {
	conn := newMemory()
	conn.Close()
	if err := Serve(t.Context(), conn, Handlers{}); !errors.Is(err, net.ErrClosed) {
		t.Errorf("Serve returns %v, want one that wraps %v", err, net.ErrClosed)
	}
}

func TestServeWantsUDP(t *testing.T) {
	conn := newMemory()
	conn.peer = &net.UnixAddr{}
	go func() { conn.in <- "x" }()
	if err := Serve(t.Context(), conn, Handlers{}); err == nil || !strings.Contains(err.Error(), "*net.UnixAddr") {
		t.Errorf("Serve returns %v, want an error that names the type *net.UnixAddr", err)
	}
	select {
	case <-conn.closed:
	default:
		t.Error("the socket is open after Serve has returned")
	}
}
