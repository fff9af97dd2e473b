package gateway

import (
	"bufio"
	"bytes"
	"crypto/rand"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"io"
	"net"
	"net/netip"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/insomniacslk/dhcp/dhcpv4"
	"pgregory.net/rapid"

	"provsim/device"
)

var phone = device.MAC{0x00, 0x04, 0xf2, 0x1a, 0x24, 0x57}

const document = `
# the document's settings
Set DHCP server TFTP server 1,http://193.164.253.250/phoneprovisioning
Dhcp Server Mac Alert Enabled 1 = yes
Set Dhcp Server Mac Alert Name 1,PhoneProvisioning
Dhcp Server Mac Alert Address 1 0004f2
Dhcp Server Mac Alert Mask 1 = ffffff
Dhcp Server Mac Alert Randomise Tftp Server Name 1 = yes
Event Forwarding Discriminator Entry Class 2 = DHCP
Event Forwarding Discriminator Entry Subclass 2 = 67
Event Forwarding Discriminator Entry Target 2 = activator
Set Http Client File Server Ip Address 193.164.253.250
random number digits 12
`

// fixed is a source that gives these digits, once and again.
func fixed(digits string) func(device.MAC, uint32) io.Reader {
	return func(_ device.MAC, count uint32) io.Reader {
		block := make([]byte, 64)
		for i := range digits {
			block[i] = digits[i] - '0'
		}
		block[len(digits)-1] += byte(count - 1) // the next lease's number is another
		return bytes.NewReader(block)
	}
}

// bench is a gateway whose clock stands still.
type bench struct {
	*Machine
	now  time.Time
	sent []*dhcpv4.DHCPv4
	raw  [][]byte
	log  []string // debug lines
	told []string
	post []string
}

func newBench(t *testing.T, settings string, change ...func(*Config)) *bench {
	t.Helper()
	c := Config{Settings: Defaults(), Random: fixed("020319816065")}
	if err := c.Read(strings.NewReader(settings)); err != nil {
		t.Fatal(err)
	}
	for _, f := range change {
		f(&c)
	}
	return &bench{Machine: New(c), now: time.Unix(1228908600, 0)}
}

func (b *bench) take(t *testing.T, acts []Action) {
	t.Helper()
	for _, a := range acts {
		switch a.Do {
		case Send:
			p, err := dhcpv4.FromBytes(a.Packet)
			if err != nil {
				t.Fatal(err)
			}
			b.sent, b.raw = append(b.sent, p), append(b.raw, a.Packet)
			b.log = append(b.log, "> "+p.MessageType().String())
		case Debug:
			b.log = append(b.log, a.Line)
		case Tell:
			b.told = append(b.told, a.Record.Event+" "+a.Record.Note)
		case Post:
			b.post = append(b.post, a.URL+" "+a.Body)
		}
	}
}

// client sends a message of the phone's own.
func (b *bench) client(t *testing.T, kind dhcpv4.MessageType, xid byte, options ...dhcpv4.Option) *dhcpv4.DHCPv4 {
	t.Helper()
	p, err := dhcpv4.New(dhcpv4.WithMessageType(kind), dhcpv4.WithHwAddr(net.HardwareAddr(phone[:])))
	if err != nil {
		t.Fatal(err)
	}
	p.TransactionID = dhcpv4.TransactionID{xid}
	for _, o := range options {
		if o.Code == dhcpv4.OptionBroadcastAddress { // stands for ciaddr
			p.ClientIPAddr = o.Value.ToBytes()
			continue
		}
		p.Options.Update(o)
	}
	return b.packet(t, p.ToBytes())
}

func (b *bench) packet(t *testing.T, raw []byte) *dhcpv4.DHCPv4 {
	t.Helper()
	before := len(b.sent)
	b.take(t, b.Packet(b.now, raw, netip.MustParseAddrPort("127.0.0.1:40067")))
	if len(b.sent) == before {
		return nil
	}
	return b.sent[len(b.sent)-1]
}

func want(addr string) dhcpv4.Option { return dhcpv4.OptRequestedIPAddress(net.ParseIP(addr)) }
func to(addr string) dhcpv4.Option   { return dhcpv4.OptServerIdentifier(net.ParseIP(addr)) }
func has(addr string) dhcpv4.Option  { return dhcpv4.OptBroadcastAddress(net.ParseIP(addr)) }

