package server

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/netip"
	"time"

	"provsim/internal/role"
	"provsim/internal/role/tunnel"
	"provsim/internal/role/tunnel/snmp"
)

// snmp takes traps, and the answers to polls.
func (v *services) snmp(_ net.PacketConn, _ net.Addr, b []byte) {
	m, err := snmp.Decode(b)
	switch {
	case err != nil || m.Community != v.o.Community || !m.Response && m.Trap == "":
		v.count("snmp, not understood", len(b), errors.New("broken"))
	case m.Response:
		v.count("snmp, answers", len(b), nil)
		v.mu.Lock()
		waiting := v.asked[m.ID]
		delete(v.asked, m.ID)
		v.mu.Unlock()
		if waiting != nil {
			waiting <- m
		}
	default:
		v.mu.Lock()
		name := "trap " + m.Trap
		if v.counts[name] == nil && len(v.counts) >= mostTraps {
			name = "trap, other"
		}
		v.mu.Unlock()
		v.count(name, len(b), nil)
	}
}

// ask sends a poll to a device from port 1161.
func (v *services) ask(device netip.Addr, id uint32) error {
	if v.alive == nil {
		return errors.New("port 1161 is another server's")
	}
	b, err := snmp.Get(v.o.Community, id, snmp.SysUpTime, snmp.SysDescr)
	if err != nil {
		return err
	}
	const agent = 161
	_, err = v.alive.WriteTo(b, net.UDPAddrFromAddrPort(netip.AddrPortFrom(device, agent)))
	v.count("snmp, polls", len(b), err)
	return err
}

func (v *services) pollAll() {
	tick := time.NewTicker(v.o.Poll)
	defer tick.Stop()
	for {
		select {
		case <-v.ctx.Done():
			return
		case <-tick.C:
		}
		for _, t := range v.server.all() {
			if i := t.number.Load(); i >= 0 {
				_ = v.ask(tunnel.Address(int(i)), 0) // counted
			}
		}
	}
}

// poll asks a device for its system group and waits for the answer.
func (v *services) poll(ctx context.Context, device netip.Addr) (string, error) {
	answer := make(chan *snmp.Message, 1)
	v.mu.Lock()
	v.lastID = max(1, (v.lastID+1)&0x7fffffff)
	id := v.lastID
	v.asked[id] = answer
	v.mu.Unlock()
	defer func() {
		v.mu.Lock()
		delete(v.asked, id)
		v.mu.Unlock()
	}()
	if err := v.ask(device, id); err != nil {
		return "", err
	}
	select {
	case m := <-answer:
		return fmt.Sprintf("sysUpTime %s, sysDescr %s\n", m.Values[snmp.SysUpTime], role.Printable(m.Values[snmp.SysDescr])), nil
	case <-time.After(5 * time.Second):
		return "", errors.New("the device does not answer")
	case <-ctx.Done():
		return "", ctx.Err()
	}
}

// get asks a device for its page.
func (v *services) get(ctx context.Context, device netip.Addr) (string, error) {
	ctx, cancel := context.WithTimeout(ctx, 10*time.Second)
	defer cancel()
	transport := &http.Transport{DialContext: v.server.host.Dial, DisableKeepAlives: true, DisableCompression: true}
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, "http://"+device.String()+"/", nil)
	if err != nil {
		return "", err
	}
	resp, err := transport.RoundTrip(req)
	if err != nil {
		return "", err
	}
	defer resp.Body.Close()
	line, _ := bufio.NewReader(io.LimitReader(resp.Body, 4<<10)).ReadString('\n')
	return resp.Status + ": " + role.Printable(line[:max(0, len(line)-1)]) + "\n", nil
}
