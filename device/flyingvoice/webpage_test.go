package flyingvoice

import (
	"net/netip"
	"testing"

	"provsim/device"
	"provsim/encrypt"
	"provsim/profile"
	"provsim/resync"
)

// person is a phone that runs, and what a person does to it.
func person(t *testing.T, stored device.Stored) *device.Device {
	t.Helper()
	id := Personality.Shipped
	id.MAC = device.MAC{0, 0x21, 0xf2, 1, 0x1b, 0x19}
	d := device.New(device.NewModel(&Personality, encrypt.Ciphers()[0]), id, &stored)
	d.Step(&device.Input{Kind: device.PowerOn}, nil)
	d.Step(&device.Input{Kind: device.GotLease, Lease: device.Lease{Addr: netip.MustParseAddr("192.0.2.20")}}, nil)
	return d
}

func parse(t *testing.T, text string) profile.Config {
	t.Helper()
	c, err := Personality.Parse([]byte(text))
	if err != nil {
		t.Fatal(err)
	}
	return c
}

// What a person saves is merged; a version comes along, and certificates take the
// place of those before.
func TestConfigure(t *testing.T) {
	old, fresh := &device.Certificates{CA: []byte("old")}, &device.Certificates{CA: []byte("new")}
	d := person(t, device.Stored{Config: parse(t, "A=1\nB=1"), Version: "1", Certificates: old})
	d.Step(&device.Input{Kind: device.Configure, Config: parse(t, "B=2")}, nil)
	if s := d.Stored(); string(s.Config.Append(nil)) != "A=1\nB=2\n" || s.Version != "1" || s.Certificates != old {
		t.Errorf("settings alone come to %+v", s)
	}
	d.Step(&device.Input{Kind: device.Configure, Certificates: fresh}, nil)
	if s := d.Stored(); s.Config.Len() != 2 || s.Certificates != fresh {
		t.Errorf("certificates alone come to %+v", s)
	}
	d.Step(&device.Input{Kind: device.Configure, Config: parse(t, "DBID_DBASE_VERSION=7")}, nil)
	if s := d.Stored(); s.Version != "7" {
		t.Errorf("a file with a version comes to %+v", s)
	}
}

// An uploaded image is stored and the phone reboots for an upgrade, unless it is
// no image, or a call or a job goes on. The URL of the upgrade done last stays.
func TestInstall(t *testing.T) {
	good := &device.Reply{Body: SealImage(Image{Product: "IP542N", Version: "v3.4.0"}, []byte("x")), Name: "x.bin"}
	for _, tt := range []struct {
		rule     string
		reply    *device.Reply
		before   device.Input
		software string
	}{
		{"a good image", good, device.Input{}, "v3.4.0"},
		{"a file without a header has its name for a version", &device.Reply{Body: []byte("x"), Name: "G502_F107.bin"}, device.Input{}, "G502_F107"},
		{"an empty file", &device.Reply{Name: "x.bin"}, device.Input{}, "v3.3.8"},
		{"another product's", &device.Reply{Body: SealImage(Image{Product: "G502N", Version: "v9"}, nil), Name: "x.bin"}, device.Input{}, "v3.3.8"},
		{"in a call", good, device.Input{Kind: device.SetLine, Line: 2, Active: true}, "v3.3.8"},
		{"beside a job", good, device.Input{Kind: device.AskResync, Cause: resync.Person}, "v3.3.8"},
	} {
		d := person(t, device.Stored{UpgradeURL: "http://h/old.bin", Config: parse(t, "DBID_PRV_OPTION66_ENABLED=0\nDBID_PROFILE_RULE=http://h/x\nDBID_RESYNC_ON_RESET=0")})
		d.Step(&tt.before, nil)
		d.Step(&device.Input{Kind: device.Install, Reply: tt.reply}, nil)
		installed := tt.software != "v3.3.8"
		if got := d.Identity().Software; got != tt.software || d.Stored().UpgradeURL != "http://h/old.bin" || (d.Status().RebootEnds != resync.Never) != installed {
			t.Errorf("%s: software %s, reboot ends %v", tt.rule, got, d.Status().RebootEnds)
		}
		if installed && d.Stored().Cause != resync.Firmware {
			t.Errorf("%s: the next boot's cause is %v", tt.rule, d.Stored().Cause)
		}
	}
}
