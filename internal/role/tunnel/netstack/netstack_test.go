package netstack_test

import (
	"bytes"
	"context"
	"errors"
	"io"
	"net"
	"net/netip"
	"runtime"
	"syscall"
	"testing"
	"time"

	"provsim/internal/role/tunnel/netstack"
)

var (
	serverAddr = netip.MustParseAddr("169.254.0.1")
	deviceAddr = netip.MustParseAddr("169.254.1.2")
)

// pair returns two stacks with a host each, whose packets go to one another
// through buffered channels, as they do through a tunnel.
func pair(t *testing.T) (server, device *netstack.Host, deviceStack *netstack.Stack) {
	t.Helper()
	up, down := make(chan []byte, 4096), make(chan []byte, 4096)
	done := make(chan struct{})
	stack := func(out, in chan []byte) *netstack.Stack {
		s, err := netstack.New(1280, func(p []byte) {
			select {
			case out <- p:
			default:
			}
		})
		if err != nil {
			t.Fatal(err)
		}
		ended := make(chan struct{})
		go func() {
			defer close(ended)
			for {
				select {
				case p := <-in:
					s.Deliver(p)
				case <-done:
					return
				}
			}
		}()
		t.Cleanup(func() { <-ended; s.Close() })
		return s
	}
	a, b := stack(down, up), stack(up, down)
	t.Cleanup(func() { close(done) })
	server, err := a.Add(serverAddr)
	if err != nil {
		t.Fatal(err)
	}
	device, err = b.Add(deviceAddr)
	if err != nil {
		t.Fatal(err)
	}
	return server, device, b
}

func patient(t *testing.T) context.Context {
	ctx, cancel := context.WithTimeout(context.Background(), time.Minute)
	t.Cleanup(cancel)
	return ctx
}

// WT-SVC-1: TCP and UDP between two stacks in one process, as an ordinary user.
func TestConnections(t *testing.T) {
	server, device, _ := pair(t)
	listener, err := server.ListenTCP(80)
	if err != nil {
		t.Fatal(err)
	}
	sent := bytes.Repeat([]byte("provsim!"), 1<<17)
	go func() {
		c, err := listener.Accept()
		if err != nil {
			return
		}
		c.Write(sent)
		c.Close()
	}()
	c, err := device.Dial(patient(t), "tcp", "169.254.0.1:80")
	if err != nil {
		t.Fatal(err)
	}
	got, err := io.ReadAll(c)
	if err != nil || !bytes.Equal(got, sent) {
		t.Fatalf("%d bytes of %d, %v", len(got), len(sent), err)
	}
	if from := c.LocalAddr().(*net.TCPAddr).IP.String(); from != deviceAddr.String() {
		t.Errorf("the connection comes from %s", from)
	}
	c.Close()
	packets, err := server.ListenUDP(514)
	if err != nil {
		t.Fatal(err)
	}
	u, err := device.Dial(patient(t), "udp", "169.254.0.1:514")
	if err != nil {
		t.Fatal(err)
	}
	defer u.Close()
	u.Write([]byte("<134>x"))
	b := make([]byte, 100)
	packets.SetReadDeadline(time.Now().Add(time.Minute))
	n, from, err := packets.ReadFrom(b)
	if err != nil || string(b[:n]) != "<134>x" || from.(*net.UDPAddr).IP.String() != deviceAddr.String() {
		t.Errorf("%q from %v, %v", b[:n], from, err)
	}
	if _, err := device.Dial(patient(t), "tcp", "169.254.0.1:81"); !errors.Is(err, syscall.ECONNREFUSED) {
		t.Errorf("a closed port: %v", err)
	}
	for _, address := range []string{"example.com:80", "[::1]:80", "x"} {
		if _, err := device.Dial(patient(t), "tcp", address); err == nil {
			t.Errorf("%s is dialled", address)
		}
	}
}

// WT-LIFE-4: the connections of a host end with it.
func TestAHostLeaves(t *testing.T) {
	server, device, stack := pair(t)
	listener, err := server.ListenTCP(80)
	if err != nil {
		t.Fatal(err)
	}
	go func() {
		for {
			if _, err := listener.Accept(); err != nil {
				return
			}
		}
	}()
	c, err := device.Dial(patient(t), "tcp", "169.254.0.1:80")
	if err != nil {
		t.Fatal(err)
	}
	failed := make(chan error, 1)
	go func() { _, err := c.Read(make([]byte, 1)); failed <- err }()
	device.Close()
	if err := <-failed; err == nil {
		t.Error("a connection outlives its host")
	}
	c.Close()
	if _, err := device.Dial(patient(t), "tcp", "169.254.0.1:80"); err == nil {
		t.Error("a host that has left dials")
	}
	if _, err := stack.Add(deviceAddr); err != nil {
		t.Errorf("the address is not free: %v", err)
	}
	if _, err := stack.Add(deviceAddr); err == nil {
		t.Error("two hosts have one address")
	}
}

// What comes for a device and no socket waits for is answered, up to a bound.
func TestAnswer(t *testing.T) {
	server, _, stack := pair(t)
	stack.Answer(2, []uint16{80, 161}, func(c net.Conn) {
		b := make([]byte, 10)
		n, _ := c.Read(b)
		c.Write(append([]byte(c.LocalAddr().String()+" "), b[:n]...))
	})
	for _, network := range []string{"tcp", "udp"} {
		c, err := server.Dial(patient(t), network, "169.254.1.2:161")
		if err != nil {
			t.Fatal(err)
		}
		c.SetDeadline(time.Now().Add(time.Minute))
		c.Write([]byte("hello"))
		b := make([]byte, 100)
		n, err := c.Read(b)
		if string(b[:n]) != "169.254.1.2:161 hello" {
			t.Errorf("%s: %q, %v", network, b[:n], err)
		}
		c.Close()
	}
	if _, err := server.Dial(patient(t), "tcp", "169.254.1.2:22"); !errors.Is(err, syscall.ECONNREFUSED) {
		t.Errorf("another port: %v", err)
	}
}

// WT-FLT-5: thousands of idle devices share one stack and have no goroutine.
func TestIdleHostsAreCheap(t *testing.T) {
	const hosts = 2000
	s, err := netstack.New(1280, func([]byte) {})
	if err != nil {
		t.Fatal(err)
	}
	defer s.Close()
	before := runtime.NumGoroutine()
	var m0, m1 runtime.MemStats
	runtime.GC()
	runtime.ReadMemStats(&m0)
	all := make([]*netstack.Host, hosts)
	for i := range all {
		if all[i], err = s.Add(netip.AddrFrom4([4]byte{169, 254, byte(1 + i>>8), byte(i)})); err != nil {
			t.Fatal(err)
		}
	}
	runtime.GC()
	runtime.ReadMemStats(&m1)
	each := int64(m1.HeapAlloc-m0.HeapAlloc) / hosts
	t.Logf("%d bytes a host", each)
	if each > 7<<10 || runtime.NumGoroutine() > before {
		t.Errorf("%d bytes a host, %d goroutines more", each, runtime.NumGoroutine()-before)
	}
	for _, h := range all {
		h.Close()
	}
}