// lease has the phone get an address, and returns its option 66.
func (b *bench) lease(t *testing.T, xid byte) string {
	t.Helper()
	if offer := b.client(t, dhcpv4.MessageTypeDiscover, xid); offer == nil {
		t.Fatal("no offer")
	}
	return b.ack(t, b.client(t, dhcpv4.MessageTypeRequest, xid, want("192.168.100.100"), to("192.168.100.1")))
}

func (b *bench) ack(t *testing.T, p *dhcpv4.DHCPv4) string {
	t.Helper()
	if p == nil || p.MessageType() != dhcpv4.MessageTypeAck {
		t.Fatalf("the answer is %v, want an ACK", p)
	}
	return dhcpv4.GetString(dhcpv4.OptionTFTPServerName, p.Options)
}

func unhex(t *testing.T, text string) []byte {
	t.Helper()
	b, err := hex.DecodeString(strings.Join(strings.Fields(text), ""))
	if err != nil {
		t.Fatal(err)
	}
	return b
}

// message builds a message of the conversation from its options.
func message(t *testing.T, options string) []byte {
	header := make([]byte, 240)
	copy(header, unhex(t, "01010600 f21a2457"))
	copy(header[28:], phone[:])
	copy(header[236:], unhex(t, "63825363"))
	return append(header, unhex(t, options)...)
}

const identity = `3c750000363d700107506f6c79636f6d0215536f756e64506f696e7449502d535049505f3435300310323334352d31323435302d3030312c31041d42522f342e322e322e3037
	31302f30312d4a616e2d31302030303a3030051d42522f342e322e322e303731302f30312d4a616e2d31302030303a3030
	370a011ca04203042a02060f ff`

// Messages 1 to 6 of the conversation, byte by byte, with the log's six lines
// and the event before the ACK in the order of SMG-ORD-1 (SMG-DHCP-1, -2,
// SMG-LOG-1, SMG-EVT-6, SMG-C-2, SMG-C-3).
func TestConversation(t *testing.T) {
	b := newBench(t, document)
	sum := func(p []byte) string { s := sha256.Sum256(p); return hex.EncodeToString(s[:]) }
	discover := message(t, "350101"+identity)
	request := message(t, "350103 3204c0a86464 3604c0a86401"+identity)
	if sum(discover) != "7483badc739ded2ffd532545abf2587785c5033a016cbf9f0824ef2abe5c0225" ||
		sum(request) != "6f27535591d58acde92f5f18891632d690537e38735da1e7a6faec5e594ac8a8" {
		t.Fatal("the phone's messages are not those of the conversation")
	}
	b.packet(t, discover)
	b.packet(t, request)
	for i, want := range []string{
		"ee48e59e6a2a15da61b57660be7792624aee66116ae92757625ee98aac17e494",
		"9389f03235a60ddce0705e9738044f175f490f292698d1e5b152a609446c1a71",
	} {
		if sum(b.raw[i]) != want {
			t.Errorf("message %d: %d bytes, SHA-256 %s, want %s\n%x", 2+2*i, len(b.raw[i]), sum(b.raw[i]), want, b.raw[i][240:])
		}
	}
	if diff := cmp.Diff([]string{
		"DHCP: Received DHCP Discover <any_address> from MAC 0004f21a2457",
		"> OFFER",
		"DHCP: Sent DHCP offer 192.168.100.100 - MAC Address 0004f21a2457",
		"DHCP: Received DHCP Request 192.168.100.100 from MAC 0004f21a2457",
		"DHCP Alert: Leased Mac 0004f21a2457 Rand 020319816065 [Name PhoneProv",
		"DHCP Alert: New Option 66 http://193.164.253.250/phoneprovisioning/02",
		"> ACK",
		"DHCP: Leased 192.168.100.100",
	}, b.log); diff != "" {
		t.Errorf("log (-want +got):\n%s", diff)
	}
	const body = "seq=1&sn=00E0C8100001&time=1228908600&class=DHCP&subclass=67&severity=6&name=PhoneProvisioning&mac=0004f21a2457&ip=192.168.100.100&rand=020319816065&option66=http%3A%2F%2F193.164.253.250%2Fphoneprovisioning%2F020319816065"
	if diff := cmp.Diff([]string{"http://193.164.253.250/activator/eventHandler.asp " + body}, b.post); diff != "" || len(body) != 221 {
		t.Errorf("event (-want +got):\n%s", diff)
	}
}

