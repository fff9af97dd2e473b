package dhcp

import (
	"fmt"
	"net/netip"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"

	"provsim/device"
	"provsim/internal/sched"
)

// macOf returns the hardware address of client number i.
func macOf(i int) device.MAC { return device.MAC{0, 0x21, 0xf2, 0, byte(i >> 8), byte(i)} }

func clientsOf(n int) []Client {
	clients := make([]Client, n)
	for i := range clients {
		clients[i] = Client{MAC: macOf(i), HostName: fmt.Sprint("phone-", i), Class: "IP542N"}
	}
	return clients
}

// A fleet is an agent and the loop that drives it, as a program would.
type fleet struct {
	agent *Agent
	loop  *sched.Loop[told]
	did   func(i int, now time.Duration, a Action) // what else the agent did
	acts  []Action
}

// told is something that happens to one client.
type told struct {
	client int
	input  Input
}

// newFleet returns a fleet on a wire.
func newFleet(t testing.TB, clock sched.Clock, wire Wire, clients []Client) *fleet {
	t.Helper()
	agent, err := NewAgent(wire, 42, clients)
	if err != nil {
		t.Fatal(err)
	}
	return &fleet{agent: agent, loop: sched.New[told](clock)}
}

func (f *fleet) tell(i int, in Input)                { f.loop.Post(told{i, in}) }
func (f *fleet) Wake(i int, _, now time.Duration)    { f.step(i, Input{Kind: Tick, Now: now}) }
func (f *fleet) Handle(t told, _, now time.Duration) { t.input.Now = now; f.step(t.client, t.input) }

func (f *fleet) step(i int, in Input) {
	f.acts = f.agent.Step(i, in, f.acts[:0])
	for _, a := range f.acts {
		f.did(i, in.Now, a)
	}
	f.loop.Set(i, f.agent.Deadline(i))
}

// deliver is what the wire's goroutine does with a reply.
func (f *fleet) deliver(r *Reply) {
	if i, ok := f.agent.Owner(r); ok {
		f.tell(i, Input{Kind: Receive, Reply: r})
	}
}

// A model is a wire to a modelled server. It answers after 10 ms, except in
// the first 20 s and between 40 and 90 minutes.
type model struct{ fleet *fleet }

func (m *model) Hold(*Client, netip.Addr) {}

func (m *model) Send(c *Client, msg Message) error {
	now := m.fleet.loop.Now()
	if now < 20*time.Second || now > 40*time.Minute && now < 90*time.Minute || msg.Type == Release {
		return nil
	}
	i, _ := m.fleet.agent.Owner(&Reply{MAC: c.MAC})
	server := netip.MustParseAddr("10.0.0.1")
	r := &Reply{
		Type: Offer, XID: msg.XID, MAC: c.MAC, Server: server,
		Lease: Lease{Addr: netip.AddrFrom4([4]byte{10, 0, 1, byte(i)}), Server: server, Duration: time.Hour},
	}
	if msg.Type == Request {
		r.Type = Ack
	}
	m.fleet.loop.At(now+10*time.Millisecond, told{i, Input{Kind: Receive, Reply: r}})
	return nil
}

// trace runs three clients for four hours and returns what they did.
func trace(t *testing.T, clock sched.Clock) []string {
	var lines []string
	wire := &model{}
	wire.fleet = newFleet(t, clock, wire, clientsOf(3))
	wire.fleet.did = func(i int, now time.Duration, a Action) {
		lines = append(lines, fmt.Sprintf("%v %d %s", now, i, describe(a)))
	}
	for i := range 3 {
		wire.fleet.tell(i, Input{Kind: Start})
	}
	wire.fleet.loop.At(3*time.Hour, told{1, Input{Kind: Leave}})
	if err := wire.fleet.loop.Run(t.Context(), 4*time.Hour, wire.fleet); err != nil {
		t.Fatal(err)
	}
	return append(lines, fmt.Sprintf("%+v", wire.fleet.agent.Counts()))
}

// One loop drives clients in real time and in virtual time, and what they do is
// the same to the nanosecond.
func TestSameTraceUnderBothClocks(t *testing.T) {
	virtual := trace(t, &sched.Virtual{})
	var actual []string
	synctest.Test(t, func(t *testing.T) { actual = trace(t, sched.NewReal(time.Now())) })
	if diff := cmp.Diff(virtual, actual); diff != "" {
		t.Errorf("virtual (-) and real (+) time differ:\n%s", diff)
	}
	all := strings.Join(virtual, "\n")
	if uses, losses := strings.Count(all, " use "), strings.Count(all, " lose: "); uses < 9 || losses != 3 {
		t.Errorf("the run has %d leases and %d losses, want at least 9 and 3:\n%s", uses, losses, all)
	}
}

func TestAgentRefusesClients(t *testing.T) {
	wire := &model{}
	if _, err := NewAgent(wire, 0, []Client{{MAC: macOf(1)}, {MAC: macOf(2)}, {MAC: macOf(1)}}); err == nil {
		t.Error("two clients with one hardware address are taken, want an error")
	}
	if _, err := NewAgent(wire, 0, []Client{{}}); err == nil {
		t.Error("a client without a hardware address is taken, want an error")
	}
}

// A client's random numbers depend on the seed and its hardware address alone.
func TestAClientCanBeReplayedAlone(t *testing.T) {
	first := func(seed uint64, clients []Client, i int) Message {
		wire := &recorder{}
		agent, err := NewAgent(wire, seed, clients)
		if err != nil {
			t.Fatal(err)
		}
		for i := range clients {
			agent.Step(i, Input{Kind: Start}, nil)
		}
		return wire.sent[i]
	}
	all := clientsOf(50)
	if together, alone := first(1, all, 17), first(1, all[17:18], 0); together != alone {
		t.Errorf("beside others the client sends %+v, alone %+v", together, alone)
	}
	if one, two := first(1, all, 17), first(2, all, 17); one.XID == two.XID {
		t.Errorf("two seeds give the same xid %#x", one.XID)
	}
	if one, two := first(1, all, 17), first(1, all, 18); one.XID == two.XID {
		t.Errorf("two clients have the same xid %#x", one.XID)
	}
}

// A recorder is a wire that leads nowhere.
type recorder struct{ sent []Message }

func (r *recorder) Hold(*Client, netip.Addr)        {}
func (r *recorder) Send(_ *Client, m Message) error { r.sent = append(r.sent, m); return nil }
