package dhcp_test

import (
	"net/netip"
	"testing"
	"time"

	"provsim/conform/check"
	"provsim/conform/internal/dhcp"
	"provsim/conform/internal/testing/goodserver"
	"provsim/conform/internal/testing/proof"
	"provsim/conform/internal/testing/tftpd"
	"provsim/device"
	"provsim/internal/dhcp/server"
)

func TestProof(t *testing.T) {
	proof.Prove(t, dhcp.Checks(), good, option66Mutants, leaseMutants, serverMutants, routeMutants)
}

// A setup is a DHCP server that leads two phones, and no others, to a TFTP server.
type setup struct {
	*goodserver.Setup
	Config server.Config
	// Option66 and Option150 are for the phones; "" and nil offer none.
	Option66  string
	Option150 []netip.Addr
	Faults    server.Faults
	// Second is another DHCP server behind the same relay agent, if it has pools.
	Second server.Config
	Target func(*check.Target)
}

func good(t testing.TB) check.Target { return start(t, (*setup).private) }

// mutant is a good setup that is changed before it starts.
func mutant(change func(*setup)) func(testing.TB) check.Target {
	return func(t testing.TB) check.Target { return start(t, change) }
}

func start(t testing.TB, change func(*setup)) check.Target {
	t.Helper()
	s := &setup{Setup: goodserver.New(t), Config: server.Config{
		Pools: []server.Pool{pool("198.51.100.10", "198.51.100.99")}, Duration: 2 * time.Hour,
	}}
	files := &tftpd.Server{Files: s.Files}
	s.Option66 = files.Start(t)
	change(s)
	s.lead(&s.Config)
	s.lead(&s.Second)
	target := s.Setup.Target()
	target.ConfigFileName = goodserver.Rule[1:]
	target.DHCP = check.DHCP{Relay: s.serve(t), Listen: "127.0.0.1:0"}
	if s.Target != nil {
		s.Target(&target)
	}
	return target
}

// private declares that option 66 is for phones only. Each other mutant is
// without it, for it takes a question more.
func (s *setup) private() {
	s.Target = func(t *check.Target) { t.DHCP.Private = true }
}

func pool(first, last string) server.Pool {
	addr := netip.MustParseAddr
	return server.Pool{First: addr(first), Last: addr(last), Bits: 24, Router: addr("198.51.100.1"), DNS: []netip.Addr{addr("198.51.100.2")}}
}

// lead gives the phones their options, unless the configuration does so.
func (s *setup) lead(c *server.Config) {
	if c.Hosts != nil {
		return
	}
	c.Hosts = map[device.MAC]server.Options{}
	for _, phone := range s.Phones {
		c.Hosts[phone.MAC] = server.Options{Option66: s.Option66, Option150: s.Option150}
	}
}

// serve starts the servers and returns where a relay agent finds them.
func (s *setup) serve(t testing.TB) string {
	t.Helper()
	first := s.run(t, s.Config)
	if len(s.Second.Pools) == 0 {
		return first
	}
	return fork(t, first, s.run(t, s.Second))
}

func (s *setup) run(t testing.TB, config server.Config) string {
	t.Helper()
	running, err := server.Start(config)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { running.Close() })
	running.SetFaults(s.Faults)
	return running.Addr().String()
}
