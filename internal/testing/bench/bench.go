// Package bench puts a phone on a bench: its time moves when a test says so, and
// its server answers at once out of a map. It is for the tests of vendors.
package bench

import (
	"fmt"
	"net/netip"
	"strings"
	"testing"
	"time"

	"provsim/device"
	"provsim/encrypt"
	"provsim/profile"
	"provsim/resync"
)

// Phone is a device on a bench.
type Phone struct {
	*device.Device
	T     testing.TB
	Now   time.Duration
	Lease device.Lease
	// Files are the bodies of a server by their URL. A word of an outcome stands for
	// that failure.
	Files map[string]string
	Asked []device.Request // all requests so far
	Log   []string         // the journal: the event's word and what it says
	Saved *device.Stored
}

// New returns a phone of a vendor with settings NAME=VALUE by their names in files.
// The product is the vendor's own where id has none.
func New(t testing.TB, p *device.Personality, id device.Identity, quirks device.Quirks, settings ...string) *Phone {
	t.Helper()
	m := device.NewModel(p, encrypt.Ciphers()[0])
	m.Quirks, m.Memo, m.Seed = quirks, device.NewMemo(), 7
	var config profile.Config
	for _, s := range settings {
		name, value, _ := strings.Cut(s, "=")
		if _, ok := m.Parameters.Named(name); !ok {
			t.Fatalf("no setting %q", name)
		}
		var err error
		if config, err = config.With(name, value); err != nil {
			t.Fatal(err)
		}
	}
	if id.Product == "" {
		id.Product = p.Shipped.Product
	}
	if id.Hardware == "" {
		id.Hardware = p.Shipped.Hardware
	}
	if id.Software == "" {
		id.Software = p.Shipped.Software
	}
	b := &Phone{T: t, Files: map[string]string{}, Saved: &device.Stored{Config: config}}
	b.Device = device.New(m, id, b.Saved)
	b.Lease = device.Lease{Addr: netip.MustParseAddr("192.0.2.10")}
	return b
}

// Offer makes the lease carry options, each NUMBER=VALUE.
func (p *Phone) Offer(options ...string) *Phone {
	p.T.Helper()
	o, err := device.ParseOptions(options)
	if err != nil {
		p.T.Fatal(err)
	}
	p.Lease.Offer = o.Offer("")
	return p
}

// Boot switches the phone on and lets it do what is due at once.
func (p *Phone) Boot() {
	p.Tell(device.Input{Kind: device.PowerOn})
	p.Wait(0)
}

// Wait lets time pass, with all that falls due meanwhile.
func (p *Phone) Wait(d time.Duration) {
	end := p.Now + d
	for p.Deadline() <= end {
		p.Now = max(p.Now, p.Deadline())
		p.Tell(device.Input{Kind: device.Tick})
	}
	p.Now = end
}

// Tell tells the phone something and does what it asks for.
func (p *Phone) Tell(in device.Input) {
	in.Now = p.Now
	for _, fx := range p.Step(&in, nil) {
		switch fx.Do {
		case device.Journal:
			p.Log = append(p.Log, sentence(&fx.Event))
		case device.AskLease:
			p.Tell(device.Input{Kind: device.GotLease, Lease: p.Lease})
		case device.Fetch:
			p.Asked = append(p.Asked, *fx.Request)
			reply := p.reply(fx.Request)
			p.Tell(device.Input{Kind: device.GotReply, Transfer: fx.Transfer, Reply: &reply})
		case device.Save:
			p.Saved = fx.Stored
		case device.Obey: // the phone is free
			p.Tell(device.Input{Kind: device.AskOrder, Cause: resync.Person, Note: fx.Event.Note})
		}
	}
}

func sentence(e *device.Event) string {
	words := []string{e.Kind.String()}
	if e.Outcome != resync.None {
		words = append(words, e.Outcome.String())
	}
	if e.Expected {
		words = append(words, "expected")
	}
	if e.URL != "" {
		words = append(words, e.URL)
	}
	if e.Note != "" {
		words = append(words, "("+e.Note+")")
	}
	return strings.Join(words, " ")
}

func (p *Phone) reply(r *device.Request) device.Reply {
	body, ok := p.Files[r.URL()]
	var failure resync.Outcome
	switch {
	case r.Method != device.Read && (!ok || failure.UnmarshalText([]byte(body)) != nil):
		return device.Reply{Outcome: resync.Sent, Body: []byte(body)}
	case !ok:
		return device.Reply{Outcome: resync.NotFound}
	case failure.UnmarshalText([]byte(body)) == nil && body != "":
		reply := device.Reply{Outcome: failure}
		if failure == resync.HTTPStatus {
			reply.Status = 503
		}
		return reply
	}
	return device.Reply{Body: []byte(body), Bytes: int64(len(body))}
}

// Paths returns the paths that were asked for since the last call, with their
// methods where these are not reads.
func (p *Phone) Paths() string {
	var paths []string
	for _, r := range p.Asked {
		path := r.Path
		if r.Method != device.Read {
			path = r.Method.String() + " " + path
		}
		paths = append(paths, path)
	}
	p.Asked = nil
	return strings.Join(paths, " ")
}

// Outcome returns how the latest job ended.
func (p *Phone) Outcome() string {
	for i := len(p.Log) - 1; i >= 0; i-- {
		if rest, ok := strings.CutPrefix(p.Log[i], "resync.done "); ok {
			word, _, _ := strings.Cut(rest, " ")
			return word
		}
	}
	return ""
}

// Said reports whether the journal has an event that begins so.
func (p *Phone) Said(begin string) bool {
	for _, line := range p.Log {
		if strings.HasPrefix(line, begin) {
			return true
		}
	}
	return false
}

// Setting returns a stored setting by its name in files.
func (p *Phone) Setting(name string) string {
	value, ok := p.Stored().Config.Get(name)
	if !ok {
		return fmt.Sprintf("no %s", name)
	}
	return value
}

// PressKey boots a phone and asks the address of its own web server for a key, which has to
// bring a resync, after a reboot or without one.
func (b *Phone) PressKey(key string, reboots bool) {
	b.T.Helper()
	b.Boot()
	b.Paths()
	request := device.WebRequest{Method: "GET", Path: "/cgi-bin/ConfigManApp.com", Query: "key=" + key, Login: device.Account{User: "admin", Password: "admin"}}
	a := b.Model().Personality.Web(b.Device, &device.WebState{}, &request)
	b.Tell(device.Input{Kind: a.Ask, Cause: resync.Person})
	if a.Status != 200 || b.Said("reboot") != reboots || (b.Paths() == "") != reboots {
		b.T.Errorf("%s: status %d, %q", key, a.Status, b.Log)
	}
	if b.Wait(time.Hour); reboots && b.Paths() == "" {
		b.T.Errorf("it does not resync after the reboot: %q", b.Log)
	}
}
