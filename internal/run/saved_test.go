package run

import (
	"strings"
	"testing"
	"time"

	"provsim/device"
	"provsim/device/polycom"
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

// What a person saves on a Polycom phone's page goes to the server at once, or when the
// phone's boot is over (PC-UP-2).
func TestSavedSettingsAreSent(t *testing.T) {
	id := polycom.Personality.Shipped
	id.MAC, id.Product = device.MAC{0, 4, 0xf2, 0x1a, 0x24, 0x57}, "VVX_500"
	phone := device.New(device.NewModel(&polycom.Personality, encrypt.Ciphers()[0]), id, nil)
	server := &uploads{}
	lease := func(int, *device.Device) device.Lease {
		return device.Lease{Offer: device.TextOffer(66, "http://192.0.2.1/")}
	}
	d := New(Config{Clock: &sched.Virtual{}, Network: server, Journal: &journal.Memory{}, Lease: lease}, []device.Device{*phone})
	d.SwitchOn(0, 0)
	for at, label := range map[time.Duration]string{5 * time.Second: "early", 2 * time.Minute: "later"} {
		config, err := profile.Config{}.With("reg.1.label", label)
		if err != nil {
			t.Fatal(err)
		}
		d.At(0, at, device.Input{Kind: device.Configure, Config: config})
	}
	if err := d.Run(t.Context(), time.Hour); err != nil {
		t.Fatal(err)
	}
	const want = "/0004f21a2457-boot.log /0004f21a2457-app.log /0004f21a2457-web.cfg /0004f21a2457-web.cfg"
	if got := strings.Join(server.paths, " "); got != want {
		t.Errorf("the phone puts %s, want %s", got, want)
	}
}
