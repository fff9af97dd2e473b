package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"time"
)

// How long each turn is, and how many there are. A turn over HTTPS is so long
// that most phones ask more than once: reading its certificate is a phone's first
// step and not its daily work.
const (
	fleetTurn   = 2 * time.Second
	secureTurn  = 3 * fleetTurn
	fleetRounds = 7
)

// fleets measures phones with their real fetchers beside programs that only
// load a server: over HTTP, over HTTPS with client certificates, over TFTP.
func fleets(ctx context.Context, to io.Writer, dir, vegetaProgram string, kinds ...string) error {
	f, err := newFarm(ctx, dir)
	if err != nil {
		return err
	}
	defer f.stop()
	var failures error
	for _, kind := range kinds {
		if kind != "tftp" {
			if err := f.anew(ctx, "nginx"); err != nil {
				return errors.Join(failures, err)
			}
		}
		switch kind {
		case "http":
			err = f.http(ctx, to, vegetaProgram)
		case "https":
			err = f.https(ctx, to, vegetaProgram)
		case "tftp":
			err = f.tftp(ctx, to)
		case "dashboard":
			err = f.watched(ctx, to)
		}
		failures = errors.Join(failures, err)
	}
	return failures
}

// http is a new connection for each file.
func (f *farm) http(ctx context.Context, to io.Writer, vegetaProgram string) error {
	url := fmt.Sprintf("http://%v/IP542N.conf", f.plain)
	var failures error
	for _, parallel := range []int{64, 256} {
		phones, err := own("provsim", "fleet-load", "-rule", fmt.Sprintf("http://%v/$PN.conf?mac=$MA", f.plain),
			"-parallel", fmt.Sprint(parallel), "-for", fleetTurn.String())
		if err != nil {
			return err
		}
		failures = errors.Join(failures, fleetDuel(breathe).compare(ctx, to,
			fmt.Sprintf("HTTP, files of 2 KB from nginx, a new connection each, %d at once, files/s", parallel),
			phones, wrk(url, parallel, fleetTurn), ab(url, "", parallel, fleetTurn), vegeta(vegetaProgram, url, parallel, fleetTurn)))
	}
	return failures
}

// https is a full handshake for each file, with a client certificate.
func (f *farm) https(ctx context.Context, to io.Writer, vegetaProgram string) error {
	const parallel = 32
	url := fmt.Sprintf("https://%v/IP542N.conf", f.secure)
	phones, err := own("provsim, a certificate each", "fleet-load", "-rule", fmt.Sprintf("https://%v/$PN.conf?mac=$MA", f.secure),
		"-parallel", fmt.Sprint(parallel), "-for", secureTurn.String(), "-certs", f.certs)
	if err != nil {
		return err
	}
	ca, cert, key := f.clientFiles()
	return fleetDuel(breathe).compare(ctx, to, "HTTPS, files of 2 KB from nginx, a full handshake each with a client certificate (ECDSA P-256), 32 at once, files/s",
		phones, ab(url, f.pair(), parallel, secureTurn),
		vegeta(vegetaProgram, url, parallel, secureTurn, "-root-certs="+ca, "-cert="+cert, "-key="+key, "-session-tickets=false"))
}

// tftp is a new socket for each file. Each turn has a new server: dnsmasq keeps
// what a contender has left unfinished for minutes, and gets slower by it.
func (f *farm) tftp(ctx context.Context, to io.Writer) error {
	var failures error
	for _, parallel := range []int{64, 1000, 2000} {
		failures = errors.Join(failures, f.tftpDuel(ctx, to, fmt.Sprintf("%d at once again and again", parallel),
			"-parallel", fmt.Sprint(parallel), "-for", (2*fleetTurn).String()))
	}
	for _, phones := range []int{1000, 2000} {
		failures = errors.Join(failures, f.tftpDuel(ctx, to, fmt.Sprintf("%d at once until the last has its file", phones),
			"-parallel", fmt.Sprint(phones), "-burst", "-for", time.Minute.String()))
	}
	return failures
}

// tftpDuel compares provsim with what else can fetch by TFTP.
func (f *farm) tftpDuel(ctx context.Context, to io.Writer, what string, load ...string) error {
	phones, err := own("provsim", append([]string{"fleet-load", "-rule", fmt.Sprintf("tftp://%v/$PN.conf", f.files)}, load...)...)
	if err != nil {
		return err
	}
	server := append([]string{"-server", f.files.String(), "-file", "IP542N.conf"}, load...)
	bare, _ := own("bare sockets", append([]string{"bare-load"}, server...)...)
	pin, _ := own("pin/tftp", append([]string{"pin-load"}, server...)...)
	patient, _ := own("pin/tftp, the phones' schedule", append([]string{"phone-pin-load"}, server...)...)
	anew := func() error { return f.anew(ctx, "dnsmasq") }
	return fleetDuel(anew).compare(ctx, to, "TFTP, files of 2 KB from dnsmasq, "+what+", files/s", phones, bare, pin, patient)
}

// fleetDuel returns a duel with something to do before each turn.
func fleetDuel(before func() error) duel {
	return duel{rounds: fleetRounds, before: before}
}

// breathe lets the server forget the contender.
func breathe() error {
	time.Sleep(100 * time.Millisecond)
	return nil
}

// compare writes the table of one comparison, provsim first.
func (d duel) compare(ctx context.Context, to io.Writer, title string, programs ...loadProgram) error {
	var fighters []fighter
	for _, p := range programs {
		fighters = append(fighters, p.fighter())
	}
	scores, failures := d.fight(ctx, fighters)
	t := table{title: title}
	t.add("contender", "rounds", "files/s", "provsim's rate is", "its own processor time, µs/file")
	for i, s := range scores {
		t.add(programs[i].name, fmt.Sprint(len(s.rates)), s.cell(s.rates), scores[0].versus(s), s.cell(s.costs))
	}
	return errors.Join(t.write(to), failures)
}
