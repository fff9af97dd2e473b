package check

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"net/netip"
	"net/url"
	"path"
	"slices"
	"strings"
	"sync"

	"provsim/device"
	"provsim/device/vendors"
	"provsim/encrypt"
	"provsim/profile"
	"provsim/profile/rule"
	"provsim/resync"
)

// documentation is the address that phones have where the target names none
// (RFC 5737).
var documentation = netip.AddrFrom4([4]byte{192, 0, 2, 10})

// phone is one of the target's phones with power and a lease.
type phone struct {
	*device.Device
	mu sync.Mutex // one goroutine at a time may talk to the device
}

// model returns what the target's phones have in common.
func (t *Target) model() (*device.Model, error) {
	cipher, err := encrypt.Lookup(cmp.Or(t.Cipher, encrypt.Default))
	if err != nil {
		return nil, err
	}
	personality, err := vendors.Lookup(t.vendor())
	if err != nil {
		return nil, err
	}
	m := device.NewModel(personality, cipher)
	m.Agent, m.TLS = t.Agent, t.TLS
	if m.Quirks, err = m.Personality.ParseQuirks(t.Quirks); err != nil {
		return nil, err
	}
	return m, m.TLS.Check()
}

// Of returns the target as it is for one of its phones.
func (t *Target) Of(given Phone) *Target {
	of := *t
	if given.Server != "" || given.Rule != "" {
		of.Server, of.ProfileRule, of.Option66 = given.Server, given.Rule, ""
	}
	of.Product = cmp.Or(given.Product, t.Product)
	if given.Address.IsValid() {
		of.Address = given.Address
	}
	return &of
}

// CheckPhone says what is wrong with a phone of the target.
func (t *Target) CheckPhone(given Phone) error {
	m, err := t.model()
	if err == nil {
		_, err = t.phone(m, given)
	}
	return err
}

// phone boots one of the target's phones.
func (t *Target) phone(m *device.Model, given Phone) (*phone, error) {
	t = t.Of(given)
	id := m.Personality.Shipped
	id.MAC, id.Serial = given.MAC, cmp.Or(given.Serial, m.Personality.Serial(given.MAC))
	id.Product, id.Hardware = cmp.Or(t.Product, id.Product), cmp.Or(t.Hardware, id.Hardware)
	id.Software = cmp.Or(t.Software, m.Personality.Delivered(id.Product))
	config, lease, err := t.settings(m)
	if err != nil {
		return nil, err
	}
	if _, err := given.Certificate.pair(); err != nil {
		return nil, err
	}
	stored := &device.Stored{Config: config, Certificates: &device.Certificates{
		CA: t.CA, Cert: given.Certificate.Cert, Key: given.Certificate.Key, Pass: given.Certificate.Pass,
	}}
	return &phone{Device: device.Rehearsal(m, id, stored, lease)}, nil
}

// settings returns what the target says about the phones' settings and lease.
func (t *Target) settings(m *device.Model) (config profile.Config, lease device.Lease, err error) {
	lease = device.Lease{Addr: t.Address, Offer: device.TextOffer(66, t.Option66)}
	if !lease.Addr.IsValid() {
		lease.Addr = documentation
	}
	set := func(name, value string) error {
		p, ok := m.Parameters.Find(name)
		if !ok {
			if near, ok := m.Parameters.Nearest(name); ok {
				return fmt.Errorf("unknown setting %q, did you mean %q?", name, near)
			}
			return fmt.Errorf("phones of %s have no setting %q", m.Personality.Vendor, name)
		}
		err := m.Personality.Check(m.Quirks, p, value)
		if err == nil {
			config, err = config.With(p.Name, value)
		}
		if err != nil {
			return fmt.Errorf("%s: %w", p.Name, err)
		}
		return nil
	}
	if t.Server != "" && (t.ProfileRule != "" || t.Option66 != "") {
		return config, lease, errors.New("server and profile-rule or option66 each name a server: leave one of them out")
	}
	if u, err := url.Parse(t.Server); t.Server != "" && (err != nil || u.Host == "") {
		return config, lease, errors.New("server: want a URL such as http://192.0.2.1/phones/")
	}
	for _, way := range []struct {
		name, value string
		always      bool // also without a value
	}{
		{"option66", t.Option66, t.ProfileRule == "" && t.Server == ""}, {"profile-rule", t.ProfileRule, false}, {"server", t.Server, false},
		{"config-file-name", t.ConfigFileName, false}, {"upgrade-rule", t.UpgradeRule, false},
	} {
		if way.value == "" && !way.always {
			continue
		}
		settings, option, ok := m.Personality.Expand(way.name, way.value)
		if !ok && !way.always {
			return config, lease, fmt.Errorf("%s: phones of %s are led to their server otherwise, want server", way.name, m.Personality.Vendor)
		}
		if way.name == "server" && option != 0 {
			lease.Offer = device.TextOffer(option, way.value)
		}
		for _, s := range settings {
			if err := set(s.Name, s.Value); err != nil {
				return config, lease, err
			}
		}
	}
	for _, text := range t.Set {
		name, value, ok := strings.Cut(text, "=")
		if !ok {
			return config, lease, fmt.Errorf("setting %.40q has no '=', want NAME=VALUE", text)
		}
		if err := set(strings.TrimSpace(name), value); err != nil {
			return config, lease, err
		}
	}
	if t.Option66 != "" && t.ProfileRule == "" {
		if _, _, err := rule.ParseOption66(t.Option66, "x"); err != nil {
			return config, lease, fmt.Errorf("option 66: %w", err)
		}
	}
	return config, lease, nil
}

