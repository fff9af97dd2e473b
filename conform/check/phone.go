package check

import (
	"context"
	"errors"
	"fmt"
	"net/netip"
	"sync"

	"provsim/device"
	"provsim/device/flyingvoice"
	"provsim/encrypt"
	"provsim/profile"
	"provsim/resync"
)

// documentation is the address that phones have where the target names none
// (RFC 5737).
var documentation = netip.AddrFrom4([4]byte{192, 0, 2, 10})

// phone is one of the target's phones with power and a lease.
type phone struct {
	*device.Device
	mu       sync.Mutex // of firmware, which belongs to one goroutine at a time
	firmware device.Firmware
}

// model returns what the target's phones have in common.
func (t *Target) model() (*device.Model, error) {
	name := t.Cipher
	if name == "" {
		name = encrypt.Default
	}
	cipher, err := encrypt.Lookup(name)
	if err != nil {
		return nil, err
	}
	m := device.NewModel(&flyingvoice.Personality, cipher)
	m.Agent = t.Agent
	return m, nil
}

// phone boots one of the target's phones.
func (t *Target) phone(m *device.Model, given Phone) (*phone, error) {
	id := m.Personality.Shipped
	id.MAC, id.Serial = given.MAC, given.Serial
	if id.Serial == "" {
		id.Serial = m.Personality.Serial(given.MAC)
	}
	for _, set := range []struct {
		to   *string
		text string
	}{{&id.Product, t.Product}, {&id.Hardware, t.Hardware}, {&id.Software, t.Software}} {
		if set.text != "" {
			*set.to = set.text
		}
	}
	config, err := t.settings(m.Parameters)
	if err != nil {
		return nil, err
	}
	if _, err := given.Certificate.pair(); err != nil {
		return nil, err
	}
	stored := &device.Stored{Config: config, Certificates: &device.Certificates{
		CA: t.CA, Cert: given.Certificate.Cert, Key: given.Certificate.Key, Pass: given.Certificate.Pass,
	}}
	lease := device.Lease{Addr: t.Address, Option66: t.Option66}
	if !lease.Addr.IsValid() {
		lease.Addr = documentation
	}
	d := device.New(m, id, stored)
	d.Step(device.Input{Kind: device.PowerOn}, nil)
	d.Step(device.Input{Kind: device.GotLease, Lease: lease}, nil)
	return &phone{Device: d, firmware: m.Personality.Boot(m, stored.Config)}, nil
}

// settings returns what the target says about the phones' web page.
func (t *Target) settings(table profile.Table) (config profile.Config, err error) {
	option66 := "1"
	if t.ProfileRule != "" {
		option66 = "0"
	}
	for _, s := range []struct{ web, value string }{
		{"Option 66", option66}, {"Profile Rule", t.ProfileRule},
		{"Config File Name", t.ConfigFileName}, {"Upgrade Rule", t.UpgradeRule},
	} {
		if s.value == "" {
			continue
		}
		parameter, _ := table.Find(s.web)
		if err := parameter.Check(s.value); err != nil {
			return config, fmt.Errorf("%s: %w", s.web, err)
		}
		if config, err = config.With(parameter.Name, s.value); err != nil {
			return config, fmt.Errorf("%s: %w", s.web, err)
		}
	}
	return config, nil
}

func (p *Probe) phone(mac device.MAC) (*phone, error) {
	for _, ph := range p.phones {
		if ph.MAC() == mac {
			return ph, nil
		}
	}
	return nil, fmt.Errorf("phone %s is none of the target's", mac)
}

// Request returns what the phone with an address asks for at a resync. It need
// not be one of the target's: then it is a phone like the first, with another
// address and without a certificate. The error is that of its rule.
func (p *Probe) Request(mac device.MAC) (device.Request, error) {
	req, err := p.request(mac, resync.Resync)
	// A silent server would otherwise take all the time that a check has.
	req.Timeout = min(req.Timeout, fileTime*p.Patience)
	return req, err
}

// fileTime is how many times the probe's patience a configuration may take.
const fileTime = 4

