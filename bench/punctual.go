package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/netip"
	"time"
)

// punctualScenario has a thousand resyncs a second, evenly.
const punctualScenario = `name: punctual
description: a thousand resyncs a second
seed: 1
devices: 10000
duration: %[1]v
population:
  profile-rule: http://%[2]v/$PN.conf?mac=$MA
  version: "2208"
  settings:
    - set: {Resync Random Delay: 10, Resync Periodic: 10, Resync Error Retry Delay: 10}
`

func punctualText(server netip.AddrPort, length time.Duration) string {
	return fmt.Sprintf(punctualScenario, length, server)
}

// mostLag is how late the start of one resync in a hundred may be.
const mostLag = 20 * time.Millisecond

// punctual measures how long after its time a resync starts.
func punctual(ctx context.Context, to io.Writer, dir, program string) error {
	f, err := newFarm(ctx, dir, "nginx")
	if err != nil {
		return err
	}
	defer f.stop()
	const length = time.Minute
	t := trial{program: program, dir: dir, length: length, rows: 1, scenario: punctualText(f.plain, length)}
	s, err := t.run(ctx, func(int, []vitals) {})
	if err != nil {
		return err
	}
	if len(s.Jobs) == 0 {
		return errors.New("the fleet has started no resync")
	}
	tab := table{title: "Punctuality: 10,000 phones, 1,000 resyncs a second, ms behind the schedule"}
	tab.add("resyncs", "p50", "p99", "largest")
	late := s.times("lag")
	tab.add(fmt.Sprint(s.Jobs[0].Started), significant(late.P50*1e3), significant(late.P99*1e3), significant(late.Max*1e3))
	if err := tab.write(to); err != nil {
		return err
	}
	if late.P99 > mostLag.Seconds() {
		return fmt.Errorf("one start in a hundred was %.3g ms late, want less than %v", late.P99*1e3, mostLag)
	}
	return nil
}
