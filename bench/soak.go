package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/netip"
	"time"
)

// soakPhones are many for a server that also fails.
const soakPhones = 20000

// soakScenario is a day in little: the phones ask twice a minute, talk, lose
// their power and are restarted, and the server fails them now and then.
const soakScenario = `name: soak
description: phones and a server with faults
seed: 1
devices: %[1]d
duration: %[2]v
population:
  profile-rule: http://%[3]v/$PN.conf?mac=$MA
  version: "2208"
  timeout: 5s
  boot-time: 5s
  settings:
    - set: {Resync Random Delay: 30, Resync Periodic: 30, Resync Error Retry Delay: 20}
events:
  - at: 20s
    calls: {devices: 10%%, per-hour: 20, length: 20s}
  - at: 40s
    every: 1m
    power-cut: {devices: 10%%, for: 5s, over: 5s}
  - at: 70s
    every: 1m
    reboot: {devices: 5%%, over: 10s}
`

// soak runs a fleet for a while against nginx whose answers are wrong, slow or
// none for four in a hundred requests, and that is away for ten seconds of each
// two minutes.
func soak(ctx context.Context, to io.Writer, dir, program string, length time.Duration) error {
	f, err := newFarm(ctx, dir, "nginx")
	if err != nil {
		return err
	}
	defer f.stop()
	outages, end := context.WithCancel(ctx)
	defer end()
	failing := make(chan error, 1)
	go func() { failing <- f.outages(outages) }()

	tab := table{title: fmt.Sprintf("Soak: %d phones, nginx with faults, %v", soakPhones, length)}
	tab.add("part", "goroutines", "most", "descriptors", "most", "resident, MB", "most")
	const rows = 10
	var parts [rows][]vitals
	t := trial{
		program: program, dir: dir, length: length, rows: rows,
		scenario: soakText(f.faulty, length),
	}
	s, err := t.run(ctx, func(n int, seen []vitals) {
		parts[n] = seen
		usual, peak := quiet(seen), most(seen)
		tab.add(fmt.Sprintf("%d of %d", n+1, rows), significant(usual.goroutines), significant(peak.goroutines),
			significant(usual.descriptors), significant(peak.descriptors), significant(usual.memory), significant(peak.memory))
	})
	end()
	if err := errors.Join(err, <-failing); err != nil {
		return err
	}
	return errors.Join(tab.write(to), s.tell(to), s.accounted(most(parts[rows-1])), growth(parts[1], parts[rows-1]))
}

func soakText(server netip.AddrPort, length time.Duration) string {
	return fmt.Sprintf(soakScenario, soakPhones, length, server)
}

// soakLength reads how long a soak is: ten minutes, unless a user says otherwise.
func soakLength(args []string) (time.Duration, error) {
	if len(args) == 0 {
		return 10 * time.Minute, nil
	}
	length, err := time.ParseDuration(args[0])
	if err == nil && length < time.Minute {
		err = fmt.Errorf("soak of %v, want at least a minute", length)
	}
	return length, err
}

// outages takes nginx away and brings it back, until the context ends.
func (f *farm) outages(ctx context.Context) error {
	const up, down = 110 * time.Second, 10 * time.Second
	for {
		if !rest(ctx, up) {
			return nil
		}
		f.stop()
		back := rest(ctx, down)
		if err := f.start(context.WithoutCancel(ctx), "nginx"); err != nil || !back {
			return err
		}
	}
}

// rest waits, and reports false where the context ends.
func rest(ctx context.Context, length time.Duration) bool {
	timer := time.NewTimer(length)
	defer timer.Stop()
	select {
	case <-ctx.Done():
		return false
	case <-timer.C:
		return true
	}
}

// growth compares the second part of a run, when all is warm, with the last one.
func growth(early, late []vitals) error {
	if len(early) == 0 || len(late) == 0 {
		return errors.New("the fleet did not show its metrics")
	}
	before, after := quiet(early), quiet(late)
	var err error
	for _, figure := range []struct {
		what          string
		before, after float64
		slack         float64 // that a passing transfer may take
	}{
		{"goroutines", before.goroutines, after.goroutines, 100},
		{"descriptors", before.descriptors, after.descriptors, 100},
		{"MB resident", before.memory, after.memory, 8},
	} {
		if figure.after > 1.1*figure.before+figure.slack {
			err = errors.Join(err, fmt.Errorf("%s grew from %s to %s", figure.what, significant(figure.before), significant(figure.after)))
		}
	}
	return err
}
