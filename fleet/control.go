package fleet

import (
	"fmt"
	"time"

	"provsim/device"
)

// Control is how others look at a run on the wall clock, and act in it. Its
// methods may be called from any goroutine, and do not wait.
type Control struct {
	stage *stage
	asked int // events so far; of the run's goroutine
}

// Look calls f in the run's goroutine and between two steps, so f must be quick.
// After the run's end f is not called any more.
func (c *Control) Look(f func(Progress)) {
	c.stage.driver.Look(0, func(_ *device.Device, now time.Duration) { f(c.stage.progress(now)) })
}

// Happen makes an event happen as soon as may be, once, as if the scenario had
// it. The error is a *[ScenarioError], or says that only a plan knows events of
// the kind. A run in which something was made to happen is not its scenario's any
// more: its shards cannot be merged with others.
func (c *Control) Happen(e Event) error {
	e.At, e.Every, e.Times = 0, 0, 0
	faults := &faults{}
	e.check(&checker{faults: faults}, c.stage.Scenario)
	if err := faults.err(); err != nil {
		return err
	}
	if e.Outage != nil || e.Rollout != nil || e.Firmware != nil {
		name, _ := e.kind()
		return fmt.Errorf("found %s, want an event of the devices: the server is a real one", name)
	}
	e = e.filled()
	c.stage.driver.Look(0, func(_ *device.Device, now time.Duration) {
		c.stage.happen(&e, occasion(len(c.stage.Events)+c.asked, 0), now)
		c.asked++
	})
	return nil
}
