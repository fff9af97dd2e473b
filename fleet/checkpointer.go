package fleet

import (
	"time"

	"provsim/device"
	"provsim/internal/checkpoint"
)

// ReadCheckpoint reads what [RunOptions].Keep was given, put together. The error
// says what is wrong with it.
func ReadCheckpoint(body []byte) (*Checkpoint, error) { return checkpoint.Read(body) }

// How a run is kept. Devices do not depend on each other, so each is frozen at an
// instant of its own, and the run waits only for a few at a time.
const (
	keepEvery  = 30 * time.Second
	sliceEvery = 2 * time.Millisecond
	sliceOf    = 256 // devices; they take some hundred microseconds
)

// checkpointer makes checkpoints of a run in the run's goroutine, and has them
// kept in another.
type checkpointer struct {
	timeline *timeline
	devices  []device.Device
	head     checkpoint.Head
	keep     func(parts [][]byte, err error)

	writer  *checkpoint.Writer
	next    int           // the device that is frozen next
	size    int           // of the rows of the last checkpoint
	writing chan struct{} // holds a token while a checkpoint is being written
}

// newCheckpointer returns a checkpointer that waits for its first time. Without
// Keep it returns nil.
func newCheckpointer(t *timeline, devices []device.Device, o *RunOptions, h checkpoint.Head) *checkpointer {
	if o.Keep == nil {
		return nil
	}
	h.Scenario, h.Seed, h.Shard, h.Shards = t.scenario.Name, t.scenario.Seed, o.Shard.Index, max(1, o.Shard.Count)
	k := &checkpointer{timeline: t, devices: devices, head: h, keep: o.Keep, writing: make(chan struct{}, 1)}
	t.driver.Do(max(0, t.driver.Now()), k.begin) // at once, so that a user sees early if it cannot be kept
	return k
}

// begin makes a checkpoint, unless the last one is still being made or written.
func (k *checkpointer) begin(now time.Duration) {
	k.timeline.driver.Do(now+keepEvery, k.begin)
	if len(k.writing) == 0 && k.next%len(k.devices) == 0 {
		k.writer, k.next = checkpoint.NewWriter(k.size), 0
		k.slice(now)
	}
}

// slice freezes a few devices, and has the checkpoint written after the last.
func (k *checkpointer) slice(now time.Duration) {
	k.freeze(now, min(k.next+sliceOf, len(k.devices)))
	if k.next < len(k.devices) {
		k.timeline.driver.Do(now+sliceEvery, k.slice)
		return
	}
	k.writing <- struct{}{}
	write := k.finish(now)
	go func() {
		write()
		<-k.writing
	}()
}

// freeze adds the devices up to one.
func (k *checkpointer) freeze(now time.Duration, to int) {
	for ; k.next < to; k.next++ {
		frozen := k.devices[k.next].Freeze(now)
		k.writer.Add(now, &frozen)
	}
}

// finish returns what is left to be done of the checkpoint, which takes its time
// and may be done in another goroutine.
func (k *checkpointer) finish(now time.Duration) (write func()) {
	k.head.At, k.size = now, k.writer.Size()
	writer, head, counted := k.writer, k.head, k.timeline.records.tally.Copy()
	return func() {
		counts, err := counted.MarshalBinary()
		if err != nil {
			k.keep(nil, err)
			return
		}
		k.keep(writer.Finish(head, counts), nil)
	}
}

// last keeps the run as it has been left.
func (k *checkpointer) last(now time.Duration) {
	if k == nil {
		return
	}
	k.writing <- struct{}{} // waits for the one that is being written
	k.writer, k.next, k.head.Ended = checkpoint.NewWriter(k.size), 0, now >= k.timeline.scenario.Duration
	k.freeze(now, len(k.devices))
	k.finish(now)()
}
