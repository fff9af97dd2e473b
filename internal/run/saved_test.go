package run

import (
	"strings"
	"testing"
	"time"

	"provsim/device"
	"provsim/device/polycom"
	"provsim/device/yealink"
	"provsim/encrypt"
	"provsim/internal/journal"
	"provsim/internal/sched"
	"provsim/profile"
	"provsim/resync"
)

// uploads has no files, takes every upload after 5 s, and writes down what was put.
type uploads struct{ paths []string }

func (u *uploads) Start(_ time.Duration, req *device.Request, d Delivery) {
	if req.Method != device.Write {
		d.After(time.Second, &device.Reply{Outcome: resync.NotFound, Status: 404})
		return
	}
	u.paths = append(u.paths, req.Path)
	d.After(5*time.Second, &device.Reply{Outcome: resync.Sent})
}

// What a person saves on the phone's page goes to the server at once, or when the phone's
// boot is over (PC-UP-2, YL-OUT-1).
func TestSavedSettingsAreSent(t *testing.T) {
	t.Run("polycom", func(t *testing.T) {
		testSaved(t, &polycom.Personality, "VVX_500", profile.Config{}, "reg.1.label",
			"/0004f21a2457-boot.log /0004f21a2457-app.log /0004f21a2457-web.cfg /0004f21a2457-web.cfg")
	})
	t.Run("yealink", func(t *testing.T) {
		sync, err := profile.Config{}.With("static.auto_provision.custom.sync", "1")
		if err != nil {
			t.Fatal(err)
		}
		testSaved(t, &yealink.Personality, "T46S", sync, "account.1.label",
			"/0004f21a2457-local.cfg /0004f21a2457-local.cfg")
	})
}

// testSaved has a person save a setting while the phone boots, and after that.
func testSaved(t *testing.T, p *device.Personality, product string, stored profile.Config, setting, want string) {
	id := p.Shipped
	id.MAC, id.Product = device.MAC{0, 4, 0xf2, 0x1a, 0x24, 0x57}, product
	phone := device.New(device.NewModel(p, encrypt.Ciphers()[0]), id, &device.Stored{Config: stored})
	server := &uploads{}
	lease := func(int, *device.Device) device.Lease {
		return device.Lease{Offer: device.TextOffer(66, "http://192.0.2.1/")}
	}
	records := &journal.Memory{}
	d := New(Config{Clock: &sched.Virtual{}, Network: server, Journal: records, Lease: lease}, []device.Device{*phone})
	d.SwitchOn(0, 0)
	for at, label := range map[time.Duration]string{5 * time.Second: "early", 2 * time.Minute: "later"} {
		config, err := profile.Config{}.With(setting, label)
		if err != nil {
			t.Fatal(err)
		}
		d.At(0, at, device.Input{Kind: device.Configure, Config: config})
	}
	if err := d.Run(t.Context(), time.Hour); err != nil {
		t.Fatal(err)
	}
	if got := strings.Join(server.paths, " "); got != want {
		t.Errorf("the phone puts %s, want %s", got, want)
	}
	for _, r := range records.Records {
		if r.Kind == device.KeepAliveStart && r.Cause != resync.Person {
			t.Errorf("an upload has the cause %v, want that of a person", r.Cause)
		}
	}
}
