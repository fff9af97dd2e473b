package flyingvoice

import (
	"fmt"
	"net/netip"
	"strings"
	"time"

	"provsim/device"
	"provsim/encrypt"
	"provsim/profile"
	"provsim/resync"
)

// phone is a device on a bench: its time moves when a test says so, and its
// server answers at once.
type phone struct {
	*device.Device
	t     tester
	now   time.Duration
	lease device.Lease
	serve func(device.Request) device.Reply
	log   []string         // the events, one text each
	asked []device.Request // what the server was asked
	saved *device.Stored   // what survives a power cut
	left  int              // how many effects happen before a power cut; negative: all
}

// tester is a *testing.T or a *rapid.T.
type tester interface {
	Fatal(...any)
	Fatalf(string, ...any)
}

// newPhone returns a device with settings by web name, without random delay
// and with reboots of 30 s, not switched on yet.
func newPhone(t tester, settings ...string) *phone {
	m := newModel()
	var config profile.Config
	for _, s := range append([]string{"Resync Random Delay=0"}, settings...) {
		name, value, _ := strings.Cut(s, "=")
		p, ok := m.Parameters.Find(name)
		if !ok {
			t.Fatalf("no setting %q", name)
		}
		var err error
		if config, err = config.With(p.Name, value); err != nil {
			t.Fatal(err)
		}
	}
	return newPhoneOf(t, m, &device.Stored{Config: config})
}

func newModel() *device.Model { return device.NewModel(&Personality, encrypt.Ciphers()[0]) }

func newPhoneOf(t tester, m *device.Model, stored *device.Stored) *phone {
	mac, err := device.ParseMAC("00:21:F2:01:1B:19")
	if err != nil {
		t.Fatal(err)
	}
	id := Personality.Shipped
	id.MAC, id.Serial = mac, Personality.Serial(mac)
	return &phone{
		Device: device.New(m, id, stored), t: t, saved: stored, left: -1,
		lease: device.Lease{Addr: netip.MustParseAddr("192.0.2.10"), Offer: device.TextOffer(66, "192.0.2.1")},
		serve: func(device.Request) device.Reply { return device.Reply{Outcome: resync.NotFound} },
	}
}

// file makes the server answer every request with a body.
func (p *phone) file(body string) *phone {
	p.serve = func(device.Request) device.Reply {
		return device.Reply{Body: []byte(body), Bytes: int64(len(body))}
	}
	return p
}

// tell says what happens and carries out what follows from it.
func (p *phone) tell(in device.Input) {
	in.Now = p.now
	for _, fx := range p.Step(&in, nil) {
		p.do(fx)
	}
}

func (p *phone) do(fx device.Effect) {
	if p.left == 0 {
		return
	}
	p.left--
	switch fx.Do {
	case device.Journal:
		p.log = append(p.log, sentence(fx.Event))
	case device.AskLease:
		p.tell(device.Input{Kind: device.GotLease, Lease: p.lease})
	case device.Fetch:
		p.asked = append(p.asked, *fx.Request)
		reply := p.serve(*fx.Request)
		p.tell(device.Input{Kind: device.GotReply, Transfer: fx.Transfer, Reply: &reply})
	case device.Save:
		p.saved = fx.Stored
	}
}

// wait moves the time, with a tick at every deadline on the way.
func (p *phone) wait(d time.Duration) {
	end := p.now + d
	for p.Deadline() <= end && p.left != 0 {
		p.now = max(p.now, p.Deadline())
		p.tell(device.Input{Kind: device.Tick})
	}
	p.now = end
}

// boot switches the device on and returns the word of its first outcome.
func (p *phone) boot() string {
	p.tell(device.Input{Kind: device.PowerOn})
	return p.outcome()
}

// outcome returns the word of the latest job's outcome.
func (p *phone) outcome() string {
	for i := len(p.log) - 1; i >= 0; i-- {
		if word, rest, _ := strings.Cut(p.log[i], " "); strings.HasSuffix(word, ".done") {
			word, _, _ = strings.Cut(rest, " ")
			return word
		}
	}
	return "none"
}

// said reports whether an event of the log holds a text.
func (p *phone) said(text string) bool {
	return strings.Contains(strings.Join(p.log, "\n"), text)
}

// setting returns a stored setting by its web name.
func (p *phone) setting(web string) string {
	param, _ := p.Model().Parameters.Find(web)
	value, _ := p.saved.Config.Get(param.Name)
	return value
}

// sentence prints an event in a fixed order of its parts.
func sentence(e device.Event) string {
	s := e.Kind.String()
	for _, part := range []string{e.Outcome.String(), e.Cause.String(), e.URL, e.Version} {
		if part != "" {
			s += " " + part
		}
	}
	if e.Kind == device.Rebooting {
		s += fmt.Sprintf(" %v", e.Took)
	}
	if e.Note != "" {
		s += " (" + e.Note + ")"
	}
	return s
}
