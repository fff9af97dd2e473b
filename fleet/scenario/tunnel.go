package scenario

import "provsim/internal/role/tunnel"

// Tunnel is what devices do that keep a WebSocket tunnel open (WT-SVC-4), and what
// the modelled server of a plan can take. A scenario that has it is for the commands
// tunnel and plan.
type Tunnel struct {
	tunnel.Services `yaml:",inline"`

	// Handshakes is how many connects a second the modelled server has the
	// processors for; 0 is DefaultHandshakes.
	Handshakes float64 `yaml:"handshakes"`
	// MaxTunnels is how many the modelled server holds; 0 is DefaultMaxTunnels.
	MaxTunnels int `yaml:"max-tunnels"`
}

// Defaults of the modelled server.
const (
	DefaultHandshakes = 2000.0
	DefaultMaxTunnels = 10_000
)

func (t *Tunnel) check(c *checker) {
	if t == nil {
		return
	}
	if !(t.Handshakes >= 0 && t.Handshakes <= 1e6) {
		c.fault("handshakes", "found %v, want a number over 0 up to 1000000", t.Handshakes)
	}
	c.counts("max-tunnels", t.MaxTunnels, MaxDevices)
}
