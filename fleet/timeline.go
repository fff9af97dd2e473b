package fleet

import (
	"cmp"
	"fmt"
	"slices"
	"time"

	"provsim/device"
	"provsim/fleet/inventory"
	"provsim/internal/heap"
	"provsim/internal/run"
	"provsim/internal/splitmix"
	"provsim/internal/tally"
	"provsim/resync"
)

// timeline makes the scenario happen to the devices of one driver: it switches
// them on, carries out the events when their instants come, and marks these for
// the tally.
type timeline struct {
	scenario *Scenario // with its defaults
	devices  *inventory.Inventory
	driver   *run.Driver
	records  *recorder
	resumed  *resumePoint // nil: the run begins
}

// begin switches the devices on and prepares the events. Each event that repeats
// prepares the next time itself. Devices of a run that goes on know when they are
// switched on.
func (t *timeline) begin() {
	for i := range t.devices.Len() {
		if t.resumed == nil {
			// After the run's end too: the run may be longer when it goes on.
			t.driver.SwitchOn(i, t.devices.Start(i))
		}
	}
	for i := range t.scenario.Events {
		t.prepare(i, 0)
	}
}

// prepare waits for the time number cycle of an event.
func (t *timeline) prepare(event, cycle int) {
	e := &t.scenario.Events[event]
	at := e.At + time.Duration(cycle)*e.Every
	if at >= t.scenario.Duration || cycle > 0 && (e.Every == 0 || e.Times > 0 && cycle >= e.Times) {
		return
	}
	t.driver.Do(at, func(time.Duration) {
		t.carryOut(e, occurrence(event, cycle), at)
		t.prepare(event, cycle+1)
	})
}

// occurrence numbers the times that events happen.
func occurrence(event, cycle int) uint64 { return uint64(event)<<32 | uint64(cycle) }

// carryOut makes an event happen whose instant has come. In a run that goes on,
// what happened to a device before the run was stopped is left out.
func (t *timeline) carryOut(e *Event, occurrence uint64, at time.Duration) {
	name, _ := e.Kind()
	t.mark(at, tally.Other, name)
	switch {
	case e.PowerCut != nil:
		t.cutPower(e.PowerCut, occurrence, at)
		t.markLater(at+e.PowerCut.For, tally.PowerBack, "power back")
	case e.Outage != nil:
		t.markLater(at+e.Outage.For, tally.OutageEnd, "outage over")
	case e.Calls != nil:
		t.beginCalls(e.Calls, occurrence, at)
	case e.Resync != nil:
		t.wave(e.Resync.Part, e.Resync.Over, occurrence, at, device.Input{Kind: device.AskResync, Cause: resync.Notify})
	case e.Reboot != nil:
		t.wave(e.Reboot.Part, e.Reboot.Over, occurrence, at, device.Input{Kind: device.AskReboot})
	}
}

// mark marks an instant that has come.
func (t *timeline) mark(at time.Duration, kind tally.MarkKind, name string) {
	if !t.resumed.marked(at) {
		t.records.mark(at, kind, name)
	}
}

// markLater marks an instant to come.
func (t *timeline) markLater(at time.Duration, kind tally.MarkKind, name string) {
	if at < t.scenario.Duration {
		t.driver.Do(at, func(time.Duration) { t.mark(at, kind, name) })
	}
}

// cutPower takes the power away, and says when it comes back.
func (t *timeline) cutPower(e *PowerCut, occurrence uint64, at time.Duration) {
	if t.resumed.over(at) {
		return
	}
	for i := range t.devices.Len() {
		if t.resumed.has(i, at) || !t.devices.Has(e.Part, occurrence, i) {
			continue
		}
		t.driver.Step(i, device.Input{Kind: device.PowerOff})
		t.records.off(i, at)
		back := at + e.For
		if e.Over > 0 {
			back += t.devices.Draw(i, inventory.DrawInstant, occurrence).Spread(e.Over)
		}
		// The power cut does not bring a device's first start forward.
		t.driver.SwitchOn(i, max(back, t.devices.Start(i)))
	}
}