// UpgradeRequest returns what the phone asks for at an upgrade. It does not ask
// over https (FV-UP-3), which is an error here.
func (p *Probe) UpgradeRequest(mac device.MAC) (device.Request, error) {
	return p.request(mac, resync.Upgrade)
}

func (p *Probe) request(mac device.MAC, job resync.Job) (device.Request, error) {
	ph, err := p.phone(mac)
	if err != nil {
		if ph, err = p.stranger(mac); err != nil {
			return device.Request{}, err
		}
	}
	ph.mu.Lock()
	defer ph.mu.Unlock()
	req, _, verdict := ph.firmware.Request(ph.Device, job)
	if req == nil {
		return device.Request{}, fmt.Errorf("phone %s asks for nothing: %s", mac, verdict.Note)
	}
	return *req, nil
}

// stranger boots a phone that the target does not list.
func (p *Probe) stranger(mac device.MAC) (*phone, error) {
	model, err := p.Target.model()
	if err != nil {
		return nil, err
	}
	return p.Target.phone(model, Phone{MAC: mac})
}

// first returns the request that most checks begin with, the first phone's.
func (p *Probe) first() (device.Request, error) {
	if len(p.phones) == 0 {
		return device.Request{}, errors.New("the target has no phone")
	}
	return p.Request(p.phones[0].MAC())
}

// First returns the first phone's request for its configuration. It is there
// where the check needs AFile.
func (p *Probe) First() device.Request {
	req, _ := p.first()
	return req
}

func (p *Probe) certificates() int {
	n := 0
	for _, ph := range p.Target.Phones {
		if ph.Certificate.Given() {
			n++
		}
	}
	return n
}

// A File is a phone's configuration as it got it.
type File struct {
	Request device.Request
	Reply   device.Reply
	// Verdict is what the firmware makes of the file: a success, or the failure
	// of the transfer, of the key, or of the file.
	Verdict device.Verdict
	Plain   []byte         // decrypted where the rule has a key; nil where that failed
	Config  profile.Config // of Plain; empty where it is none
	Keyed   bool           // the rule has a key
}

type provisioning struct {
	once sync.Once
	file File
	err  error
}

// Provision returns the file that a phone gets. All checks of an examination
// share one transfer for each phone; who needs a fresh one calls [Probe.Fetch].
// The error is that of the phone's rule, and of a context that has ended.
func (p *Probe) Provision(ctx context.Context, mac device.MAC) (File, error) {
	p.mu.Lock()
	shared := p.files[mac]
	if shared == nil {
		shared = &provisioning{}
		p.files[mac] = shared
	}
	p.mu.Unlock()
	shared.once.Do(func() { shared.file, shared.err = p.provision(ctx, mac) })
	return shared.file, shared.err
}

func (p *Probe) provision(ctx context.Context, mac device.MAC) (File, error) {
	ph, err := p.phone(mac)
	if err != nil {
		return File{}, err
	}
	req, err := p.Request(mac)
	if err != nil {
		return File{}, err
	}
	f := File{Request: req, Reply: p.Fetch(ctx, req)}
	if err := ctx.Err(); err != nil {
		return f, fmt.Errorf("fetching %s: %w", req.URL(), err)
	}
	ph.mu.Lock()
	f.Verdict = *ph.firmware.Judge(ph.Device, resync.Resync, &f.Reply)
	ph.mu.Unlock()
	f.Plain, f.Keyed = ph.open(p.Target, f.Reply)
	if config, err := profile.ParseConfig(f.Plain); err == nil {
		f.Config = config
	}
	return f, nil
}

// open decrypts a file as the phone's rule asks for.
func (ph *phone) open(t *Target, reply device.Reply) (plain []byte, keyed bool) {
	rule, err := profile.ParseRule(t.ProfileRule)
	if reply.Outcome != resync.None {
		return nil, err == nil && rule.Keyed
	}
	if err != nil || !rule.Keyed {
		return reply.Body, false
	}
	m := ph.Model()
	key := rule.Expand(m.Personality.Vars(ph.Identity(), ph.Lease()), m.Personality.Macros(m.Quirks)).Key
	plain, err = m.Cipher.Open(nil, reply.Body, key)
	if err != nil {
		return nil, true
	}
	return plain, true
}