// The lease's life of section 11 (SMG-MAC-5, SMG-DHCP-4).
func TestLeaseLife(t *testing.T) {
	b := newBench(t, document)
	const base = "http://193.164.253.250/phoneprovisioning"
	n1 := b.lease(t, 1)
	if n1 != base+"/020319816065" || len(b.post) != 1 {
		t.Fatalf("option 66 %q and %d events", n1, len(b.post))
	}
	b.take(t, b.Posted(b.now, 0, 200, ""))
	if got := b.ack(t, b.client(t, dhcpv4.MessageTypeRequest, 1, want("192.168.100.100"), to("192.168.100.1"))); got != n1 || len(b.post) != 1 {
		t.Errorf("the same REQUEST again: %q, %d events", got, len(b.post))
	}
	b.now = b.now.Add(12 * time.Hour)
	if got := b.ack(t, b.client(t, dhcpv4.MessageTypeRequest, 2, has("192.168.100.100"))); got != n1 || len(b.post) != 1 {
		t.Errorf("renewal: %q, %d events", got, len(b.post))
	}
	if got := b.ack(t, b.client(t, dhcpv4.MessageTypeInform, 3, has("192.168.100.100"))); got != n1 {
		t.Errorf("INFORM: %q, want the lease's", got)
	}
	n2 := b.lease(t, 4)
	if n2 == n1 || len(b.post) != 2 {
		t.Errorf("a reboot: %q, %d events, want another number and event 2", n2, len(b.post))
	}
	if got := b.ack(t, b.client(t, dhcpv4.MessageTypeRequest, 5, want("192.168.100.100"))); got == n2 {
		t.Errorf("INIT-REBOOT: %q, want a new number", got)
	}
	if offer := b.client(t, dhcpv4.MessageTypeDiscover, 6); dhcpv4.GetString(dhcpv4.OptionTFTPServerName, offer.Options) != base {
		t.Errorf("the OFFER's option 66 is %q, want the base", dhcpv4.GetString(dhcpv4.OptionTFTPServerName, offer.Options))
	}
	for what, options := range map[string][]dhcpv4.Option{
		"another network": {want("10.0.0.5")}, "another phone's address": {has("192.168.100.101")},
	} {
		if p := b.client(t, dhcpv4.MessageTypeRequest, 7, options...); p == nil || p.MessageType() != dhcpv4.MessageTypeNak {
			t.Errorf("%s: %v, want NAK", what, p)
		}
	}
	again := newBench(t, document) // a gateway that has been restarted
	if got := again.ack(t, again.client(t, dhcpv4.MessageTypeRequest, 8, has("192.168.100.100"))); got != n1 || len(again.post) != 1 {
		t.Errorf("a renewal after a restart: %q, %d events, want a new lease", got, len(again.post))
	}
	quirk := newBench(t, document, func(c *Config) { c.Quirks.RenewAlert = true })
	first := quirk.lease(t, 1)
	if got := quirk.ack(t, quirk.client(t, dhcpv4.MessageTypeRequest, 2, has("192.168.100.100"))); got == first {
		t.Errorf("quirk renew-alert: a renewal keeps %q", got)
	}
}

// SMG-MAC-1 and SMG-MAC-2: the vectors of section 11.
func TestAlertMatches(t *testing.T) {
	for _, c := range []struct {
		address, mask string
		want          bool
	}{
		{"0004f2", "", true}, {"0004f2", "ffffff", true}, {"0004f2000000", "000000ffffff", false}, {"0004F3", "fffffe", true},
		{"0104f2", "feffff", true}, {"abcdef", "0", true}, {"0004f21a2457", "ffffffffffff", true}, {"1a2457", "", false},
		{"00:04:f2", "ff-ff.ff", true}, {"0004f3", "", false}, {"0", "", true}, {"1", "", false},
	} {
		var s Settings
		err1 := s.Set("Dhcp Server Mac Alert Address 10 = " + c.address)
		err2 := s.Set("Dhcp Server Mac Alert Mask 10 = " + c.mask)
		if err1 != nil || err2 != nil || s.Alerts[9].matches(phone) != c.want {
			t.Errorf("%s/%s: matches %v, %v, %v, want %v", c.address, c.mask, s.Alerts[9].matches(phone), err1, err2, c.want)
		}
	}
	both := document + "Dhcp Server Mac Alert Enabled 3 = yes\nDhcp Server Mac Alert Address 3 = 0\nDhcp Server Mac Alert Mask 3 = 0\nDhcp Server Mac Alert Name 3 = all\n"
	b := newBench(t, both)
	if b.lease(t, 1); !strings.Contains(b.post[0], "name=PhoneProvisioning") {
		t.Errorf("two alerts match, and the event is %q, want the lower index's", b.post)
	}
	b = newBench(t, both+"Dhcp Server Mac Alert Enabled 1 = no\n")
	if got := b.lease(t, 1); !strings.HasSuffix(got, "/phoneprovisioning") || !strings.Contains(b.post[0], "name=all&") || !strings.Contains(b.post[0], "&rand=&") {
		t.Errorf("an alert that does not randomise: option 66 %q, event %q (SMG-MAC-4)", got, b.post)
	}
	if log := strings.Join(b.log, "\n"); !strings.Contains(log, "DHCP Alert: Leased Mac 0004f21a2457 [Name all]") || strings.Contains(log, "New Option 66") {
		t.Errorf("the log has %s", log)
	}
}

