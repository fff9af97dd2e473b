//go:build linux

package interop

import (
	"context"
	"errors"
	"fmt"
	"net/netip"
	"os"
	"path/filepath"
	"sync"
	"testing"
	"time"

	"provsim/device"
	"provsim/device/vendors"
	"provsim/encrypt"
	"provsim/internal/journal"
	"provsim/internal/run"
	"provsim/internal/sched"
	"provsim/internal/testing/peer"
	"provsim/internal/web/app"
	webphone "provsim/internal/web/phone"
)

// A visitor is a new phone with a web page, and a person
// with a browser in front of it.
type visitor struct {
	*tab
	phone string // the page's address

	mu      sync.Mutex
	records []journal.Record
}

// Add keeps the journal for await.
func (d *visitor) Add(r *journal.Record) error {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.records = append(d.records, *r)
	return nil
}

// seat switches a phone on, whose lease has that option 66, and a browser.
func seat(t *testing.T, option66 string) *visitor {
	t.Helper()
	d := &visitor{tab: chromium(t)}
	cipher, err := encrypt.Lookup("openssl-md5")
	if err != nil {
		t.Fatal(err)
	}
	model := device.NewModel(vendors.Default(), cipher)
	model.Epoch, model.BootTime, model.Timeout = time.Now(), 500*time.Millisecond, peer.Patience
	phone := device.New(model, ours, nil)
	page, err := webphone.New(app.Access{
		Address: "127.0.0.1:0", User: webphone.ShippedUser, Password: webphone.ShippedPassword, Shipped: true,
	}, phone)
	if err != nil {
		t.Fatal(err)
	}
	d.phone = page.URL()
	lease := device.Lease{Addr: netip.MustParseAddr("192.0.2.20"), Offer: device.TextOffer(66, option66)}
	driver := run.New(run.Config{
		Clock: sched.NewReal(model.Epoch), Network: wire(), Journal: journal.Tee(page, d), Epoch: model.Epoch,
		Lease: func(int, *device.Device) device.Lease { return lease },
	}, []device.Device{*phone})
	page.Attach(driver)
	driver.Tell(0, device.Input{Kind: device.PowerOn})
	ctx, cancel := context.WithCancel(context.Background())
	ended := make(chan error, 1)
	go func() { ended <- driver.Run(ctx, sched.Never) }()
	t.Cleanup(func() {
		cancel()
		if err := <-ended; !errors.Is(err, context.Canceled) {
			t.Errorf("the run ends with %v", err)
		}
		page.Close()
	})
	return d
}

// has waits for a record of the journal, and after it for the phone to be up.
func (d *visitor) has(what string, is func(*journal.Record) bool) {
	d.t.Helper()
	peer.Await(d.t, what, func(context.Context) error {
		d.mu.Lock()
		defer d.mu.Unlock()
		up, seen := false, false
		for _, r := range d.records {
			seen = seen || is(&r)
			switch r.Kind {
			case device.Leased:
				up = true
			case device.Rebooting:
				up = false
			}
		}
		if !seen || !up {
			return fmt.Errorf("not yet, after %d records", len(d.records))
		}
		return nil
	})
}

func (d *visitor) applied(version string) {
	d.t.Helper()
	var after bool
	d.has("version "+version+" to be applied, and the reboot after it", func(r *journal.Record) bool {
		after = after || r.Kind == device.AppliedFile && r.Version == version
		return after && r.Kind == device.Booted
	})
}

// failed waits for a resync that goes wrong.
func (d *visitor) failed() {
	d.t.Helper()
	d.has("a resync to fail", func(r *journal.Record) bool { return r.Kind == device.ResyncDone && !r.Outcome.Success() })
}

// login opens the page and logs in.
func (d *visitor) login() {
	d.t.Helper()
	d.open(d.phone)
	d.fill("#user", "admin")
	d.fill("#password", "admin")
	d.click("main button", "nav")
	d.shows("Status")
}

// save presses Save on the Provision page.
func (d *visitor) save() {
	d.t.Helper()
	d.click(`button[name="save"]`, ".notice.good")
	d.shows("effect when the phone reboots")
}

// reboot presses the button that Save has brought, and waits until the phone is
// back, as the page itself does.
func (d *visitor) reboot() {
	d.t.Helper()
	d.click(`.notice.warn button`, "[data-return]")
	d.shows("The phone reboots", "all sessions have ended")
	d.comes("#user")
}

// upload sends a file of one Update Type on the Administration/Security page.
func (d *visitor) upload(kind, file, pass string, then css) {
	d.t.Helper()
	d.choose("#type", kind)
	d.attach("#pem", file)
	d.fill("#pass", pass)
	d.click(`form[action="/security/certificate"] button`, then)
}

// keep writes a file for a browser to upload.
func keep(t *testing.T, name string, body []byte) string {
	t.Helper()
	file := filepath.Join(t.TempDir(), name)
	if err := os.WriteFile(file, body, 0o600); err != nil {
		t.Fatal(err)
	}
	return file
}
