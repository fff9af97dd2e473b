package run

import (
	"net/netip"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"

	"provsim/device"
	"provsim/device/avaya"
	"provsim/device/polycom"
	"provsim/encrypt"
	"provsim/internal/dhcp"
	"provsim/internal/journal"
	"provsim/internal/sched"
)

// dhcpModel models a DHCP server: it answers after 5 ms, with leases of
// ten minutes, unless it is switched off for a while.
type dhcpModel struct {
	driver     *Driver
	from, till time.Duration // out of service
	refuses    time.Duration // from here on it says NAK to the next REQUEST; 0: never
	moves      time.Duration // from here on option 66 names another server
	quiet      bool          // only the answer to an INFORM names the server
	released   int
	informs    []time.Duration // when INFORMs have come; the third is answered
}

func (m *dhcpModel) Hold(*dhcp.Client, netip.Addr) {}

func (m *dhcpModel) Send(c *dhcp.Client, msg dhcp.Message) error {
	now := m.driver.loop.Now()
	answer := map[dhcp.Type]dhcp.Type{dhcp.Discover: dhcp.Offer, dhcp.Request: dhcp.Ack}[msg.Type]
	switch msg.Type {
	case dhcp.Release:
		m.released++
	case dhcp.Informing:
		if m.informs = append(m.informs, now); len(m.informs) == 3 {
			answer = dhcp.Ack
		}
	}
	if answer == 0 || now >= m.from && now < m.till {
		return nil
	}
	if m.refuses > 0 && now >= m.refuses && answer == dhcp.Ack {
		answer, m.refuses = dhcp.Nak, 0
	}
	server := netip.MustParseAddr("192.0.2.1")
	r := &dhcp.Reply{Type: answer, XID: msg.XID, MAC: c.MAC, Server: server, Lease: dhcp.Lease{
		Addr: netip.AddrFrom4([4]byte{192, 0, 2, 100 + c.MAC[5]}), Server: server, Offer: device.TextOffer(66, "192.0.2.1"), Duration: 10 * time.Minute,
	}}
	if m.quiet && msg.Type != dhcp.Informing {
		r.Lease.Offer = device.TextOffer(6, "none")
	}
	if m.moves > 0 && now >= m.moves {
		r.Lease.Offer = device.TextOffer(66, "192.0.2.2")
	}
	i, _ := m.driver.config.DHCP.Owner(r)
	m.driver.loop.At(now+5*time.Millisecond, event{device: int32(i), more: r})
	return nil
}

// runWithDHCP runs phones that get their leases from a model.
func runWithDHCP(t *testing.T, clock sched.Clock, m *dhcpModel, sink journal.Sink, during func(*Driver), devices []device.Device) {
	clients := make([]dhcp.Client, len(devices))
	for i := range devices {
		clients[i].MAC = devices[i].MAC()
	}
	agent, err := dhcp.NewAgent(m, 7, clients)
	if err != nil {
		t.Fatal(err)
	}
	d := New(Config{Clock: clock, Network: model{}, Journal: sink, DHCP: agent}, devices)
	m.driver = d
	for i := range devices {
		d.Tell(i, device.Input{Kind: device.PowerOn})
	}
	during(d)
	if err := d.Run(t.Context(), time.Hour); err != nil {
		t.Fatal(err)
	}
}

// leases returns the notes of the lease events.
func leases(m *journal.Memory) []string {
	var notes []string
	for _, r := range m.Records {
		if r.Kind == device.Leased {
			notes = append(notes, r.T.String()+" "+r.Note)
		}
	}
	return notes
}

// Leases by DHCP give the same journal under both clocks.
func TestLeasesUnderBothClocks(t *testing.T) {
	trace := func(t *testing.T, clock sched.Clock) string {
		var text strings.Builder
		m := &dhcpModel{from: 20 * time.Minute, till: 40 * time.Minute}
		runWithDHCP(t, clock, m, journal.NewJSON(&text), func(*Driver) {}, phones(t, 3))
		return text.String()
	}
	virtual := trace(t, &sched.Virtual{})
	var actual string
	synctest.Test(t, func(t *testing.T) { actual = trace(t, sched.NewReal(time.Now())) })
	if diff := cmp.Diff(virtual, actual); diff != "" || strings.Count(virtual, `"event":"lease"`) < 9 {
		t.Errorf("virtual (-) and real (+) time differ, or there are few leases:\n%s\n%s", diff, virtual)
	}
}

// No lease, no resync; a reboot gives up the lease, and asks anew before it
// resyncs; the end of the run gives it back.
func TestRebootAsksForALeaseAgain(t *testing.T) {
	memory, m := &journal.Memory{}, &dhcpModel{from: 0, till: time.Minute}
	reboot := func(d *Driver) {
		d.At(0, 30*time.Minute, device.Input{Kind: device.AskReboot})
	}
	runWithDHCP(t, &sched.Virtual{}, m, memory, reboot, phones(t, 1))
	first := time.Duration(0)
	for _, r := range memory.Records {
		if r.Kind == device.ResyncStart {
			first = r.T
			break
		}
	}
	got := leases(memory)
	if len(got) < 3 || first < time.Minute || m.released != 1 {
		t.Errorf("leases %q, the first resync at %v, %d releases", got, first, m.released)
	}
}

