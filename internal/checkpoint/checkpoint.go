package checkpoint

import (
	"fmt"
	"iter"
	"time"

	"provsim/device"
	"provsim/profile"
	"provsim/resync"
)

// Checkpoint is a fleet that was kept.
type Checkpoint struct {
	Head
	Counts []byte // what Finish was given

	texts    []string
	configs  map[int]profile.Config // by the number of the text
	offers   map[int]*device.Offer  // likewise
	memories []*device.Stored
	phones   []Phone
}

// Phone is a device and when it was frozen.
type Phone struct {
	At time.Duration
	device.Frozen
}

// Phones returns the devices in the order in which they were added. Equal memories
// are one, and none has certificates.
func (c *Checkpoint) Phones() iter.Seq2[int, *Phone] {
	return func(yield func(int, *Phone) bool) {
		for i := range c.phones {
			if !yield(i, &c.phones[i]) {
				return
			}
		}
	}
}

// Read takes a checkpoint apart. The error says what it is not like.
func Read(body []byte) (*Checkpoint, error) {
	h, rest, err := readHead(body)
	if err != nil {
		return nil, fmt.Errorf("checkpoint: %w", err)
	}
	c := &Checkpoint{Head: h, configs: map[int]profile.Config{}, offers: map[int]*device.Offer{}}
	r := &reader{rest: rest}
	c.readTables(r)
	c.phones = make([]Phone, 0, min(h.Devices, len(r.rest)/shortestRow))
	for i := 0; i < h.Devices && r.err == nil; i++ {
		var p Phone
		if c.readPhone(r, &p); r.err != nil {
			return nil, fmt.Errorf("checkpoint: device %d of %d: %w", i, h.Devices, r.err)
		}
		c.phones = append(c.phones, p)
	}
	c.Counts = r.bytes("counts")
	if r.err == nil && len(r.rest) > 0 {
		r.fail("found %d bytes behind the counts, want none", len(r.rest))
	}
	if r.err != nil {
		return nil, fmt.Errorf("checkpoint: %w", r.err)
	}
	return c, nil
}

// readTables reads the texts and the memories.
func (c *Checkpoint) readTables(r *reader) {
	for range r.length("texts") {
		c.texts = append(c.texts, string(r.bytes("text")))
		if r.err != nil {
			return
		}
	}
	for range r.length("memories") {
		s := &device.Stored{Config: c.config(r)}
		for _, text := range []*string{&s.Version, &s.UpgradeURL, &s.Seen, &s.Software} {
			if i := r.text(c, "text of a memory"); r.err == nil {
				*text = c.texts[i]
			}
		}
		s.Cause = resync.Cause(r.byte(byte(resync.Lease), "cause"))
		if r.err != nil {
			return
		}
		c.memories = append(c.memories, s)
	}
}

// config reads the number of a configuration's text. Equal ones are one.
func (c *Checkpoint) config(r *reader) profile.Config {
	i := r.text(c, "configuration")
	if r.err != nil {
		return profile.Config{}
	}
	known, ok := c.configs[i]
	if !ok {
		var err error
		if known, err = config(c.texts[i]); err != nil {
			r.fail("configuration %d: %w", i, err)
		}
		c.configs[i] = known
	}
	return known
}

// offer reads the number of the text of a lease's options. Equal ones are one.
func (c *Checkpoint) offer(r *reader) *device.Offer {
	i := r.text(c, "options of a lease")
	if r.err != nil {
		return nil
	}
	known, ok := c.offers[i]
	if !ok {
		var err error
		if known, err = device.ReadOffer(c.texts[i]); err != nil {
			r.fail("text %d: %w", i, err)
		}
		c.offers[i] = known
	}
	return known
}

func (c *Checkpoint) readPhone(r *reader, p *Phone) {
	flags := r.byte(rowAll, "flags")
	p.Lines = r.byte(1<<device.Lines-1, "active lines")
	if p.At = r.instant("instant"); r.err == nil && p.At > c.At {
		r.fail("found the instant %v, want at most %v", p.At, c.At)
	}
	memory := r.number(uint64(max(1, len(c.memories))-1), "memory")
	p.Boots, p.Transfer, p.Seq = r.count("boots"), r.count("transfers"), r.count("events")
	if flags&rowUp != 0 {
		p.InForce = c.config(r)
	}
	p.UpAt = resync.Never
	if flags&rowStarts != 0 {
		p.UpAt = r.instant("start")
	}
	if flags&rowLeased != 0 {
		p.Lease = r.lease(c)
	}
	if len(c.memories) == 0 {
		r.fail("found no memories, want one")
	}
	if r.err != nil {
		return
	}
	p.Stored = c.memories[memory]
	if flags&rowSuccess != 0 {
		own := *p.Stored
		own.LastSuccess = r.wallTime()
		p.Stored = &own
	}
	if p.Machine = r.machine(); r.err == nil && p.Machine.Status().On != (flags&rowUp != 0) {
		r.fail("found the flags %d, which the machine contradicts", flags)
	}
}
