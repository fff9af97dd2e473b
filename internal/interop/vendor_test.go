//go:build linux

package interop

import (
	"context"
	"net/netip"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"provsim/device"
	"provsim/device/vendors"
	"provsim/encrypt"
	"provsim/internal/journal"
	"provsim/internal/run"
	"provsim/internal/sched"
	"provsim/internal/testing/peer"
)

// vendorPhone runs a phone of a vendor with settings until its resync and what follows
// has ended, and returns what it stored and did. What then holds happens when the
// first has ended. What id leaves out is as shipped.
func vendorPhone(t *testing.T, vendor string, id device.Identity, offer *device.Offer, has device.Certificates, settings map[string]string, then ...device.Input) (*device.Stored, []journal.Record) {
	t.Helper()
	return runPhone(t, vendorModel(t, vendor), id, offer, has, settings, then...)
}

// vendorModel returns the model of a vendor's phones, which do not wait long.
func vendorModel(t *testing.T, vendor string) *device.Model {
	t.Helper()
	p, err := vendors.Lookup(vendor)
	if err != nil {
		t.Fatal(err)
	}
	cipher, err := encrypt.Lookup("openssl-md5")
	if err != nil {
		t.Fatal(err)
	}
	m := device.NewModel(p, cipher)
	m.Epoch, m.BootTime, m.Timeout = time.Now(), 5*time.Millisecond, peer.Patience
	return m
}

// runPhone runs a phone of a model as vendorPhone does.
func runPhone(t *testing.T, m *device.Model, id device.Identity, offer *device.Offer, has device.Certificates, settings map[string]string, then ...device.Input) (*device.Stored, []journal.Record) {
	t.Helper()
	p, err := m.Personality, error(nil)
	stored := &device.Stored{Certificates: &has}
	for name, value := range settings {
		if stored.Config, err = stored.Config.With(name, value); err != nil {
			t.Fatal(err)
		}
	}
	asked := id
	if id = p.Shipped; asked.MAC != (device.MAC{}) {
		id.MAC = asked.MAC
	}
	if asked.Product != "" {
		id.Product = asked.Product
	}
	id.Serial = p.Serial(id.MAC)
	devices := []device.Device{*device.New(m, id, stored)}
	var records journal.Memory
	ends := 1 + len(then)
	ctx, cancel := context.WithTimeout(t.Context(), peer.Patience)
	defer cancel()
	var driver *run.Driver
	driver = run.New(run.Config{
		Clock: sched.NewReal(m.Epoch), Network: wire(), Journal: &records, Epoch: m.Epoch,
		Lease: func(int, *device.Device) device.Lease {
			return device.Lease{Addr: netip.MustParseAddr("192.0.2.20"), Offer: offer}
		},
		Stop: func(*device.Device) bool {
			done := 0
			for _, r := range records.Records {
				if r.Kind == device.ResyncDone || r.Kind == device.KeepAliveDone {
					done++
				}
			}
			if last := records.Records[len(records.Records)-1].Kind; last == device.ResyncDone && len(then) > 0 {
				driver.Tell(0, then[0])
				then = then[1:]
			}
			return done >= ends
		},
	}, devices)
	driver.Tell(0, device.Input{Kind: device.PowerOn})
	if err := driver.Run(ctx, sched.Never); err != nil {
		t.Errorf("the run ends with %v", err)
	}
	return devices[0].Stored(), records.Records
}

// saw expects the lines of a web server's access log: status, request and User-Agent.
// A server may write a line after the phone has got its answer. The threads of Apache
// write theirs in any order, nginx has one process that answers.
func (s *webServer) saw(t *testing.T, kind webKind, want ...string) {
	t.Helper()
	var got []string
	peer.Await(t, "the requests in access.log", func(context.Context) error {
		text, err := os.ReadFile(filepath.Join(s.dir, "access.log"))
		if err != nil {
			return err
		}
		got = nil
		for line := range strings.Lines(string(text)) {
			if fields := strings.Split(line, `"`); len(fields) > 4 && fields[3] != "" {
				got = append(got, strings.TrimSpace(fields[0])+" "+strings.TrimSuffix(fields[1], " HTTP/1.1")+" "+fields[3])
			}
		}
		if len(got) < len(want) {
			return os.ErrNotExist
		}
		return nil
	})
	if kind.program != nginx.program {
		slices.Sort(got)
		slices.Sort(want)
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("access.log (-want +got):\n%s", diff)
	}
}
