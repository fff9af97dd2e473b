package main

import (
	"context"
	"fmt"
	"io"
	"net/netip"
	"strconv"
	"time"

	"provsim/device"
	"provsim/internal/dhcp"
)

// pause waits a moment between two looks.
func pause(ctx context.Context) error {
	select {
	case <-ctx.Done():
		return ctx.Err()
	case <-time.After(20 * time.Millisecond):
		return nil
	}
}

// dhcpLoad switches new clients on behind a relay agent, so many a second, and
// prints how many of them have a lease a second after the last one.
func dhcpLoad(ctx context.Context, to io.Writer, rateText string) error {
	rate, err := strconv.Atoi(rateText)
	if err != nil || rate < 1 {
		return fmt.Errorf("rate %q, want a number above 0", rateText)
	}
	relay, err := dhcp.OpenRelay(dhcp.RelayConfig{Server: dhcpServer, Listen: dhcpAgent})
	if err != nil {
		return err
	}
	defer relay.Close()
	clients := make([]dhcp.Client, rate*dhcpSeconds)
	for i := range clients {
		clients[i].MAC = device.MAC{0, 0x21, 0xf2, byte(i >> 16), byte(i >> 8), byte(i)}
	}
	agent, err := dhcp.NewAgent(relay, 1, clients)
	if err != nil {
		return err
	}
	replies := make(chan *dhcp.Reply, 1<<16)
	go relay.Receive(func(r *dhcp.Reply) { replies <- r })
	leased := map[netip.Addr]int{}
	if err := offer(ctx, agent, rate, len(clients), replies, leased); err != nil {
		return err
	}
	_, err = fmt.Fprintln(to, "leases", len(leased))
	return err
}

// offer paces by the schedule, not by the last client, so that a slow server
// does not lower the rate.
func offer(ctx context.Context, agent *dhcp.Agent, rate, clients int, replies <-chan *dhcp.Reply, leased map[netip.Addr]int) error {
	start := time.Now()
	end := time.Duration(dhcpSeconds+1) * time.Second
	tick := time.NewTicker(time.Millisecond)
	defer tick.Stop()
	for next := 0; ; {
		now := time.Since(start)
		if now >= end {
			return nil
		}
		for ; next < clients && time.Duration(next)*time.Second/time.Duration(rate) <= now; next++ {
			agent.Step(next, dhcp.Input{Kind: dhcp.Start, Now: now}, nil)
		}
		select {
		case <-ctx.Done():
			return ctx.Err()
		case <-tick.C:
		case r := <-replies:
			if err := take(agent, r, time.Since(start), leased); err != nil {
				return err
			}
		}
	}
}

// take hands a reply to its client, and books the lease that it may bring.
func take(agent *dhcp.Agent, r *dhcp.Reply, now time.Duration, leased map[netip.Addr]int) error {
	i, ok := agent.Owner(r)
	if !ok {
		return nil
	}
	for _, a := range agent.Step(i, dhcp.Input{Kind: dhcp.Receive, Now: now, Reply: r}, nil) {
		if a.Do != dhcp.Use {
			continue
		}
		if other, taken := leased[r.Lease.Addr]; taken && other != i {
			return fmt.Errorf("clients %d and %d have the same address %v", other, i, r.Lease.Addr)
		}
		leased[r.Lease.Addr] = i
	}
	return nil
}