// wave gives the devices of a part an input, each at its own instant.
func (t *timeline) wave(part Part, over time.Duration, occurrence uint64, at time.Duration, in device.Input) {
	if t.resumed.over(at + over) {
		return
	}
	var waiting []turn
	for i := range t.devices.Len() {
		if !t.devices.Has(part, occurrence, i) {
			continue
		}
		turn := turn{at, i}
		if over > 0 {
			turn.at += t.devices.Draw(i, inventory.DrawInstant, occurrence).Spread(over)
		}
		switch {
		case t.resumed.has(i, turn.at):
		case over == 0:
			t.driver.Step(i, in)
		default:
			waiting = append(waiting, turn)
		}
	}
	slices.SortFunc(waiting, func(a, b turn) int { return cmp.Or(cmp.Compare(a.at, b.at), cmp.Compare(a.device, b.device)) })
	t.roll(waiting, in)
}

// turn is when a device gets its input.
type turn struct {
	at     time.Duration
	device int
}

// roll gives the devices their inputs in order, with one event of the driver
// waiting.
func (t *timeline) roll(waiting []turn, in device.Input) {
	if len(waiting) == 0 {
		return
	}
	t.driver.Do(waiting[0].at, func(now time.Duration) {
		for len(waiting) > 0 && waiting[0].at <= now {
			t.driver.Step(waiting[0].device, in)
			waiting = waiting[1:]
		}
		t.roll(waiting, in)
	})
}

// calls begins and ends the calls of one event. It keeps the next change of each
// line in a heap, and one event of the driver for the first of them.
type calls struct {
	timeline   *timeline
	event      *Calls
	occurrence uint64
	until      time.Duration // when the last call may begin
	changes    heap.Heap[change]
}

// change is the next begin or end of a call on a line.
type change struct {
	at     time.Duration
	device int32
	line   uint8
	begins bool
	cycle  uint32
}

// Before puts changes in the order of time, those of one instant in the order of
// their lines.
func (a change) Before(b change) bool {
	return a.at < b.at || a.at == b.at && (a.device < b.device || a.device == b.device && a.line < b.line)
}

// beginCalls begins the calls of an event.
func (t *timeline) beginCalls(e *Calls, occurrence uint64, at time.Duration) {
	c := &calls{timeline: t, event: e, occurrence: occurrence, until: t.scenario.Duration}
	if e.For > 0 {
		c.until = min(c.until, at+e.For)
	}
	for i := range t.devices.Len() {
		if !t.devices.Has(e.Part, occurrence, i) {
			continue
		}
		for line := range e.Lines {
			next := change{device: int32(i), line: uint8(line + 1), begins: true}
			next.at = at + c.idle(next)
			for t.resumed.has(i, next.at) && c.wants(next) {
				next = c.following(next)
			}
			c.add(next)
		}
	}
	c.wait()
}

// idle returns how long it is until the line's next call.
func (c *calls) idle(a change) time.Duration {
	mean := time.Duration(float64(time.Hour) / c.event.PerHour)
	return c.draw(a, inventory.DrawIdle).Exponential(mean)
}

// length returns how long the line's call takes.
func (c *calls) length(a change) time.Duration {
	return c.draw(a, inventory.DrawCall).Exponential(c.event.Length)
}

func (c *calls) draw(a change, why inventory.Purpose) inventory.Random {
	return c.timeline.devices.Draw(int(a.device), why, splitmix.Mix(c.occurrence)<<8^uint64(a.cycle)<<8^uint64(a.line))
}

// following returns the change of a line that follows another.
func (c *calls) following(a change) change {
	if a.begins {
		a.at += c.length(a)
	} else {
		a.cycle++
		a.at += c.idle(a)
	}
	a.begins = !a.begins
	return a
}

// wants reports whether a change lies in the run.
func (c *calls) wants(a change) bool {
	return a.at < c.timeline.scenario.Duration && (!a.begins || a.at < c.until)
}

