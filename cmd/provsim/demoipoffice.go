package main

import (
	"crypto/rand"
	"errors"
	"fmt"
	"net/netip"
	"time"

	"provsim/internal/role"
	"provsim/internal/role/ipoffice"
	"provsim/internal/role/ipoffice/manager"
)

// Where the story's units and their Manager are. Ports are shifted, so that the story
// needs no privileges.
const (
	ipOfficeShift = 8200
	ipManagerAt   = "127.0.42.100/24"
	localUnitAt   = "127.0.42.1/24"
	remoteUnitAt  = "127.0.43.1/24"
)

// ipOfficeStory runs two units on loopback and tells how a Manager finds them, as the
// document's four scenarios do.
func ipOfficeStory(e *env) error {
	local, remote := netip.MustParsePrefix(localUnitAt), netip.MustParsePrefix(remoteUnitAt)
	level, err := ipoffice.ParseLevel("3.2(17)")
	if err != nil {
		return err
	}
	var units []ipoffice.Config
	for _, at := range []struct {
		name string
		lan1 netip.Prefix
	}{{"LOCAL", local}, {"REMOTE", remote}} {
		u := ipoffice.Config{MAC: ipoffice.MACOf(at.lan1.Addr()), Level: level, Random: rand.Reader, Security: ipoffice.DefaultSecurity(), Records: ipoffice.Records{"system.name": at.name}}
		u.Records.SetLAN("lan1", at.lan1)
		u.Records.AddUsers(ipoffice.Extensions(3))
		units = append(units, u)
	}
	out := &sharedWriter{w: e.out}
	fmt.Fprintf(out, "A Manager, %s, looks for IP Office units: LOCAL, %s, is on its network,\nREMOTE, %s, is behind a router.\n\n", ipManagerAt, localUnitAt, remoteUnitAt)
	g, err := ipoffice.Start(ipoffice.Options{Shift: ipOfficeShift, Log: role.NewLog(out, false, time.Now())}, units)
	if err != nil {
		return cannot(err, "the story needs the addresses 127.0.42.1 and 127.0.43.1 of loopback")
	}
	defer g.Close()
	o := manager.Options{
		From: netip.MustParsePrefix(ipManagerAt), Shift: ipOfficeShift, Timeout: 2 * time.Second, Target: manager.Everyone, UDP: true, TCP: true,
		Warn: func(text string) { fmt.Fprintf(e.err, "provsim: warning: %s\n", text) },
	}
	for _, s := range []struct {
		title, result string
		change        func()
	}{
		{"1. A broadcast on the Manager's own network", "the unit there answers; a router lets no broadcast pass", func() {}},
		{"2. The address of the unit behind the router", "an echo, then TCP on port 50802", func() { o.Target = remote.Addr() }},
		{"3. A list of addresses, without UDP", "all are asked by TCP at the same time", func() {
			o.Target, o.UDP, o.Search = manager.Everyone, false, []netip.Addr{local.Addr(), remote.Addr()}
		}},
		{"4. A broadcast and the list at once", "a unit that is found twice is one row", func() { o.UDP = true }},
	} {
		s.change()
		fmt.Fprintf(out, "\n%s\n", s.title)
		found, err := manager.Discover(e.ctx, o)
		if err != nil {
			return cannot(err, "")
		}
		for _, u := range found {
			fmt.Fprintf(out, "   %-7s %v  %s  found by %s\n", u.Name, u.Addr, u.Level, u.Words())
		}
		fmt.Fprintf(out, "=> %s\n", s.result)
	}
	fmt.Fprint(out, "\n5. The configuration of the remote unit, by a service user\n")
	_, err = manager.Login(e.ctx, o, remote.Addr(), ipoffice.DefaultBase, manager.Account{User: "Administrator", Password: "mistaken"})
	var refused *manager.Failure
	if !errors.As(err, &refused) {
		return cannot(fmt.Errorf("a wrong password: %w", err), "")
	}
	fmt.Fprintf(out, "   a wrong password: %s\n", refused.Note)
	link, err := manager.Login(e.ctx, o, remote.Addr(), ipoffice.DefaultBase, manager.Account{User: "Administrator", Password: "Administrator"})
	if err != nil {
		return cannot(err, "")
	}
	defer link.Close()
	config, err := link.Read(ipoffice.ConfigName)
	if err != nil {
		return cannot(err, "")
	}
	fmt.Fprintf(out, "   the right one: %d bytes in the same stream\n=> neither name nor password was on the wire; these bytes are provsim's own, and a genuine Manager speaks others\n", len(config))
	fmt.Fprint(out, "\nThe end. Next: doc/ip-office.md, to run units and a Manager by themselves.\n")
	return nil
}