// SMG-C-1, SMG-C-4, SMG-LOG-1: the vectors of section 11.
func TestJoin(t *testing.T) {
	const base = "http://193.164.253.250/phoneprovisioning"
	for _, c := range [][3]string{{base, "020319816065", base + "/020319816065"}, {"http://a/p/", "007", "http://a/p/007"}} {
		if got := join(c[0], c[1]); got != c[2] {
			t.Errorf("%s and %s: %s", c[0], c[1], got)
		}
	}
	if a, b := len(join(base, "020319816065")), len(join(base, "020319816065123456")); a != 53 || b != 59 {
		t.Errorf("lengths %d and %d, want 53 and 59", a, b)
	}
	b := newBench(t, document+"random number digits 18\n", func(c *Config) { c.Random = fixed("020319816065123456") })
	b.lease(t, 1)
	if !strings.Contains(strings.Join(b.log, "\n"), "\nDHCP Alert: Leased Mac 0004f21a2457 Rand 020319816065123456 [Name Pho\n") {
		t.Errorf("log %q", b.log)
	}
}

// SMG-CFG-2 and SMG-EVT-3: what keeps an event from being sent, in this order.
func TestEventIsSuppressed(t *testing.T) {
	steps := []struct{ line, reason string }{
		{"Event Forwarding Enabled = yes", "Event Forwarding Enabled is no"},
		{"Event Forwarding Discriminator Enabled = yes", "Event Forwarding Discriminator Enabled is no"},
		{"Event Forwarding Discriminator Entry Class 1 = DHCP\nEvent Forwarding Discriminator Entry Target 1 = activator", "no event filter sends"},
		{"Http Client Enabled = yes", "Http Client Enabled is no"},
		{"Http Client File Server Ip Address = 127.0.0.1:8080", "Http Client File Server Ip Address is empty"},
	}
	settings := "Dhcp Server Tftp Server 1,http://h/p\nDhcp Server Mac Alert Enabled 1 = yes\nDhcp Server Mac Alert Address 1 = 0004f2\n" +
		"Event Forwarding Enabled = no\nEvent Forwarding Discriminator Enabled = no\nHttp Client Enabled = no\n"
	for _, step := range steps {
		b := newBench(t, settings)
		if b.lease(t, 1); len(b.post) != 0 || len(b.told) != 1 || !strings.HasPrefix(b.told[0], "event.suppressed "+step.reason) {
			t.Errorf("want %q; posted %q, told %q", step.reason, b.post, b.told)
		}
		settings += step.line + "\n"
	}
	b := newBench(t, settings)
	if b.lease(t, 1); len(b.post) != 1 || !strings.HasPrefix(b.post[0], "http://127.0.0.1:8080/activator/eventHandler.asp ") {
		t.Errorf("with all of it: posted %q, told %q", b.post, b.told)
	}
	out := newBench(t, "")
	if got := out.lease(t, 1); got != "" || len(out.post) != 0 || len(out.told) != 0 {
		t.Errorf("out of the box: option 66 %q, events %q, told %q", got, out.post, out.told)
	}
}