func (p *Probe) phone(mac device.MAC) (*phone, error) {
	for _, ph := range p.phones {
		if ph.MAC() == mac {
			return ph, nil
		}
	}
	return nil, fmt.Errorf("the target has no phone %s", mac)
}

// Request returns how the phone with an address asks for its configuration at a
// resync. Where it asks for several files it is the one that [Probe.Settle] has
// found, or the first that a good server has. The phone need not be one of the
// target's: then it is a phone like the first, with another address and without a
// certificate. The error is that of its rule.
func (p *Probe) Request(mac device.MAC) (device.Request, error) {
	ph, err := p.phone(mac)
	if err != nil {
		if ph, err = p.boot(Phone{MAC: mac}); err != nil {
			return device.Request{}, err
		}
	}
	all, note := ph.requests()
	if len(all) == 0 {
		return device.Request{}, fmt.Errorf("phone %s asks for nothing: %s", mac, note)
	}
	req := all[min(p.asked(ph, all), len(all)-1)]
	// A silent server would otherwise take all the time that a check has.
	req.Timeout = min(req.Timeout, fileTime*p.Patience)
	return req, nil
}

// mostRequests is how many requests of a phone are looked at.
const mostRequests = 50

// requests returns what the phone asks a server for that has no file, and what the
// firmware says in the end.
func (ph *phone) requests() (all []device.Request, note string) {
	ph.mu.Lock()
	defer ph.mu.Unlock()
	last := ph.Talk(resync.Resync, func(m *device.Move) *device.Reply {
		if len(all) == mostRequests {
			return nil
		}
		all = append(all, *m.Request)
		return &device.Reply{Outcome: resync.NotFound}
	})
	return all, last.Note
}

// asked returns which of its requests is the one for a phone's configuration.
func (p *Probe) asked(ph *phone, all []device.Request) int {
	if p.settled {
		return p.file
	}
	by, best, found := ph.Model().Personality, 0, false
	if by.Tree == nil {
		return 0
	}
	for i := range all {
		n := by.TreeFile(ph.Identity(), all[i].Class, path.Base(all[i].Path))
		if all[i].Class != device.ConfigClass || n < 0 || by.Tree.Files[n].Missing {
			continue
		}
		if by.Tree.Files[n].Own {
			return i
		}
		if !found {
			best, found = i, true
		}
	}
	return best
}

// Settle finds out which of several files the first phone gets from the server, for
// [Probe.Request]: its own or, where it gets none of its own, the last. It does nothing for
// phones that ask for one. Nothing else may use the probe meanwhile.
func (p *Probe) Settle(ctx context.Context) {
	if len(p.phones) == 0 {
		return
	}
	all, _ := p.phones[0].requests()
	if len(all) < 2 {
		return
	}
	good := p.asked(p.phones[0], all)
	got, err := p.Provision(ctx, p.phones[0].MAC())
	if err != nil {
		return
	}
	for _, t := range got.Transfers {
		i := slices.IndexFunc(all, func(req device.Request) bool { return req.Target == t.Request.Target })
		if i < 0 || t.Reply.Outcome != resync.None || t.Fault != resync.None || t.Request.Class != device.ConfigClass {
			continue
		}
		p.file, p.settled = i, true
		if i == good {
			break
		}
	}
	p.servers, _ = p.findServers() // it has succeeded before
}

// fileTime is how many times the probe's patience a configuration may take.
const fileTime = 4

// UpgradeRequest returns what the phone asks for at an upgrade. It does not ask
// over https (FV-UP-3), which is an error here.
func (p *Probe) UpgradeRequest(mac device.MAC) (device.Request, error) {
	ph, err := p.phone(mac)
	if err != nil {
		return device.Request{}, err
	}
	ph.mu.Lock()
	defer ph.mu.Unlock()
	move := ph.FirstMove(resync.Upgrade)
	if move.Request == nil || move.Request.Class != device.ImageClass { // firmware is not a job of its own for all
		return device.Request{}, fmt.Errorf("phone %s asks for no firmware: %s", mac, move.Note)
	}
	return *move.Request, nil
}

// boot boots a phone of the target, or one that the target does not list.
func (p *Probe) boot(given Phone) (*phone, error) {
	model, err := p.Target.model()
	if err != nil {
		return nil, err
	}
	return p.Target.phone(model, given)
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
