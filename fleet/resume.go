package fleet

import (
	"errors"
	"fmt"
	"time"

	"provsim/device"
)

// ErrOtherRun means that a checkpoint is not of the scenario and the shard that
// are to go on.
var ErrOtherRun = errors.New("the checkpoint is of another run")

// CheckResume reports whether a run of the scenario's shard can go on from a
// checkpoint. The error is [ErrOtherRun].
func (s *Scenario) CheckResume(k *Checkpoint, shard Shard) error {
	kept, digest := Shard{k.Shard, k.Shards}, s.Digest()
	devices := shard.len(or(s.Devices, defaultDevices))
	switch {
	case k.Digest != digest:
		return fmt.Errorf("%w: found the scenario %q with the digest %.12s and the seed %d, want %q, %.12s and %d",
			ErrOtherRun, k.Scenario, k.Digest, k.Seed, s.Name, digest, s.Seed)
	case kept.String() != shard.String():
		return fmt.Errorf("%w: found shard %v, want %v", ErrOtherRun, kept, shard)
	case k.Devices != devices:
		return fmt.Errorf("%w: found %d devices, want %d", ErrOtherRun, k.Devices, devices)
	}
	return nil
}

// take makes the shard's devices, or takes up those of a run that goes on and what
// was counted. It finds out when the run began, and forgets the checkpoint.
func (c *crew) take(l *lineup, r *recorder, o *RunOptions) (devices []device.Device, p *past, err error) {
	k := o.Resume
	defer func() { o.Resume, c.model.Epoch = nil, o.Epoch }()
	if k != nil {
		if err := c.CheckResume(k, o.Shard); err != nil {
			return nil, nil, err
		}
	}
	if k == nil || !k.GoesOn() {
		if o.Epoch.IsZero() {
			o.Epoch = time.Now()
		}
		o.started = o.Epoch
		devices, err = c.begin(l, o)
		return devices, nil, err
	}
	if err := r.tally.Resume(k.Counts); err != nil {
		return nil, nil, fmt.Errorf("checkpoint: %w", err)
	}
	devices, p, err = c.thaw(l, o)
	o.Epoch, o.started = time.Now().Add(-k.At), time.Unix(0, k.Started)
	return devices, p, err
}

// thaw makes the devices of a checkpoint go on. What they have stored goes through
// Recall.
func (c *crew) thaw(l *lineup, o *RunOptions) ([]device.Device, *past, error) {
	devices := make([]device.Device, l.size)
	p := &past{until: o.Resume.At, oldest: o.Resume.At, frozen: make([]time.Duration, l.size)}
	for i, phone := range o.Resume.Phones() {
		n := l.who(i)
		stored, err := o.recall(n, c.mac(n), phone.Stored)
		if err != nil {
			return nil, nil, err
		}
		frozen := phone.Frozen
		frozen.Stored = stored
		if err := devices[i].Thaw(c.model, c.makeOf(n), c.mac(n), &frozen); err != nil {
			return nil, nil, fmt.Errorf("checkpoint: device %d: %w", n, err)
		}
		p.frozen[i], p.oldest = phone.At, min(p.oldest, phone.At)
	}
	return devices, p, nil
}

// begin makes the shard's devices, with what they remember: of the scenario, or
// of a run that has ended.
func (c *crew) begin(l *lineup, o *RunOptions) ([]device.Device, error) {
	devices := c.slab(l)
	if o.Resume != nil {
		for i, phone := range o.Resume.Phones() {
			n := l.who(i)
			devices[i].Init(c.model, c.makeOf(n), c.mac(n), phone.Stored)
		}
	}
	for i := range devices {
		n := l.who(i)
		stored, err := o.recall(n, c.mac(n), devices[i].Stored())
		if err != nil {
			return nil, err
		}
		devices[i].Init(c.model, c.makeOf(n), c.mac(n), stored)
	}
	return devices, nil
}

// recall calls Recall, if there is one.
func (o *RunOptions) recall(n int, mac device.MAC, stored *device.Stored) (*device.Stored, error) {
	if o.Recall == nil {
		return stored, nil
	}
	return o.Recall(n, mac, stored)
}

// leasesAnew is in what time the devices of a run that goes on ask for their
// leases anew, which DHCP has not told this process about.
const leasesAnew = time.Minute

// askLeases makes the devices' DHCP clients ask for leases, each at an instant of
// its own.
func (s *stage) askLeases() {
	for i := range s.size {
		at := s.past.until + spread(draw(s.Seed, s.who(i), drawLease, 0), leasesAnew)
		s.driver.Do(at, func(time.Duration) { s.driver.AskLease(i) })
	}
}
