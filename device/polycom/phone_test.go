package polycom

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

// bench is a device on a bench: its time moves when a test says so, and its server
// answers at once.
type bench struct {
	*device.Device
	t       *testing.T
	now     time.Duration
	lease   device.Lease
	told    []string // the options of a second lease, or of an answer to DHCPINFORM
	informs int
	leases  int               // that were asked for
	files   map[string]string // by path; the name of an outcome in place of a body: that failure
	closed  bool              // uploads get 405
	log     []string
	asked   []device.Request
	answers []string // METHOD PATH VERSION STATUS
	bodies  map[string]string
	saved   *device.Stored
}

var figure9 = device.MAC{0x00, 0x04, 0xf2, 0x1a, 0x24, 0x57}

// published is the folder of Figure 9 (smg-conversation.txt, message 9).
var published = map[string]string{
	"0004f21a2457.cfg":       `<?xml version="1.0" standalone="yes"?>` + "\n" + `<APPLICATION APP_FILE_PATH="sip.ld" CONFIG_FILES="phone-0004f21a2457.cfg, phone1.cfg, sip.cfg" MISC_FILES="" LOG_FILE_DIRECTORY="" OVERRIDES_DIRECTORY="" CONTACTS_DIRECTORY=""/>` + "\n",
	"phone-0004f21a2457.cfg": `<?xml version="1.0" standalone="yes"?>` + "\n" + `<phone reg.1.address="2001" reg.1.displayName="2001" reg.1.label="2001" reg.1.auth.userId="2001" reg.1.auth.password="s3cret" reg.1.server.1.address="sip.example.net"/>` + "\n",
	"phone1.cfg":             `<?xml version="1.0" standalone="yes"?>` + "\n" + `<phone1 reg.1.label="unset" reg.1.server.1.expires="3600"/>` + "\n",
	"sip.cfg":                `<?xml version="1.0" standalone="yes"?>` + "\n" + `<sip voIpProt.SIP.local.port="5060" prov.polling.enabled="0"/>` + "\n",
	"bootrom.ld":             strings.Repeat("B", 64),
	"sip.ld":                 strings.Repeat("S", 64),
}

const folder = "/phoneprovisioning/020319816065/"

// newBench returns the phone of Figure 9, or one of another product, whose server has the
// tree; settings are by their names in files.
func newBench(t *testing.T, product string, quirks []string, settings ...string) *bench {
	t.Helper()
	q, err := Personality.ParseQuirks(quirks)
	if err != nil {
		t.Fatal(err)
	}
	m := device.NewModel(&Personality, encrypt.Ciphers()[0])
	m.Quirks, m.Memo = q, device.NewMemo()
	var config profile.Config
	for _, s := range settings {
		name, value, _ := strings.Cut(s, "=")
		if config, err = config.With(name, value); err != nil {
			t.Fatal(err)
		}
	}
	b := &bench{t: t, files: map[string]string{}, bodies: map[string]string{}}
	for name, body := range published {
		b.files[folder+name] = body
	}
	id := shipped
	id.MAC, id.Product, id.Serial = figure9, product, figure9.String()
	b.saved = &device.Stored{Config: config}
	b.Device = device.New(m, id, b.saved)
	return b.offer("66=http://193.164.253.250/phoneprovisioning/020319816065")
}

func (b *bench) offer(options ...string) *bench {
	o, err := device.ParseOptions(options)
	if err != nil {
		b.t.Fatal(err)
	}
	b.lease = device.Lease{Addr: netip.MustParseAddr("192.168.100.100"), Offer: o.Offer("")}
	return b
}

func (b *bench) tell(in device.Input) {
	in.Now = b.now
	for _, fx := range b.Step(&in, nil) {
		switch fx.Do {
		case device.Journal:
			b.log = append(b.log, fmt.Sprintf("%v %v %v %v %q", fx.Event.Kind, fx.Event.Outcome, fx.Event.Cause, fx.Event.Expected, fx.Event.Note))
		case device.AskMore:
			b.informs++
			if b.told != nil {
				b.offer(b.told...).tell(device.Input{Kind: device.GotLease, Lease: b.lease})
			}
		case device.AskLease:
			b.leases++
			if fx.Ask == device.AskAgain {
				b.offer(b.told...)
			}
			b.tell(device.Input{Kind: device.GotLease, Lease: b.lease})
		case device.Fetch:
			b.asked = append(b.asked, *fx.Request)
			reply := b.reply(fx.Request)
			b.tell(device.Input{Kind: device.GotReply, Transfer: fx.Transfer, Reply: &reply})
		case device.Save:
			b.saved = fx.Stored
		case device.Obey: // the phone is free
			b.tell(device.Input{Kind: device.AskOrder, Cause: resync.Person, Note: fx.Event.Note})
		}
	}
}

func (b *bench) reply(r *device.Request) device.Reply {
	word := map[device.Method]string{device.Read: "GET", device.Write: "PUT", device.Head: "HEAD"}[r.Method]
	_, version, _ := strings.Cut(r.UserAgent(), "-UA/")
	say := func(status int) {
		b.answers = append(b.answers, fmt.Sprint(word, " ", strings.TrimPrefix(r.Path, folder), " ", version, " ", status))
	}
	body, there := b.files[r.Path]
	var failure resync.Outcome
	switch {
	case there && body != "" && failure.UnmarshalText([]byte(body)) == nil:
		say(0)
		return device.Reply{Outcome: failure}
	case r.Method == device.Write && b.closed:
		say(405)
		return device.Reply{Outcome: resync.HTTPStatus, Status: 405}
	case r.Method == device.Write:
		say(201)
		b.bodies[r.Path] = string(r.Body())
		return device.Reply{Outcome: resync.Sent, Bytes: int64(len(b.bodies[r.Path]))}
	case !there:
		say(404)
		return device.Reply{Outcome: resync.NotFound, Status: 404}
	}
	say(200)
	if r.Enough != nil && len(body) >= r.Head && r.Enough([]byte(body[:r.Head])) {
		body = body[:r.Head]
	}
	return device.Reply{Body: []byte(body), Bytes: int64(len(body))}
}

// wait moves the time, with a tick at every deadline on the way.
func (b *bench) wait(d time.Duration) {
	end := b.now + d
	for b.Deadline() <= end {
		b.now = max(b.now, b.Deadline())
		b.tell(device.Input{Kind: device.Tick})
	}
	b.now = end
}

// boot switches the phone on and lets a minute pass; it returns the latest outcome.
func (b *bench) boot() string {
	b.tell(device.Input{Kind: device.PowerOn})
	b.wait(time.Minute)
	return b.outcome()
}

// again lets the phone boot anew after its answers are forgotten.
func (b *bench) again() string {
	b.asked, b.answers = nil, nil
	b.tell(device.Input{Kind: device.PowerOff})
	return b.boot()
}

func (b *bench) outcome() string {
	for i := len(b.log) - 1; i >= 0; i-- {
		if words := strings.Fields(b.log[i]); strings.HasSuffix(words[0], ".done") {
			return words[1]
		}
	}
	return "none"
}

func (b *bench) said(text string) bool { return strings.Contains(strings.Join(b.log, "\n"), text) }

// paths returns what was asked for, in order, each with its status.
func (b *bench) paths() string { return strings.Join(b.answers, "\n") }

func (b *bench) setting(name string) string {
	value, _ := b.saved.Config.Get(name)
	return value
}
