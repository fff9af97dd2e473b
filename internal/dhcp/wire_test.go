package dhcp

import (
	"context"
	"errors"
	"net/netip"
	"testing"
	"time"

	"provsim/device"
	"provsim/internal/dhcp/server"
	"provsim/internal/sched"
)

// patience is how long an answer may take that is sure to come: far longer than
// it needs, for machines with other work to do.
const patience = 20 * time.Second

// pool is a range of n addresses.
func pool(n int, options server.Options) server.Pool {
	first := netip.MustParseAddr("10.1.0.0")
	last := netip.AddrFrom4([4]byte{10, 1, byte((n - 1) >> 8), byte(n - 1)})
	return server.Pool{First: first, Last: last, Bits: 16, Options: options}
}

// startServer starts a server on loopback that ends with the test.
func startServer(t testing.TB, config server.Config) *server.Server {
	t.Helper()
	s, err := server.Start(config)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { s.Close() })
	return s
}

// openRelay opens a relay agent on loopback, on a free port, that is closed with
// the test.
func openRelay(t testing.TB, s *server.Server, circuit func(device.MAC) string) *Relay {
	t.Helper()
	r, err := OpenRelay(RelayConfig{Server: s.Addr().String(), Listen: "127.0.0.1:0", Circuit: circuit})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { r.Close() })
	return r
}

// A testWire is a wire with a goroutine of its own.
type testWire interface {
	Wire
	Receive(func(*Reply)) error
	Close() error
}

// receive hands a wire's replies to deliver until the test ends, which waits
// for it.
func receive(t testing.TB, wire testWire, deliver func(*Reply)) {
	t.Helper()
	ended := make(chan error, 1)
	go func() { ended <- wire.Receive(deliver) }()
	t.Cleanup(func() {
		wire.Close()
		if err := <-ended; err != nil {
			t.Errorf("receiving ends with %v, want nil after Close", err)
		}
	})
}

// A bench is an agent on a real wire and a clock that the test moves, so that
// no test waits for a retransmission.
type bench struct {
	t       *testing.T
	agent   *Agent
	replies chan *Reply
	now     time.Duration
}

func newBench(t *testing.T, wire testWire, clients []Client) *bench {
	t.Helper()
	agent, err := NewAgent(wire, 7, clients)
	if err != nil {
		t.Fatal(err)
	}
	b := &bench{t: t, agent: agent, replies: make(chan *Reply, 64)}
	receive(t, wire, func(r *Reply) {
		if _, ok := agent.Owner(r); ok {
			b.replies <- r
		}
	})
	return b
}

// tell tells client i something and returns what it did, sends apart.
func (b *bench) tell(i int, in Input) []Action {
	in.Now = b.now
	return b.agent.Step(i, in, nil)
}

// tick moves the clock to the next deadline of client i.
func (b *bench) tick(i int) []Action {
	b.t.Helper()
	if b.agent.Deadline(i) == Never {
		b.t.Fatalf("client %d waits for nothing: %+v", i, b.agent.Status(i))
	}
	b.now = max(b.now, b.agent.Deadline(i))
	return b.tell(i, Input{Kind: Tick})
}

// next waits for one reply.
func (b *bench) next() *Reply {
	b.t.Helper()
	select {
	case r := <-b.replies:
		return r
	case <-time.After(patience):
		b.t.Fatalf("no reply within %v", patience)
		return nil
	}
}

// take tells a reply to its client.
func (b *bench) take(r *Reply) (i int, acts []Action) {
	i, _ = b.agent.Owner(r)
	return i, b.tell(i, Input{Kind: Receive, Reply: r})
}

// hear waits for one reply and tells it to its client.
func (b *bench) hear() (i int, acts []Action) {
	b.t.Helper()
	return b.take(b.next())
}

// hearUntil waits for replies until one makes client i do something.
func (b *bench) hearUntil(i int, do Do) Action {
	b.t.Helper()
	for {
		who, acts := b.hear()
		for _, a := range acts {
			if who == i && a.Do == do {
				return a
			}
		}
	}
}

// boot starts client i and returns its lease.
func (b *bench) boot(i int) Lease {
	b.t.Helper()
	b.tell(i, Input{Kind: Start})
	return b.hearUntil(i, Use).Reply.Lease
}

// bootAll boots clients on a real wire and a real clock, some at once, until all
// have a lease, which must be one of its own.
func bootAll(t *testing.T, wire testWire, clients, atOnce int) []Lease {
	t.Helper()
	f := newFleet(t, sched.NewReal(time.Now()), wire, clientsOf(clients))
	receive(t, wire, f.deliver)
	ctx, cancel := context.WithTimeout(t.Context(), patience)
	defer cancel()
	leases, holder := make([]Lease, clients), map[netip.Addr]int{}
	f.did = func(i int, _ time.Duration, a Action) {
		if a.Do != Use {
			t.Errorf("client %d: %s", i, describe(a))
			return
		}
		if other, held := holder[a.Reply.Lease.Addr]; held {
			t.Errorf("clients %d and %d both have %v", other, i, a.Reply.Lease.Addr)
		}
		leases[i], holder[a.Reply.Lease.Addr] = a.Reply.Lease, i
		if next := i + atOnce; next < clients {
			f.tell(next, Input{Kind: Start})
		}
		if len(holder) == clients {
			cancel()
		}
	}
	for i := range atOnce {
		f.tell(i, Input{Kind: Start})
	}
	if err := f.loop.Run(ctx, sched.Never, f); !errors.Is(err, context.Canceled) {
		t.Fatalf("%d of %d clients have a lease when the run ends with %v; %+v", len(holder), clients, err, f.agent.Counts())
	}
	if c := f.agent.Counts(); int(c.Leases) != clients || int(c.Sent) < 2*clients || c.Strays != 0 {
		t.Errorf("%+v, want %d leases of at least two messages each, and no strays", c, clients)
	}
	return leases
}