// Filters, the gateway's own log and managers (SMG-EVT-2, SMG-EVT-7, SMG-EVT-8, SMG-EVT-9).
func TestFilters(t *testing.T) {
	for _, c := range []struct {
		filter      string
		sent, kept  bool
		managerTold bool
	}{
		{"Class 1 = DHCP\n…Target 1 = activator", true, false, false},
		{"Class 1 = dhcp\n…Subclass 1 = 9999\n…Target 1 = activator", true, false, false},
		{"Class 1 = DHCP\n…Subclass 1 = 68\n…Target 1 = activator", false, true, false},
		{"Class 1 = Script\n…Target 1 = activator", false, true, false},
		{"Class 1 = DHCP\n…Target 1 = log\n…Class 2 = DHCP\n…Target 2 = activator", false, true, false},
		{"Class 1 = DHCP\n…Target 1 = manager 1", false, false, true},
		{"Class 1 = DHCP\n…Target 1 = log+manager 2", false, true, true},
		{"Class 1 = DHCP\n…Criteria 1 = at-least\n…Severity 1 = informational\n…Target 1 = activator", true, false, false},
		{"Class 1 = DHCP\n…Criteria 1 = at-least\n…Severity 1 = error\n…Target 1 = activator", false, true, false},
		{"Class 1 = DHCP\n…Criteria 1 = equal\n…Severity 1 = 6\n…Target 1 = activator", true, false, false},
		{"Class 1 = DHCP\n…Criteria 1 = at-most\n…Severity 1 = error\n…Target 1 = activator", true, false, false},
		{"Class 1 = DHCP\n…Criteria 1 = at-most\n…Severity 1 = debug\n…Target 1 = activator", false, true, false},
	} {
		filter := "Event Forwarding Discriminator Entry " + strings.ReplaceAll(c.filter, "…", "Event Forwarding Discriminator Entry ")
		b := newBench(t, "Dhcp Server Mac Alert Enabled 1 = yes\nHttp Client File Server Ip Address = h\n"+filter)
		b.lease(t, 1)
		if len(b.post) == 1 != c.sent || len(b.Entries()) == 1 != c.kept || strings.Contains(fmt.Sprint(b.told), "event.manager") != c.managerTold {
			t.Errorf("%q: posted %d, kept %d, told %q", c.filter, len(b.post), len(b.Entries()), b.told)
		}
	}
	b := newBench(t, document+"Event Activator Logging = yes\nEvent Log Size = 2\n")
	for xid := range byte(3) {
		b.lease(t, xid)
	}
	if len(b.Entries()) != 2 {
		t.Errorf("the log has %d entries, want 2: the oldest goes", len(b.Entries()))
	}
}

// SMG-EVT-4 and SMG-EVT-5: tries, order, one at a time, and a full queue.
func TestEventQueue(t *testing.T) {
	b := newBench(t, document)
	for xid := range byte(66) {
		b.lease(t, xid)
	}
	if b.Queued() != 64 || len(b.post) != 1 || strings.Count(fmt.Sprint(b.told), "event.dropped") != 2 {
		t.Fatalf("%d wait, %d posted, told %q", b.Queued(), len(b.post), b.told)
	}
	for try := 2; try <= 4; try++ {
		b.take(t, b.Posted(b.now, 0, 0, "no connection to the Activator"))
		if len(b.post) != try || b.post[try-1] != b.post[0] {
			t.Fatalf("after try %d: %d posted", try-1, len(b.post))
		}
	}
	b.take(t, b.Posted(b.now, 0, 0, "no connection to the Activator"))
	if !strings.Contains(fmt.Sprint(b.told), "event.failed no connection to the Activator, tries: 4") || !strings.Contains(b.post[4], "?seq=2&") && !strings.Contains(b.post[4], " seq=2&") {
		t.Errorf("told %q, next %q", b.told[len(b.told)-1], b.post[4])
	}
	b.take(t, b.Posted(b.now, 0, 503, ""))
	if !strings.Contains(b.told[len(b.told)-1], "event.failed") || !strings.Contains(b.post[5], " seq=3&") {
		t.Errorf("any status ends a POST: told %q, next %q", b.told[len(b.told)-1], b.post[5])
	}
	b.take(t, b.Posted(b.now, 0, 204, ""))
	if !strings.Contains(b.told[len(b.told)-1], "event.sent") {
		t.Errorf("told %q", b.told[len(b.told)-1])
	}
}

