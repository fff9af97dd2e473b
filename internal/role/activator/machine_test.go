package activator

import (
	"errors"
	"fmt"
	"net/netip"
	"net/url"
	"strings"
	"testing"
	"time"

	"provsim/device"
)

var (
	loopback = netip.MustParseAddr("127.0.0.1")
	phoneA   = device.MAC{0x00, 0x04, 0xf2, 0x1a, 0x24, 0x57}
	phoneB   = device.MAC{0x00, 0x04, 0xf2, 0x1a, 0x24, 0x58}
	account  = &Account{User: "2001", Password: "s3cret", Server: "sip.example.net", Reseller: "Acme"}
)

// bench is a machine with a clock that stands still, and what it did.
type bench struct {
	*Machine
	now   time.Time
	did   []string
	tells []string
}

func newBench(c Config) *bench { return &bench{Machine: New(c, nil), now: time.Unix(1228908600, 0)} }

func (b *bench) note(acts []Action) {
	for _, a := range acts {
		switch a.Do {
		case Tell:
			b.tells = append(b.tells, a.Record.Event+" "+a.Record.Note)
		case Ask:
			b.did = append(b.did, "ask "+a.MAC.String())
		case Publish:
			b.did = append(b.did, "publish "+a.Number)
		case Remove:
			b.did = append(b.did, "remove "+a.Number)
		case Reply:
			b.did = append(b.did, fmt.Sprint("reply ", a.Status))
		}
	}
}

func (b *bench) event(mac, number string) int {
	status, _, acts := b.Event(b.now, loopback, Event{Serial: "00E0C8100001", Class: "DHCP", Subclass: "67", MAC: mac, Number: number})
	b.note(acts)
	return status
}

func (b *bench) answer(number string, mac device.MAC, fault string) {
	b.note(b.Answered(b.now, number, mac, account, fault, "why"))
}

func (b *bench) publish(number string, mac device.MAC) {
	b.event(mac.String(), number)
	b.answer(number, mac, "")
	b.note(b.Published(b.now, number, mac, nil))
}

func (b *bench) get(number, name string) bool {
	_, ok, acts := b.Get(b.now, loopback, number, name)
	b.note(acts)
	return ok
}

func (b *bench) wait(d time.Duration) { b.now = b.now.Add(d); b.note(b.Tick(b.now)) }

func (b *bench) took(t *testing.T, want ...string) {
	t.Helper()
	if got := strings.Join(b.did, ", "); got != strings.Join(want, ", ") {
		t.Errorf("did %q, want %q", got, strings.Join(want, ", "))
	}
	b.did = nil
}

func (b *bench) told(word string) bool {
	for _, line := range b.tells {
		if strings.HasPrefix(line, word+" ") {
			return true
		}
	}
	return false
}

// ACT-EVT-1: who may send events, and what is wrong with one.
func TestEventIsChecked(t *testing.T) {
	good := Event{Serial: "00E0C8100001", Class: "DHCP", Subclass: "67", MAC: "0004f21a2457", Number: "020319816065"}
	with := func(change func(*Event)) Event { e := good; change(&e); return e }
	far := netip.MustParseAddr("192.0.2.7")
	network, _ := ParseSource("192.0.2.0/24")
	gateway, _ := ParseSource("00E0C8100001")
	for _, c := range []struct {
		allow []Source
		from  netip.Addr
		event Event
		want  int
	}{
		{nil, loopback, good, 200},
		{nil, netip.MustParseAddr("::1"), good, 200},
		{nil, netip.MustParseAddr("::ffff:127.0.0.1"), good, 200},
		{nil, far, good, 403},
		{[]Source{network}, far, good, 200},
		{[]Source{network}, loopback, good, 403},
		{[]Source{gateway}, loopback, good, 200},
		{[]Source{gateway}, loopback, with(func(e *Event) { e.Serial = "" }), 403},
		{nil, loopback, with(func(e *Event) { e.Class = "Script" }), 400},
		{nil, loopback, with(func(e *Event) { e.Subclass = "9999" }), 400},
		{nil, loopback, with(func(e *Event) { e.MAC = "00:04:f2:1a:24:57" }), 400},
		{nil, loopback, with(func(e *Event) { e.MAC = "0104f21a2457" }), 400},
		{nil, loopback, with(func(e *Event) { e.Number = "" }), 400},
		{nil, loopback, with(func(e *Event) { e.Number = "../x" }), 400},
		{nil, loopback, with(func(e *Event) { e.Number = strings.Repeat("1", 33) }), 400},
	} {
		m := New(Config{Allow: c.allow}, nil)
		status, reason, acts := m.Event(time.Now(), c.from, c.event)
		if status != c.want || (status >= 400) != (reason != "") {
			t.Errorf("%+v from %v: %d %q, want %d", c.event, c.from, status, reason, c.want)
		}
		if status >= 400 && (len(acts) != 1 || acts[0].Record.Event != "event.refused") {
			t.Errorf("%+v from %v: %+v, want it in the log", c.event, c.from, acts)
		}
	}
}