// A lease that is not renewed is lost, and resyncs wait for the next one.
func TestExpiredLease(t *testing.T) {
	memory, m := &journal.Memory{}, &dhcpModel{from: 4 * time.Minute, till: 30 * time.Minute}
	runWithDHCP(t, &sched.Virtual{}, m, memory, func(*Driver) {}, phones(t, 1, "DBID_RESYNC_PERIODIC=60"))
	lost, found := time.Duration(0), time.Duration(0)
	for _, r := range memory.Records {
		switch {
		case r.Kind == device.Leased && strings.Contains(r.Note, "has ended"):
			lost = r.T
		case r.Kind == device.Leased && lost > 0 && found == 0:
			found = r.T
		case r.Kind == device.ResyncStart && lost > 0 && found == 0:
			t.Errorf("a resync without an address at %v", r.T)
		}
	}
	if lost < 10*time.Minute || found < 30*time.Minute {
		t.Errorf("lost at %v and found at %v: %q", lost, found, leases(memory))
	}
}

// FV-SRC-5: a renewed lease with another option 66 is journalled and used at the
// next resync.
func TestRenewedLeaseMovesTheServer(t *testing.T) {
	memory, m := &journal.Memory{}, &dhcpModel{moves: time.Minute}
	runWithDHCP(t, &sched.Virtual{}, m, memory, func(*Driver) {}, phones(t, 1))
	moved := false
	for _, r := range memory.Records {
		if r.Kind == device.Leased {
			moved = strings.Contains(r.Note, "192.0.2.2")
		}
		if want := "tftp://192.0.2.1/"; r.Kind == device.ResyncStart && strings.HasPrefix(r.URL, want) == moved {
			t.Errorf("at %v it asks %s, moved %v", r.T, r.URL, moved)
		}
	}
	if !moved {
		t.Errorf("the new option 66 is not journalled: %q", leases(memory))
	}
}

// AV-DHCP-2: a NAK on renewal and the end of a lease take the address of an Avaya phone
// away, and it reboots and asks for another one.
func TestLostLeaseRebootsAvayaPhones(t *testing.T) {
	for want, m := range map[string]*dhcpModel{
		"refuses":   {refuses: time.Minute},
		"has ended": {from: time.Minute, till: 20 * time.Minute},
	} {
		id := avaya.Personality.Shipped
		id.MAC = device.MAC{0xc8, 0x1f, 0xea, 0, 0, 1}
		phone := device.New(device.NewModel(&avaya.Personality, avaya.Personality.Cipher()), id, nil)
		memory := &journal.Memory{}
		runWithDHCP(t, &sched.Virtual{}, m, memory, func(*Driver) {}, []device.Device{*phone})
		var story []string
		for _, r := range memory.Records {
			switch {
			case r.Kind == device.Leased && strings.Contains(r.Note, want):
				story = append(story, "lost")
			case r.Kind == device.Leased:
				story = append(story, "leased")
			case r.Kind == device.Rebooting, r.Kind == device.Booted:
				story = append(story, r.Kind.String()+" "+r.Cause.String())
			}
		}
		if got := strings.Join(story, ", "); got != "boot power-on, leased, lost, reboot lease, boot lease, leased" {
			t.Errorf("%s: %s; %q", want, got, leases(memory))
		}
	}
}

// PC-SRC-2: a Polycom phone whose lease names no server sends DHCPINFORM at 0, 4 and 8 s,
// and uses what the answer names.
func TestPolycomPhoneInforms(t *testing.T) {
	id := polycom.Personality.Shipped
	id.MAC = device.MAC{0, 4, 0xf2, 0, 0, 1}
	phone := device.New(device.NewModel(&polycom.Personality, encrypt.Ciphers()[0]), id, nil)
	memory, m := &journal.Memory{}, &dhcpModel{quiet: true}
	runWithDHCP(t, &sched.Virtual{}, m, memory, func(*Driver) {}, []device.Device{*phone})
	first := m.informs[0]
	if diff := cmp.Diff([]time.Duration{first, first + 4*time.Second, first + 8*time.Second}, m.informs); diff != "" {
		t.Errorf("DHCPINFORMs (-want +got):\n%s", diff)
	}
	if got := leases(memory); len(got) != 2 || !strings.HasSuffix(got[1], `option 66 "192.0.2.1", 192.0.2.1 answers DHCPINFORM`) {
		t.Errorf("leases %q", got)
	}
	for _, r := range memory.Records {
		if r.Kind == device.Transferred {
			if want := "ftp://192.0.2.1/"; !strings.HasPrefix(r.URL, want) {
				t.Errorf("it asks %s, want %s", r.URL, want)
			}
			return
		}
	}
	t.Error("the phone asks for nothing")
}
