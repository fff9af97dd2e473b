//go:build linux

package dhcp

import (
	"strings"
	"testing"

	"golang.org/x/sys/unix"
)

// keep leaves the thread of a host with some capabilities alone.
func (ns *namespace) keep(t *testing.T, capabilities ...int) {
	t.Helper()
	var err error
	ns.do(func() {
		var sets [2]unix.CapUserData // 32 capabilities each
		for _, c := range capabilities {
			sets[c/32].Effective |= 1 << (c % 32)
			sets[c/32].Permitted |= 1 << (c % 32)
		}
		err = unix.Capset(&unix.CapUserHeader{Version: unix.LINUX_CAPABILITY_VERSION_3}, &sets[0])
	})
	if err != nil {
		t.Fatal(err)
	}
}

// Without its capability a wire says which one it is, and with it alone it
// opens.
func TestCapabilities(t *testing.T) {
	for _, c := range []struct {
		name       string
		capability int
		open       func() (testWire, error)
	}{
		{"CAP_NET_RAW", unix.CAP_NET_RAW, wires[0].open},
		{"CAP_NET_BIND_SERVICE", unix.CAP_NET_BIND_SERVICE, wires[1].open},
	} {
		t.Run(c.name, func(t *testing.T) {
			net := newLAN(t)
			open := func(capabilities ...int) error {
				host := net.host(t, "10.66.0.2/16")
				host.keep(t, capabilities...)
				var wire testWire
				var err error
				host.do(func() { wire, err = c.open() })
				if err == nil {
					wire.Close()
				}
				return err
			}
			if err := open(c.capability); err != nil {
				t.Errorf("with %s alone: %v", c.name, err)
			}
			if err := open(); err == nil || !strings.Contains(err.Error(), c.name) {
				t.Errorf("without capabilities: %v, want an error that names %s", err, c.name)
			}
		})
	}
}

func TestInterfacesThatAreNone(t *testing.T) {
	host := newNamespace(t)
	for _, name := range []string{"lo", "nothing0", ""} {
		host.do(func() {
			if wire, err := OpenInterface(name); err == nil {
				wire.Close()
				t.Errorf("interface %q is opened, want an error", name)
			}
		})
	}
}