// ACT-EVT-2: the same event again, another number, another phone.
func TestEventAgain(t *testing.T) {
	b := newBench(Config{})
	b.publish("1", phoneA)
	b.took(t, "ask 0004f21a2457", "publish 1")
	if status := b.event(phoneA.String(), "1"); status != 200 {
		t.Errorf("the same event again: %d, want 200", status)
	}
	b.took(t)
	if status := b.event(phoneB.String(), "1"); status != 400 {
		t.Errorf("the number of another phone: %d, want 400", status)
	}
	b.took(t)
	b.event(phoneA.String(), "2")
	b.answer("2", phoneA, "")
	if !b.get("1", "0004f21a2457.cfg") {
		t.Error("the old tree ended before the new one was published")
	}
	b.note(b.Published(b.now, "2", phoneA, nil))
	b.took(t, "ask 0004f21a2457", "publish 2", "remove 1")
	if b.get("1", "0004f21a2457.cfg") || !b.get("2", "0004f21a2457.cfg") {
		t.Error("after the new number is published, want 404 for the old one and 200 for the new one")
	}
}

// A number that is overtaken while its tree is being made ends without a trace.
func TestNewerNumberOvertakes(t *testing.T) {
	b := newBench(Config{})
	b.event(phoneA.String(), "1")
	b.answer("1", phoneA, "")
	b.event(phoneA.String(), "2")
	b.note(b.Published(b.now, "1", phoneA, nil))
	b.took(t, "ask 0004f21a2457", "publish 1", "ask 0004f21a2457", "remove 1")
	if b.get("1", "sip.ld") || len(b.Trees()) != 0 || b.Pending() != 1 {
		t.Errorf("trees %v, pending %d, want none and the newer one", b.Trees(), b.Pending())
	}
}

// ACT-TW-1: tries at 0, 30, …, 150 s where the server refuses at once; other
// faults are final.
func TestTelewareFaults(t *testing.T) {
	b := newBench(Config{})
	b.event(phoneA.String(), "1")
	b.took(t, "ask 0004f21a2457")
	for try := 1; try < 6; try++ {
		b.answer("1", phoneA, "teleware-down")
		if got := b.Deadline().Sub(b.now); got != 30*time.Second {
			t.Fatalf("after try %d the next is %v away, want 30s", try, got)
		}
		b.wait(29 * time.Second)
		b.took(t)
		b.wait(time.Second)
		b.took(t, "ask 0004f21a2457")
	}
	b.answer("1", phoneA, "teleware-down")
	if b.Pending() != 0 || !b.Deadline().IsZero() {
		t.Errorf("after the sixth try %d events wait until %v, want none", b.Pending(), b.Deadline())
	}
	for _, fault := range []string{"unknown-mac", "bad-answer"} {
		b := newBench(Config{})
		b.event(phoneA.String(), "1")
		b.answer("1", phoneA, fault)
		if b.Pending() != 0 || !b.told(fault) {
			t.Errorf("%s: %d wait, log %q, want it final", fault, b.Pending(), b.tells)
		}
		if status := b.event(phoneA.String(), "1"); status != 200 {
			t.Errorf("%s: a later event gets %d, want 200", fault, status)
		}
		b.took(t, "ask 0004f21a2457", "ask 0004f21a2457")
	}
}

// The answer of the account server (ACT-TW-1).
func TestReadAccount(t *testing.T) {
	for body, want := range map[string]bool{
		"user=2001&password=s3cret&server=sip.example.net&reseller=Acme":    true,
		"user=2001&password=s3cret&reseller=Acme+Ltd":                       true,
		"password=s3cret&server=s&reseller=Acme":                            false,
		"user=2001&server=s&reseller=Acme":                                  false,
		"user=2001&password=p&server=s":                                     false,
		"user=2001&password=p&server=s&reseller=..%2Fx":                     false,
		"user=2001&password=p&server=s&reseller=" + strings.Repeat("a", 65): false,
		"user=%zz": false,
	} {
		if _, ok := ReadAccount([]byte(body)); ok != want {
			t.Errorf("%q: taken %v, want %v", body, ok, want)
		}
	}
}

// ACT-EXP-1: a tree ends by time, whatever is asked of it, and 404 is the answer.
func TestTreeExpires(t *testing.T) {
	b := newBench(Config{})
	b.publish("1", phoneA)
	b.did = nil
	b.wait(3599 * time.Second)
	if !b.get("1", "sip.cfg") {
		t.Error("the tree ended early")
	}
	b.wait(time.Second)
	b.took(t, "remove 1")
	if b.get("1", "sip.cfg") || !b.told("expired") {
		t.Errorf("an hour after it was published: want 404 and 'expired' in the log, which has %q", b.tells)
	}
	endless := newBench(Config{Life: -1})
	endless.publish("1", phoneA)
	endless.wait(10000 * time.Hour)
	if !endless.get("1", "sip.cfg") {
		t.Error("a tree that ends never has ended")
	}
}

