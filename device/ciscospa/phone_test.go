package ciscospa

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

// phone is a device on a bench: its time moves when a test says so, and its server
// answers at once.
type phone struct {
	*device.Device
	t     tester
	now   time.Duration
	lease device.Lease
	files map[string]string // by URL; a name of an outcome in place of a body: that failure
	log   []string
	asked []device.Request
	saved *device.Stored
}

// tester is a *testing.T or a *rapid.T.
type tester interface {
	Helper()
	Fatal(...any)
	Fatalf(string, ...any)
}

var examplePhone = device.MAC{0x00, 0x0e, 0x08, 0xaa, 0xbb, 0xcc}

// newPhone returns the phone of the specification's vectors with settings by their
// names in files, without random delay.
func newPhone(t tester, settings ...string) *phone {
	id := shipped
	id.MAC, id.Serial = examplePhone, "CCQ162306EA"
	return newPhoneOf(t, id, nil, settings...)
}

func newPhoneOf(t tester, id device.Identity, quirks device.Quirks, settings ...string) *phone {
	t.Helper()
	m := device.NewModel(&Personality, encrypt.Ciphers()[0])
	m.Quirks = quirks
	var config profile.Config
	for _, s := range append([]string{"Resync_Random_Delay=0"}, settings...) {
		name, value, _ := strings.Cut(s, "=")
		if _, ok := m.Parameters.Named(name); !ok {
			t.Fatalf("no setting %q", name)
		}
		var err error
		if config, err = config.With(name, value); err != nil {
			t.Fatal(err)
		}
	}
	p := &phone{t: t, files: map[string]string{}}
	p.saved = &device.Stored{Config: config}
	p.Device = device.New(m, id, p.saved)
	p.offer("66", "10.0.0.5")
	return p
}

// offer makes the lease carry options, numbers and values in turn.
func (p *phone) offer(options ...string) *phone {
	list := make([]string, 0, len(options)/2)
	for i := 0; i+1 < len(options); i += 2 {
		list = append(list, options[i]+"="+options[i+1])
	}
	o, err := device.ParseOptions(list)
	if err != nil {
		p.t.Fatal(err)
	}
	p.lease = device.Lease{Addr: netip.MustParseAddr("192.0.2.10"), Offer: o.Offer("")}
	return p
}

// flat returns a profile of settings NAME=VALUE.
func flat(settings ...string) string {
	var b strings.Builder
	b.WriteString("<flat-profile>\n")
	for _, s := range settings {
		name, value, _ := strings.Cut(s, "=")
		fmt.Fprintf(&b, "<%s ua=\"na\">%s</%s>\n", name, value, name)
	}
	return b.String() + "</flat-profile>\n"
}

func (p *phone) tell(in device.Input) {
	in.Now = p.now
	for _, fx := range p.Step(&in, nil) {
		switch fx.Do {
		case device.Journal:
			p.log = append(p.log, sentence(fx.Event))
		case device.AskLease:
			p.tell(device.Input{Kind: device.GotLease, Lease: p.lease})
		case device.Fetch:
			p.asked = append(p.asked, *fx.Request)
			reply := p.reply(fx.Request)
			p.tell(device.Input{Kind: device.GotReply, Transfer: fx.Transfer, Reply: &reply})
		case device.Save:
			p.saved = fx.Stored
		}
	}
}

func (p *phone) reply(r *device.Request) device.Reply {
	body, ok := p.files[r.URL()]
	if !ok {
		return device.Reply{Outcome: resync.NotFound}
	}
	var failure resync.Outcome
	if failure.UnmarshalText([]byte(body)) == nil && body != "" {
		return device.Reply{Outcome: failure}
	}
	reply := device.Reply{Body: []byte(body), Bytes: int64(len(body))}
	if r.Method != device.Read {
		reply.Outcome = resync.Sent
	}
	return reply
}

// wait moves the time, with a tick at every deadline on the way.
func (p *phone) wait(d time.Duration) {
	end := p.now + d
	for p.Deadline() <= end {
		p.now = max(p.now, p.Deadline())
		p.tell(device.Input{Kind: device.Tick})
	}
	p.now = end
}

// boot switches the device on and returns the word of the latest outcome.
func (p *phone) boot() string {
	p.tell(device.Input{Kind: device.PowerOn})
	return p.outcome()
}

func (p *phone) outcome() string {
	for i := len(p.log) - 1; i >= 0; i-- {
		if word, rest, _ := strings.Cut(p.log[i], " "); strings.HasSuffix(word, ".done") {
			word, _, _ = strings.Cut(rest, " ")
			return word
		}
	}
	return "none"
}

// urls returns what was asked for, in order.
func (p *phone) urls() string {
	list := make([]string, len(p.asked))
	for i, r := range p.asked {
		list[i] = r.URL()
	}
	return strings.Join(list, " ")
}

func (p *phone) said(text string) bool { return strings.Contains(strings.Join(p.log, "\n"), text) }

func (p *phone) setting(name string) string {
	return p.Model().Parameters.Value(p.saved.Config, name)
}

// sentence prints an event in a fixed order of its parts.
func sentence(e device.Event) string {
	s := e.Kind.String()
	for _, part := range []string{e.Outcome.String(), e.Cause.String(), e.URL, e.Version} {
		if part != "" {
			s += " " + part
		}
	}
	if e.Expected {
		s += " expected"
	}
	if e.Kind == device.Rebooting {
		s += fmt.Sprintf(" %v", e.Took)
	}
	if e.Note != "" {
		s += " (" + e.Note + ")"
	}
	return s
}