// add takes in a change that lies in the run.
func (c *calls) add(a change) {
	if !c.wants(a) {
		return
	}
	c.changes.Push(a)
}

// wait waits for the next change.
func (c *calls) wait() {
	if len(c.changes) > 0 {
		c.timeline.driver.Do(c.changes[0].at, c.change)
	}
}

// change begins and ends the calls that are due.
func (c *calls) change(now time.Duration) {
	for len(c.changes) > 0 && c.changes[0].at <= now {
		a := c.changes.Pop()
		c.timeline.driver.Step(int(a.device), device.Input{Kind: device.SetLine, Line: int(a.line), Active: a.begins})
		c.add(c.following(a))
	}
	c.wait()
}

// resumePoint is where a run goes on that was stopped. A nil resumePoint is that of
// a run that begins: nothing has happened yet.
type resumePoint struct {
	until  time.Duration   // when the run was stopped
	oldest time.Duration   // the least of frozen
	frozen []time.Duration // by device: its state includes what happened up to this instant
}

// has reports whether what happens to a device at an instant has happened.
func (p *resumePoint) has(i int, at time.Duration) bool { return p != nil && at <= p.frozen[i] }

// over reports whether what ends at an instant has happened to all devices.
func (p *resumePoint) over(at time.Duration) bool { return p != nil && at <= p.oldest }

// marked reports whether an instant was marked before the run was stopped.
func (p *resumePoint) marked(at time.Duration) bool { return p != nil && at <= p.until }

// newLeases is the time in which the devices of a run that goes on ask for new
// leases: this process does not know those that DHCP gave out before.
const newLeases = time.Minute

// askLeases makes the devices' DHCP clients ask for leases, each at its own
// instant.
func (t *timeline) askLeases() {
	for i := range t.devices.Len() {
		at := t.resumed.until + t.devices.Draw(i, inventory.DrawLease, 0).Spread(newLeases)
		t.driver.Do(at, func(time.Duration) { t.driver.AskLease(i) })
	}
}

// report calls Options.Progress.
func (t *timeline) report(o *Options) {
	if o.Progress == nil {
		return
	}
	var again func(time.Duration)
	again = func(now time.Duration) {
		o.Progress(t.progress(now))
		if next := now + o.Every; next < t.scenario.Duration {
			t.driver.Do(next, again)
		}
	}
	t.driver.Do(o.Every, again)
}

func (t *timeline) progress(now time.Duration) Progress {
	return Progress{Now: now, Until: t.scenario.Duration, Devices: t.records.len(), Tally: t.records.tally}
}

// Control is how others look at a run on the wall clock, and act in it. Its
// methods may be called from any goroutine, and do not wait.
type Control struct {
	timeline *timeline
	asked    int // events so far; of the run's goroutine
}

// Look calls f in the run's goroutine and between two steps, so f must be quick.
// After the run's end f is not called any more.
func (c *Control) Look(f func(Progress)) {
	c.timeline.driver.Look(0, func(_ *device.Device, now time.Duration) { f(c.timeline.progress(now)) })
}

// Trigger has an event happen as soon as possible, once, as if the scenario had
// it. The error is a *[ScenarioError], or says that only a plan knows events of
// the kind. A run with such an event is no longer its scenario's run: its shards
// cannot be merged with others.
func (c *Control) Trigger(e Event) error {
	e.At, e.Every, e.Times = 0, 0, 0
	if err := e.Validate(c.timeline.scenario); err != nil {
		return err
	}
	if e.Outage != nil || e.Rollout != nil || e.Firmware != nil {
		name, _ := e.Kind()
		return fmt.Errorf("found %s, want an event of the devices: the server is a real one", name)
	}
	e = e.Filled()
	c.timeline.driver.Look(0, func(_ *device.Device, now time.Duration) {
		c.timeline.carryOut(&e, occurrence(len(c.timeline.scenario.Events)+c.asked, 0), now)
		c.asked++
	})
	return nil
}
