package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"time"
)

// How long each turn is, and how many there are.
const (
	fleetTurn   = 2 * time.Second
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
		switch kind {
		case "http":
			err = f.http(ctx, to, vegetaProgram)
		case "https":
			err = f.https(ctx, to, vegetaProgram)
		case "tftp":
			err = f.tftp(ctx, to)
		}
		failures = errors.Join(failures, err)
	}
	return failures
}

// http is a new connection for each file, 64 at once.
func (f *farm) http(ctx context.Context, to io.Writer, vegetaProgram string) error {
	const parallel = 64
	url := fmt.Sprintf("http://%v/IP542N.conf", f.plain)
	phones, err := own("provsim", "fleet-load", "-rule", fmt.Sprintf("http://%v/$PN.conf?mac=$MA", f.plain),
		"-parallel", fmt.Sprint(parallel), "-for", fleetTurn.String())
	if err != nil {
		return err
	}
	return f.compare(ctx, to, "HTTP, files of 2 KB from nginx, a new connection each, 64 at once, files/s",
		phones, wrk(url, parallel, fleetTurn), ab(url, "", parallel, fleetTurn), vegeta(vegetaProgram, url, parallel, fleetTurn))
}

// https is a full handshake for each file, with a client certificate.
func (f *farm) https(ctx context.Context, to io.Writer, vegetaProgram string) error {
	const parallel = 32
	url := fmt.Sprintf("https://%v/IP542N.conf", f.secure)
	phones, err := own("provsim, a certificate each", "fleet-load", "-rule", fmt.Sprintf("https://%v/$PN.conf?mac=$MA", f.secure),
		"-parallel", fmt.Sprint(parallel), "-for", fleetTurn.String(), "-certs", f.certs)
	if err != nil {
		return err
	}
	ca, cert, key := f.clientFiles()
	return f.compare(ctx, to, "HTTPS, files of 2 KB from nginx, a full handshake each with a client certificate (ECDSA P-256), 32 at once, files/s",
		phones, ab(url, f.pair(), parallel, fleetTurn),
		vegeta(vegetaProgram, url, parallel, fleetTurn, "-root-certs="+ca, "-cert="+cert, "-key="+key, "-session-tickets=false"))
}

// tftp is a new socket for each file.
func (f *farm) tftp(ctx context.Context, to io.Writer) error {
	var failures error
	for _, parallel := range []int{64, 1000, 2000} {
		common := []string{"-parallel", fmt.Sprint(parallel), "-for", (2 * fleetTurn).String()}
		phones, err := own("provsim", append([]string{"fleet-load", "-rule", fmt.Sprintf("tftp://%v/$PN.conf", f.files)}, common...)...)
		if err != nil {
			return err
		}
		server := append([]string{"-server", f.files.String(), "-file", "IP542N.conf"}, common...)
		bare, _ := own("bare sockets", append([]string{"bare-load"}, server...)...)
		pin, _ := own("pin/tftp", append([]string{"pin-load"}, server...)...)
		failures = errors.Join(failures, f.compare(ctx, to,
			fmt.Sprintf("TFTP, files of 2 KB from dnsmasq, %d at once, files/s", parallel), phones, bare, pin))
	}
	return failures
}

// compare writes the table of one comparison, provsim first.
func (f *farm) compare(ctx context.Context, to io.Writer, title string, programs ...loadProgram) error {
	var fighters []fighter
	for _, p := range programs {
		fighters = append(fighters, p.fighter())
	}
	scores, failures := duel{rounds: fleetRounds, pause: 100 * time.Millisecond}.fight(ctx, fighters)
	t := table{title: title}
	t.add("contender", "rounds", "files/s", "provsim's rate is", "its own processor time, µs/file")
	for i, s := range scores {
		t.add(programs[i].name, fmt.Sprint(len(s.rates)), s.cell(s.rates), scores[0].versus(s), s.cell(s.costs))
	}
	return errors.Join(t.write(to), failures)
}
