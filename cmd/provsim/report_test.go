package main

import (
	"strconv"
	"time"

	"github.com/rogpeppe/go-internal/testscript"

	"provsim/device"
	"provsim/internal/journal"
	"provsim/internal/report"
	"provsim/internal/tally"
	"provsim/resync"
)

// writeResults is the script command 'results DIR SCENARIO SHARD SHARDS
// MILLISECONDS': a shard of a run of eight phones whose resyncs take so long, and
// of which the last fails.
func writeResults(ts *testscript.TestScript, _ bool, args []string) {
	number := func(i int) int {
		n, err := strconv.Atoi(args[i])
		ts.Check(err)
		return n
	}
	shard, shards, took := number(2), number(3), time.Duration(number(4))*time.Millisecond
	one := tally.New(tally.Config{
		Devices: 8 / shards, Duration: time.Minute,
		Index: func(m device.MAC) int { return int(m[5]) / shards },
	})
	for i := shard; i < 8; i += shards {
		done := device.Event{Kind: device.ResyncDone, Job: resync.Resync, Outcome: resync.Applied, Took: took, Bytes: 100}
		if i == 7 {
			done.Outcome = resync.NotFound
		}
		for _, r := range []journal.Record{
			{Event: device.Event{Kind: device.Booted, Cause: resync.PowerOn}},
			{Event: device.Event{Kind: device.Leased}},
			{T: time.Second, Event: device.Event{Kind: device.ResyncStart, Job: resync.Resync, Due: time.Second}},
			{T: time.Second + took, Event: done},
		} {
			r.Device = device.MAC{0, 0x21, 0xf2, 0, 0, byte(i)}
			ts.Check(one.Add(&r))
		}
	}
	one.End(time.Minute)
	run := tally.Run{
		Scenario: args[1], Digest: args[1], Seed: 1, Shard: shard, Shards: shards, Virtual: true,
		Version: "v0", Machine: report.ThisMachine(),
	}
	ts.Check(report.New(run, one.Totals(), nil).Write(ts.MkAbs(args[0])))
}