// ACT-GET-1, ACT-GET-2: six names without case, and nothing else.
func TestGet(t *testing.T) {
	b := newBench(Config{})
	b.publish("1", phoneA)
	b.publish("2", phoneB)
	for name, want := range map[string]bool{
		"0004f21a2457.cfg": true, "0004F21A2457.CFG": true, "phone-0004f21a2457.cfg": true, "phone1.cfg": true, "sip.cfg": true,
		"bootrom.ld": true, "sip.ld": true, "SIP.LD": true,
		"": false, "0004f21a2458.cfg": false, "2345-12450-001.sip.ld": false, "0004f21a2457-boot.log": false, ".": false,
	} {
		if got := b.get("1", name); got != want {
			t.Errorf("%q: found %v, want %v", name, got, want)
		}
	}
	if b.get("3", "sip.ld") || b.get("", "sip.ld") {
		t.Error("an unknown number has a file")
	}
}

// ACT-GET-3: the log reports a phone that came before its tree as late.
func TestLate(t *testing.T) {
	b := newBench(Config{})
	b.get("1", "sip.ld")
	b.now = b.now.Add(2 * time.Second)
	b.get("1", "0004f21a2457.cfg")
	b.publish("1", phoneA)
	if !strings.Contains(strings.Join(b.tells, "\n"), "late 2.0 s after the phone's first request, which had 2 answers 404") {
		t.Errorf("the log has %q", b.tells)
	}
}

// ACT-SEC-1: the log reports ten different unknown numbers from one address once a
// minute. It does not report a phone that asks for one number again and again.
func TestGuessing(t *testing.T) {
	b := newBench(Config{})
	for range 50 {
		b.get("7", "sip.ld")
	}
	if b.told("guessing") {
		t.Errorf("one number again and again: %q", b.tells)
	}
	for i := range 200 {
		b.get(fmt.Sprint(100+i), "sip.ld")
	}
	count := func() (n int) {
		for _, line := range b.tells {
			if strings.HasPrefix(line, "guessing") {
				n++
			}
		}
		return n
	}
	if count() != 1 {
		t.Errorf("told %d times, want once", count())
	}
	b.now = b.now.Add(time.Minute)
	for i := range 10 {
		b.get(fmt.Sprint(900+i), "sip.ld")
	}
	if count() != 2 {
		t.Errorf("a minute later told %d times in all, want twice", count())
	}
	for i := range 3 * missesKept { // and the memory of it has an end
		b.get(fmt.Sprint(5000+i), "x")
	}
	if len(b.misses.known) > missesKept || len(b.misses.order) > 2*missesKept {
		t.Errorf("%d numbers are remembered, want at most %d", len(b.misses.known), missesKept)
	}
}

// ACT-PUT-1.
func TestPut(t *testing.T) {
	b := newBench(Config{})
	b.publish("1", phoneA)
	for _, c := range []struct {
		number, name string
		want         int
	}{
		{"1", "0004f21a2457-boot.log", 201}, {"1", "0004F21A2457-BOOT.LOG", 204}, {"1", "0004f21a2457-directory.xml", 201},
		{"1", "0004f21a2457.cfg", 403}, {"1", "0004f21a2458-boot.log", 403}, {"1", "sip.ld", 403}, {"1", "0004f21a2457-../x", 403},
		{"2", "0004f21a2457-boot.log", 404},
	} {
		_, status, acts := b.Put(b.now, loopback, c.number, c.name)
		b.note(acts)
		if status != c.want {
			t.Errorf("PUT %s/%s: %d, want %d", c.number, c.name, status, c.want)
		}
	}
	if !b.get("1", "0004f21a2457-boot.log") {
		t.Error("what was uploaded cannot be read")
	}
	b.Lost("1", "0004f21a2457-boot.log")
	if b.get("1", "0004f21a2457-boot.log") {
		t.Error("a file that could not be kept can be read")
	}
}

// Quirk answer=after: the event is answered when its tree is there.
func TestAnswerAfter(t *testing.T) {
	b := newBench(Config{AnswerAfter: true})
	if status := b.event(phoneA.String(), "1"); status != 0 {
		t.Errorf("status %d at once, want none", status)
	}
	b.answer("1", phoneA, "")
	b.note(b.Published(b.now, "1", phoneA, nil))
	b.event(phoneB.String(), "2")
	b.answer("2", phoneB, "")
	b.note(b.Published(b.now, "2", phoneB, errors.New("no space left on device")))
	b.took(t, "ask 0004f21a2457", "publish 1", "reply 200", "ask 0004f21a2458", "publish 2", "reply 502")
}

func FuzzEvent(f *testing.F) {
	f.Add("seq=1&sn=00E0C8100001&time=1228908600&class=DHCP&subclass=67&severity=6&name=P&mac=0004f21a2457&ip=192.168.100.100&rand=020319816065")
	f.Add("user=2001&password=s3cret&server=sip.example.net&reseller=Acme")
	f.Fuzz(func(t *testing.T, body string) {
		ReadAccount([]byte(body))
		form, err := url.ParseQuery(body)
		if err != nil {
			return
		}
		b := newBench(Config{})
		e := ReadEvent(form)
		if status, _, _ := b.Event(b.now, loopback, e); status == 200 {
			if b.Pending() != 1 || !isNumber(e.Number) {
				t.Errorf("%q was taken", body)
			}
		}
	})
}