// SMG-MAC-3: a million numbers are uniform. In each place, each digit's share is
// within six deviations of a tenth.
func TestNumbersAreUniform(t *testing.T) {
	const n, places = 1_000_000, 18
	var count [places][10]int
	seen := map[string]bool{}
	random := bufio.NewReaderSize(rand.Reader, 1<<16)
	for range n {
		number := draw(random, places)
		if len(number) != places || strings.Trim(number, "0123456789") != "" {
			t.Fatalf("number %q", number)
		}
		for i := range number {
			count[i][number[i]-'0']++
		}
		if len(seen) < 50_000 {
			if seen[number] {
				t.Errorf("%s came twice", number)
			}
			seen[number] = true
		}
	}
	for i := range count {
		for d, got := range count[i] {
			if off := float64(got) - n/10.0; off*off > 36*n*0.09 {
				t.Errorf("place %d has the digit %d %d times of %d", i, d, got, n)
			}
		}
	}
	a, b := draw(Seeded(7)(phone, 1), 18), draw(Seeded(7)(phone, 1), 18)
	if c := draw(Seeded(7)(phone, 2), 18); a != b || a == c {
		t.Errorf("seeded: %s, %s, then %s", a, b, c)
	}
}

// Whatever clients say, no address belongs to two of them, and all addresses are
// of the pool.
func TestAddressesAreNotShared(t *testing.T) {
	rapid.Check(t, func(r *rapid.T) {
		c := Config{Settings: Defaults(), Random: Crypto}
		c.Last = netip.MustParseAddr("192.168.100.104")
		m := New(c)
		now := time.Unix(1228908600, 0)
		for range rapid.IntRange(1, 60).Draw(r, "messages") {
			now = now.Add(time.Duration(rapid.IntRange(0, 100_000).Draw(r, "seconds")) * time.Second)
			p := &dhcpv4.DHCPv4{
				OpCode: dhcpv4.OpcodeBootRequest, HWType: 1, ClientHWAddr: net.HardwareAddr{0, 4, 0xf2, 0, 0, rapid.ByteRange(1, 8).Draw(r, "client")},
				TransactionID: dhcpv4.TransactionID{rapid.Byte().Draw(r, "xid")}, Options: dhcpv4.Options{},
			}
			kind := rapid.SampledFrom([]dhcpv4.MessageType{1, 3, 4, 7, 8}).Draw(r, "kind")
			p.Options.Update(dhcpv4.OptMessageType(kind))
			addr := net.IP{192, 168, 100, rapid.ByteRange(98, 107).Draw(r, "address")}
			if rapid.Bool().Draw(r, "option 50") {
				p.Options.Update(dhcpv4.OptRequestedIPAddress(addr))
			} else {
				p.ClientIPAddr = addr
			}
			if rapid.Bool().Draw(r, "server") {
				p.Options.Update(dhcpv4.OptServerIdentifier(net.IP{192, 168, 100, 1}))
			}
			for _, a := range m.Packet(now, p.ToBytes(), netip.MustParseAddrPort("127.0.0.1:67")) {
				if a.Do != Send {
					continue
				}
				answer, err := dhcpv4.FromBytes(a.Packet)
				if err != nil {
					r.Fatal(err)
				}
				last := answer.YourIPAddr.To4()[3]
				if answer.MessageType() != dhcpv4.MessageTypeNak && kind != 8 && (last < 100 || last > 104) {
					r.Fatalf("an answer with address %v", answer.YourIPAddr)
				}
			}
			addrs := map[netip.Addr]bool{}
			for _, l := range m.Leases() {
				if addrs[l.Addr] || m.leases[l.MAC] == nil || m.leases[l.MAC].Addr != l.Addr {
					r.Fatalf("leases %+v", m.Leases())
				}
				addrs[l.Addr] = true
			}
		}
	})
}

func FuzzPacket(f *testing.F) {
	f.Add([]byte{1, 1, 6, 0})
	p, err := dhcpv4.NewDiscovery(net.HardwareAddr(phone[:]))
	if err != nil {
		f.Fatal(err)
	}
	f.Add(p.ToBytes())
	f.Fuzz(func(t *testing.T, raw []byte) {
		c := Config{Settings: Defaults(), Random: Crypto}
		if err := c.Read(strings.NewReader(document)); err != nil {
			t.Fatal(err)
		}
		m := New(c)
		for range 2 {
			for _, a := range m.Packet(time.Unix(1228908600, 0), raw, netip.MustParseAddrPort("127.0.0.1:67")) {
				if a.Do == Send && len(a.Packet) < 241 {
					t.Errorf("an answer of %d bytes", len(a.Packet))
				}
			}
		}
	})
}
