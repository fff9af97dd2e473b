package flyingvoice

import (
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"provsim/device"
	"provsim/resync"
)

// The guide's section 4.3 from the box to the second day, event by event: option
// 66 leads to a file, the file is applied, the device reboots by itself and rests
// (FV-CFG-6, FV-RS-2), and the file's settings are in force afterwards.
func TestFirstDayOfANewPhone(t *testing.T) {
	p := newPhone(t).file("DBID_DBASE_VERSION=2208\n" +
		"DBID_PRV_OPTION66_ENABLED=0\nDBID_PROFILE_RULE=http://prov.example.com/$MAU.conf\nDBID_SIP_ACCOUNT=23103\n")
	p.boot()
	p.wait(2 * time.Hour)
	want := []string{
		"boot power-on (IP542N v3.3.8)",
		`lease (192.0.2.10, option 66 "192.0.2.1")`,
		"resync.due boot",
		"resync.start boot tftp://192.0.2.1/IP542N.conf",
		"resync.done applied tftp://192.0.2.1/IP542N.conf 2208",
		"apply 2208 (4 settings in the file, 4 changed, 0 kept)",
		`setting (Option 66: "1" to "0")`,
		`setting (Profile Rule: "" to "http://prov.example.com/$MAU.conf")`,
		"reboot config 30s",
		"boot config 2208 (IP542N v3.3.8)",
		`lease (192.0.2.10, option 66 "192.0.2.1")`,
		"resync.due periodic",
		"resync.start periodic http://prov.example.com/0021F2011B19.conf",
		"resync.done unchanged http://prov.example.com/0021F2011B19.conf 2208",
	}
	if diff := cmp.Diff(want, p.log); diff != "" {
		t.Errorf("events (-want +got):\n%s", diff)
	}
}

// FV-RS-11: storing and the reboot wait for the end of a call, and a power cut
// before it loses the file.
func TestApplyWaitsForTheEndOfACall(t *testing.T) {
	p := newPhone(t, "Resync Periodic=60").file("DBID_DBASE_VERSION=1\n")
	var early *device.Stored
	answer := p.serve
	p.serve = func(r device.Request) device.Reply {
		p.tell(device.Input{Kind: device.SetLine, Line: 2, Active: true})
		return answer(r)
	}
	p.boot()
	p.wait(time.Hour)
	if early = p.saved; early.Version != "" || p.said("reboot") {
		t.Fatalf("in the call: version %q is stored, events %q", early.Version, p.log)
	}
	p.tell(device.Input{Kind: device.SetLine, Line: 2, Active: false})
	if p.saved.Version != "1" || !p.said("reboot config") {
		t.Errorf("after the call: version %q is stored, events %q", p.saved.Version, p.log)
	}

	cut := newPhoneOf(t, newModel(), early)
	cut.boot()
	if cut.said("boot config") || !cut.said("boot power-on") {
		t.Errorf("after a power cut in the call: %q", cut.log)
	}
}

// FV-RS-7: a line that is active on any of the four counts, and all must be
// idle again.
func TestEveryLineCounts(t *testing.T) {
	p := newPhone(t, "Resync Periodic=60", "Forced Resync Delay=0").file("DBID_DBASE_VERSION=1\n")
	p.saved.Version = "1"
	p.boot()
	for _, line := range []int{1, 4} {
		p.tell(device.Input{Kind: device.SetLine, Line: line, Active: true})
	}
	asked := len(p.asked)
	p.wait(time.Hour)
	p.tell(device.Input{Kind: device.SetLine, Line: 1})
	p.tell(device.Input{Kind: device.SetLine, Line: 5, Active: true}) // there is no line 5
	p.wait(time.Hour)
	if len(p.asked) != asked {
		t.Errorf("%d resyncs in a call, want none", len(p.asked)-asked)
	}
	p.tell(device.Input{Kind: device.SetLine, Line: 4})
	if len(p.asked) != asked+1 {
		t.Errorf("%d resyncs when all lines are idle, want 1", len(p.asked)-asked)
	}
}

