package check

import (
	"context"
	"fmt"
	"path"
	"slices"
	"sync"

	"provsim/device"
	"provsim/profile"
	"provsim/profile/rule"
	"provsim/resync"
)

// A File is a phone's configuration as it got it: that of the first transfer that
// brought one.
type File struct {
	Request device.Request
	Reply   device.Reply
	// Ending is what the firmware makes of the file: a success, or the failure
	// of the transfer, of the key, or of the file.
	Ending device.Ending
	Plain  []byte         // decrypted where the rule has a key; nil where that failed
	Config profile.Config // of Plain; empty where Plain is no configuration
	Keyed  bool           // the rule has a key

	// Transfers are all of the resync, in the phone's order.
	Transfers []Transfer
}

// A Transfer is one request of a resync and its reply.
type Transfer struct {
	Request  device.Request
	Reply    device.Reply
	Expected bool           // its failure is the vendor's normal case
	Fault    resync.Outcome // what the firmware finds wrong with a file that came whole; None: nothing
	Note     string         // about the fault
}

// Missing reports whether the server says that it does not have the file.
func (t *Transfer) Missing() bool { return t.Reply.Outcome == resync.NotFound }

// Found reports whether a configuration came that the firmware takes.
func (t *Transfer) Found() bool {
	return t.Request.Class == device.ConfigClass && t.Reply.Outcome == resync.None && t.Fault == resync.None
}

// Name returns the file's name without its directories.
func (t *Transfer) Name() string { return path.Base(t.Request.Path) }

type provisioning struct {
	once sync.Once
	file File
	err  error
}

// Provision returns the file that a phone gets. All checks of an examination
// share one transfer for each phone; a check that needs a fresh one calls
// [Probe.Fetch]. The error is that of the phone's rule, and of a context that
// has ended.
func (p *Probe) Provision(ctx context.Context, mac device.MAC) (File, error) {
	p.mu.Lock()
	shared := p.files[mac]
	if shared == nil {
		shared = &provisioning{}
		p.files[mac] = shared
	}
	p.mu.Unlock()
	shared.once.Do(func() {
		i := slices.IndexFunc(p.Target.Phones, func(ph Phone) bool { return ph.MAC == mac })
		if i < 0 {
			shared.err = fmt.Errorf("the target has no phone %s", mac)
			return
		}
		shared.file, shared.err = p.Play(ctx, p.Target.Phones[i])
	})
	return shared.file, shared.err
}

// Play plays a resync of a phone like those of the target, and returns the file that it
// gets.
func (p *Probe) Play(ctx context.Context, given Phone) (File, error) {
	ph, err := p.boot(given) // it talks for as long as the server takes
	if err != nil {
		return File{}, err
	}
	var f File
	last := ph.play(func(req device.Request) *device.Reply {
		if ctx.Err() != nil {
			return nil
		}
		if (req.Method == device.Write || req.Method == device.Post) && !p.allow.Destructive {
			return &device.Reply{Outcome: resync.Sent} // checks only read
		}
		req.Timeout = min(req.Timeout, fileTime*p.Patience)
		reply := p.Fetch(ctx, req)
		return &reply
	}, &f.Transfers)
	for i, t := range f.Transfers {
		if found := t.Reply.Outcome == resync.None && t.Request.Class == device.ConfigClass; i == 0 || found {
			f.Request, f.Reply = t.Request, t.Reply
			if found {
				break
			}
		}
	}
	switch err := ctx.Err(); {
	case len(f.Transfers) == 0 && err == nil:
		return File{}, fmt.Errorf("phone %s asks for nothing: %s", given.MAC, last.Note)
	case err != nil:
		return f, fmt.Errorf("fetching %s: %w", f.Request.URL(), err)
	}
	f.Ending = last.Ending
	f.Plain, f.Keyed = ph.open(p.Target.Of(given), f.Reply)
	if config, err := ph.Model().Personality.Parse(f.Plain); err == nil {
		f.Config = config
	}
	return f, nil
}

// Reads reports whether a body is a configuration of the target's phones that has
// settings.
func (p *Probe) Reads(body []byte) bool {
	config, err := p.phones[0].Model().Personality.Parse(body)
	return err == nil && config.Len() > 0
}

// open decrypts a file as the phone's rule asks for.
func (ph *phone) open(t *Target, reply device.Reply) (plain []byte, keyed bool) {
	rule, err := rule.Parse(t.ProfileRule)
	if reply.Outcome != resync.None {
		return nil, err == nil && rule.Keyed
	}
	if err != nil || !rule.Keyed {
		return reply.Body, false
	}
	m := ph.Model()
	key := rule.Expand(m.Personality.Vars(ph.Identity(), ph.Lease()), m.Personality.Macros(m.Quirks)).Key
	plain, err = m.Cipher.Decrypt(nil, reply.Body, key)
	if err != nil {
		return nil, true
	}
	return plain, true
}

// play plays a resync of the phone, and notes its transfers. A nil reply ends it.
func (ph *phone) play(ask func(device.Request) *device.Reply, all *[]Transfer) device.Move {
	judged := func(m *device.Move) { // what a move says of the reply before it
		if n := len(*all); n > 0 {
			t := &(*all)[n-1]
			t.Expected, t.Fault, t.Note = m.Expected, m.Fault, m.ReplyNote
			// Firmware that ends the resync for a fault says it in the verdict.
			if o := m.Outcome; t.Reply.Outcome == resync.None && (o == resync.Corrupt || o == resync.BadKey || o == resync.Empty) && t.Fault == resync.None {
				t.Fault, t.Note = o, o.String()+": "+m.Note
			}
		}
	}
	last := ph.Talk(resync.Resync, func(m *device.Move) *device.Reply {
		judged(m)
		reply := ask(*m.Request)
		if reply != nil {
			*all = append(*all, Transfer{Request: *m.Request, Reply: *reply})
		}
		return reply
	})
	judged(&last)
	return last
}

// Changes reports what the first phone makes of the server's files after it has applied
// earlier ones: whether they change anything, and whether any of them has other bytes. An
// earlier file that is nil was missing.
func (p *Probe) Changes(ctx context.Context, earlier func(device.Request) []byte) (verdict device.Ending, differ []string, err error) {
	now, err := p.Provision(ctx, p.phones[0].MAC())
	if err != nil {
		return device.Ending{}, nil, err
	}
	ph, err := p.boot(p.Target.Phones[0])
	if err != nil {
		return device.Ending{}, nil, err
	}
	var then []Transfer
	move := ph.play(func(req device.Request) *device.Reply {
		if body := earlier(req); body != nil {
			return &device.Reply{Body: body, Bytes: int64(len(body))}
		}
		return &device.Reply{Outcome: resync.NotFound}
	}, &then)
	if !move.Outcome.Success() {
		return move.Ending, nil, nil
	}
	stored := ph.Kept(&move)
	after := device.Rehearsal(ph.Model(), ph.Identity(), &stored, ph.Lease())
	left := now.Transfers
	last := (&phone{Device: after}).play(func(req device.Request) *device.Reply {
		for _, t := range left {
			if t.Request.Target == req.Target {
				if before := earlier(req); t.Found() && before != nil && !SameText(before, t.Reply.Body) {
					differ = append(differ, t.Name())
				}
				return &t.Reply
			}
		}
		return &device.Reply{Outcome: resync.NotFound}
	}, &then)
	return last.Ending, differ, nil
}
