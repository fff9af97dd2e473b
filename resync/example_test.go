package resync_test

import (
	"fmt"
	"time"

	"provsim/resync"
)

// A phone boots, resyncs, and finds its configuration unchanged.
func Example() {
	set := resync.Settings{Jobs: [2]resync.Schedule{{
		Job: resync.Resync, AtBoot: resync.CausesOf(resync.PowerOn), Spread: 40 * time.Second,
		Every: resync.Every(time.Hour), Retry: resync.Every(10 * time.Minute),
	}}}
	var phone resync.Machine
	var acts []resync.Action

	phone.Step(&resync.Input{Kind: resync.Boot, Settings: &set, Cause: resync.PowerOn}, nil)
	phone.Step(&resync.Input{Kind: resync.Online, Rand: 1 << 63}, nil)
	now := phone.Deadline()
	fmt.Println("the random delay is", now)

	acts = phone.Step(&resync.Input{Kind: resync.Tick, Now: now}, acts)
	fmt.Println("to do:", len(acts), "- the last is to start a", acts[len(acts)-1].Job)

	phone.Step(&resync.Input{Kind: resync.Done, Now: now, Job: resync.Resync, Outcome: resync.Unchanged}, nil)
	fmt.Println("the next one is due at", phone.Deadline())
	// Output:
	// the random delay is 20s
	// to do: 2 - the last is to start a resync
	// the next one is due at 1h0m20s
}
