package fleet

import (
	"errors"
	"fmt"
	"time"

	"provsim/device"
	"provsim/fleet/inventory"
	"provsim/fleet/scenario"
)

// ErrOtherRun means that a checkpoint is not of the scenario and the shard that
// are to go on.
var ErrOtherRun = errors.New("the checkpoint is of another run")

// CheckResume reports whether a run of the scenario's shard can go on from a
// checkpoint. The duration may be another than it was: a run that has ended goes on
// where the scenario is longer now. The error is [ErrOtherRun], or [ErrNothingToDo]
// for a run that was left after its new end.
func CheckResume(s *Scenario, k *Checkpoint, shard Shard) error {
	kept, digest := Shard{Index: k.Shard, Count: k.Shards}, s.ResumeDigest()
	devices := shard.Len(s.Filled().Devices)
	switch {
	case k.Digest != digest:
		return fmt.Errorf("%w: found the scenario %q with the digest %.12s and the seed %d, want %q, %.12s and %d",
			ErrOtherRun, k.Scenario, k.Digest, k.Seed, s.Name, digest, s.Seed)
	case kept.String() != shard.String():
		return fmt.Errorf("%w: found shard %v, want %v", ErrOtherRun, kept, shard)
	case k.Devices != devices:
		return fmt.Errorf("%w: found %d devices, want %d", ErrOtherRun, k.Devices, devices)
	case !k.Ended && k.At >= s.Filled().Duration:
		return fmt.Errorf("%w: the run was left at %s and is to end at %s, want a longer duration", ErrNothingToDo, scenario.Length(k.At), scenario.Length(s.Filled().Duration))
	}
	return nil
}

// takeUp makes the shard's devices, or takes up those of a run that goes on and
// what was counted. It finds out when the run began, and forgets the checkpoint.
func takeUp(v *inventory.Inventory, r *recorder, o *RunOptions) (devices []device.Device, p *resumePoint, err error) {
	k := o.Resume
	defer func() { o.Resume = nil; v.SetEpoch(o.Epoch) }()
	if k != nil {
		if err := CheckResume(v.Scenario, k, o.Shard); err != nil {
			return nil, nil, err
		}
	}
	if k == nil || !k.GoesOn(v.Scenario.Duration) {
		if o.Epoch.IsZero() {
			o.Epoch = time.Now()
		}
		o.started = o.Epoch
		devices, err = begin(v, o)
		return devices, nil, err
	}
	if err := r.tally.Resume(k.Counts); err != nil {
		return nil, nil, fmt.Errorf("checkpoint: %w", err)
	}
	devices, p, err = thaw(v, o)
	o.Epoch, o.started = time.Now().Add(-k.At), time.Unix(0, k.Started)
	return devices, p, err
}

// thaw makes the devices of a checkpoint go on. What they have stored goes through
// Recall.
func thaw(v *inventory.Inventory, o *RunOptions) ([]device.Device, *resumePoint, error) {
	devices := make([]device.Device, v.Len())
	p := &resumePoint{until: o.Resume.At, oldest: o.Resume.At, frozen: make([]time.Duration, v.Len())}
	for i, phone := range o.Resume.Phones() {
		stored, err := o.recall(v, i, phone.Stored)
		if err != nil {
			return nil, nil, err
		}
		frozen := phone.Frozen
		frozen.Stored = stored
		if err := devices[i].Thaw(v.ModelOf(i), v.Product(i), v.MAC(i), &frozen); err != nil {
			return nil, nil, fmt.Errorf("checkpoint: device %d: %w", v.Number(i), err)
		}
		p.frozen[i], p.oldest = phone.At, min(p.oldest, phone.At)
	}
	return devices, p, nil
}

// begin makes the shard's devices, with what they have stored: by the scenario, or
// by a run that has ended.
func begin(v *inventory.Inventory, o *RunOptions) ([]device.Device, error) {
	devices := v.Devices()
	if o.Resume != nil {
		for i, phone := range o.Resume.Phones() {
			devices[i].Init(v.ModelOf(i), v.Product(i), v.MAC(i), phone.Stored)
		}
	}
	for i := range devices {
		stored, err := o.recall(v, i, devices[i].Stored())
		if err != nil {
			return nil, err
		}
		devices[i].Init(v.ModelOf(i), v.Product(i), v.MAC(i), stored)
	}
	return devices, nil
}

// recall calls Recall, if there is one.
func (o *RunOptions) recall(v *inventory.Inventory, i int, stored *device.Stored) (*device.Stored, error) {
	if o.Recall == nil {
		return stored, nil
	}
	return o.Recall(v.Number(i), v.MAC(i), stored)
}