// FV-RS-12: what is saved on the web page is stored at once and in force after
// the next reboot.
func TestSavedSettingsWaitForTheReboot(t *testing.T) {
	p := newPhone(t)
	p.boot()
	page, err := p.saved.Config.With("DBID_PRV_CONFIG_FILE_NAME", "new.conf")
	if err != nil {
		t.Fatal(err)
	}
	p.tell(device.Input{Kind: device.Configure, Config: page})
	p.tell(device.Input{Kind: device.AskResync, Cause: resync.Person})
	if got := p.asked[len(p.asked)-1].Path; p.setting("Config File Name") != "new.conf" || got != "/IP542N.conf" {
		t.Errorf("before the reboot: stored %q, asked for %s", p.setting("Config File Name"), got)
	}
	p.tell(device.Input{Kind: device.AskReboot})
	p.wait(30 * time.Second)
	if got := p.asked[len(p.asked)-1].Path; got != "/new.conf" {
		t.Errorf("after the reboot it asked for %s, want /new.conf", got)
	}
}

// FV-BOOT-1: in a reboot the device notices nothing.
func TestRebootTakesItsTime(t *testing.T) {
	p := newPhone(t)
	p.boot()
	p.tell(device.Input{Kind: device.AskReboot})
	asked := len(p.asked)
	p.tell(device.Input{Kind: device.AskResync, Cause: resync.Person})
	p.tell(device.Input{Kind: device.PowerOn})
	p.wait(29 * time.Second)
	if len(p.asked) != asked || p.Deadline() != 30*time.Second {
		t.Errorf("%d requests in the reboot, which ends at %v, want 0 and 30s", len(p.asked)-asked, p.Deadline())
	}
	p.wait(time.Second)
	if !p.said("boot request") || len(p.asked) != asked+1 {
		t.Errorf("after the reboot: %q", p.log)
	}
}

// FV-BOOT-3: a factory reset takes settings, version and certificates, and keeps
// the firmware.
func TestFactoryReset(t *testing.T) {
	p := newPhone(t, "Config File Name=mine.conf")
	p.saved.Version, p.saved.Software, p.saved.Certificates = "7", "v4", &device.Certificates{CA: []byte("ca")}
	p.boot()
	p.tell(device.Input{Kind: device.AskReset})
	s := p.saved
	if s.Config.Len() != 0 || s.Version != "" || s.Certificates != nil || s.Software != "v4" {
		t.Errorf("after the reset: %d settings, version %q, certificates %v, software %q", s.Config.Len(), s.Version, s.Certificates != nil, s.Software)
	}
	p.wait(71 * time.Second) // the reboot and, with the defaults back, the random delay
	if !p.said("boot factory-reset") || p.asked[len(p.asked)-1].Path != "/IP542N.conf" {
		t.Errorf("after the reset: %q", p.log)
	}
}

// FV-SRC-5: a renewed lease with another option 66 counts from the next resync on.
func TestRenewedLease(t *testing.T) {
	p := newPhone(t, "Resync Error Retry Delay=60")
	p.boot()
	p.tell(device.Input{Kind: device.GotLease, Lease: device.Lease{Addr: p.lease.Addr, Offer: device.TextOffer(66, "192.0.2.2")}})
	if len(p.asked) != 1 {
		t.Errorf("a renewed lease led to %d requests at once", len(p.asked)-1)
	}
	p.wait(time.Minute)
	if got := p.asked[len(p.asked)-1].Host; got != "192.0.2.2" {
		t.Errorf("the next resync asked %s, want 192.0.2.2", got)
	}
}

// A device whose address is taken away waits for another before it resyncs.
func TestLostLease(t *testing.T) {
	p := newPhone(t, "Resync Error Retry Delay=60")
	p.boot()
	p.tell(device.Input{Kind: device.LostLease, Job: resync.DHCP, Note: "expired"})
	p.wait(time.Hour)
	if len(p.asked) != 1 || !p.said("lease (expired)") || p.Lease().Addr.IsValid() {
		t.Errorf("without an address: %d requests, events %q", len(p.asked), p.log)
	}
	p.tell(device.Input{Kind: device.GotLease, Lease: p.lease, Job: resync.DHCP, Note: "from 192.0.2.1"})
	if len(p.asked) != 2 || !p.said("from 192.0.2.1") {
		t.Errorf("with an address again: %d requests, events %q", len(p.asked), p.log)
	}
}
