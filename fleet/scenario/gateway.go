package scenario

import "time"

// Gateway puts the devices of a plan behind a gateway that leases their addresses and
// hides their files: option 66 has a random number, below which the Activator publishes
// the device's files once an event has told it of the lease. The names of the files are
// those of Polycom phones: the phones of other vendors find none.
type Gateway struct {
	// Event is how long an event takes from the gateway to the Activator and back; 0 is
	// 50 ms. The gateway sends one at a time.
	Event time.Duration `yaml:"event"`
	// Account is how long the account server takes; 0 is 100 ms. It answers 32 requests
	// at once.
	Account time.Duration `yaml:"account"`
	// Publish is how long it takes to make a device's files; 0 is 10 ms.
	Publish time.Duration `yaml:"publish"`
	// Delay is how much later each event arrives, and Lost the part of them that does
	// not arrive at all.
	Delay time.Duration `yaml:"delay"`
	Lost  Fraction      `yaml:"lost"`
	// Life is how long the files stay; 0 is an hour.
	Life time.Duration `yaml:"life"`
}

// MaxBehindGateway is how many devices may be behind a gateway.
const MaxBehindGateway = 1_000_000

func (g *Gateway) filled() *Gateway {
	if g == nil {
		return nil
	}
	return &Gateway{
		Event: or(g.Event, 50*time.Millisecond), Account: or(g.Account, 100*time.Millisecond), Publish: or(g.Publish, 10*time.Millisecond),
		Delay: g.Delay, Lost: g.Lost, Life: or(g.Life, time.Hour),
	}
}

func (g *Gateway) check(c *checker, devices int) {
	if g == nil {
		return
	}
	if devices > MaxBehindGateway {
		c.fault("event", "found %d devices behind one gateway, want at most %d", devices, MaxBehindGateway)
	}
	c.lasts("event", g.Event, 0, time.Minute)
	c.lasts("account", g.Account, 0, time.Minute)
	c.lasts("publish", g.Publish, 0, time.Minute)
	c.lasts("delay", g.Delay, 0, time.Hour)
	c.lasts("life", g.Life, 0, maxDuration)
	c.fraction("lost", g.Lost)
}
