package ipoffice

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/netip"
	"os"
	"slices"
	"sync"
	"time"

	"provsim/device"
	"provsim/internal/role"
	"provsim/internal/role/ipoffice/wire"
)

// Options say how units are connected.
type Options struct {
	Shift    int // added to every port (IPO-PORT-4)
	Log      *role.Log
	Recorder *Recorder // nil: one that writes to Log alone
	// Phones has files for Avaya phones; nil: those that the units make are all.
	Phones *os.Root
	// Firmware is the URL of a directory that other files are looked for in; "": none.
	Firmware string
	// Memory opens the memory of a unit; nil: nothing is kept.
	Memory func(device.MAC) (Memory, error)
}

// Group is units that run, and what hears broadcasts for them.
type Group struct {
	o       Options
	servers []*server
	ctx     context.Context
	end     context.CancelFunc
	work    sync.WaitGroup

	mu    sync.Mutex
	heard map[netip.Addr]net.PacketConn // broadcast addresses
}

// MaxUnits is how many units a group has at most.
const MaxUnits = 4096

// Start runs units until Close.
func Start(o Options, units []Config) (*Group, error) {
	if o.Recorder == nil {
		o.Recorder = &Recorder{Log: o.Log}
	}
	g := &Group{o: o, heard: map[netip.Addr]net.PacketConn{}}
	g.ctx, g.end = context.WithCancel(context.Background())
	o.Log.Add(role.Record{Wall: time.Now(), Event: "real", Note: Real})
	for _, c := range units {
		if err := g.add(c); err != nil {
			g.Close()
			return nil, err
		}
	}
	for _, s := range g.servers { // once all are there, because broadcasts go to all
		if err := s.sync(); err != nil {
			g.Close()
			return nil, err
		}
	}
	return g, nil
}

// add makes a unit that has no ports yet.
func (g *Group) add(c Config) error {
	s := &server{g: g, open: map[Port]io.Closer{}, conns: map[net.Conn]Port{}, transfers: make(chan struct{}, mostTransfers)}
	if c.Binds == nil {
		c.Binds = binds
	}
	var stored []byte
	if g.o.Memory != nil {
		var err error
		if s.memory, err = g.o.Memory(c.MAC); err != nil {
			return err
		}
		if stored, err = s.memory.Load(); err != nil && !errors.Is(err, os.ErrNotExist) {
			return errors.Join(err, s.memory.Close())
		}
	}
	now := time.Now()
	unit, acts, err := New(c, stored, now)
	if err != nil {
		if s.memory != nil {
			err = errors.Join(err, s.memory.Close())
		}
		return err
	}
	s.unit = unit
	s.due = time.AfterFunc(time.Hour, s.tick)
	g.servers = append(g.servers, s)
	s.do(func(time.Time) []Action { return acts }, func(Action) {})
	return nil
}

// Close ends all units and waits for them.
func (g *Group) Close() {
	g.end()
	for _, s := range g.servers {
		s.due.Stop()
		s.sync() // closes all ports
		s.hangUp()
	}
	g.mu.Lock()
	for _, conn := range g.heard {
		conn.Close()
	}
	g.mu.Unlock()
	g.work.Wait()
	for _, s := range g.servers {
		if s.memory != nil {
			s.memory.Close()
		}
	}
}

// binds reports whether this machine has an address.
func binds(addr netip.Addr) bool {
	conn, err := net.ListenUDP("udp4", net.UDPAddrFromAddrPort(netip.AddrPortFrom(addr, 0)))
	if err != nil {
		return false
	}
	conn.Close()
	return true
}

// hear opens the broadcast addresses of a network, which a socket of the unit's own
// address does not hear (IPO-TFTP-4).
func (g *Group) hear(lan netip.Prefix) error {
	g.mu.Lock()
	defer g.mu.Unlock()
	for _, addr := range []netip.Addr{netip.AddrFrom4([4]byte{255, 255, 255, 255}), broadcastOf(lan)} {
		if g.heard[addr] != nil || g.ctx.Err() != nil {
			continue
		}
		at := g.at(Port{Addr: addr, Number: 69})
		conn, err := listenBroadcast(g.ctx, at)
		if err != nil {
			return fmt.Errorf("broadcasts at %v: %w", at, err)
		}
		g.heard[addr] = conn
		g.work.Go(func() { g.broadcasts(conn.(*net.UDPConn)) })
	}
	return nil
}

// broadcastOf returns the last address of a network.
func broadcastOf(lan netip.Prefix) netip.Addr {
	b := lan.Masked().Addr().As4()
	for i := lan.Bits(); i < 32; i++ {
		b[i/8] |= 0x80 >> (i % 8)
	}
	return netip.AddrFrom4(b)
}

// broadcasts has the units answer whose network a broadcast comes from: no router lets
// it pass (IPO-TFTP-3). One that asks for something else is recorded once.
func (g *Group) broadcasts(conn *net.UDPConn) {
	buf := make([]byte, 2048)
	for {
		n, from, err := conn.ReadFromUDPAddrPort(buf)
		if errors.Is(err, net.ErrClosed) {
			return
		}
		if err != nil {
			continue
		}
		datagram := slices.Clone(buf[:n])
		name, _, ok := request(datagram)
		if !ok || !wire.IsWhoIs(name) {
			g.o.Recorder.datagram(device.MAC{}, 69, from, datagram)
			continue
		}
		for _, s := range g.servers {
			if s.lan1().Contains(from.Addr()) {
				s.tftp(from, datagram, true)
			}
		}
	}
}

// Tables returns the units, for a page.
func (g *Group) Tables() []role.Table {
	t := role.Table{Title: "Units", Columns: []string{"Address", "Name", "MAC", "Level", "State"}, Note: Real}
	for _, s := range g.servers {
		s.mu.Lock()
		state := "runs"
		if !s.unit.down.IsZero() {
			state = "reboots"
		}
		t.Rows = append(t.Rows, []string{s.unit.LAN("lan1").String(), s.unit.Name(), s.unit.c.MAC.Colons(), s.unit.c.Level.String(), state})
		s.mu.Unlock()
	}
	return []role.Table{t}
}
