package flyingvoice

import (
	"testing"

	"provsim/device"
	"provsim/resync"
)

// A talk plays a job as the device would, and changes nothing of it.
func TestTalkChangesNothing(t *testing.T) {
	p := newPhone(t, "Upgrade Rule=http://192.0.2.1/a.bin")
	d := device.Rehearsal(p.Model(), p.Identity(), p.Stored(), p.lease)
	before := d.Status()
	body := []byte("DBID_DBASE_VERSION=7\n")
	asked := 0
	last := d.Talk(resync.Resync, func(m *device.Move) *device.Reply {
		asked++
		if want := "tftp://192.0.2.1/IP542N.conf"; m.URL != want {
			t.Errorf("it asks for %s, want %s", m.URL, want)
		}
		return &device.Reply{Body: body}
	})
	if asked != 1 || last.Outcome != resync.Applied || last.Version != "7" {
		t.Errorf("%d requests, %v, version %q, want one, applied and 7", asked, last.Outcome, last.Version)
	}
	if m := d.FirstMove(resync.Upgrade); m.URL != "http://192.0.2.1/a.bin" || m.Outcome != resync.None {
		t.Errorf("an upgrade asks for %q, %v", m.URL, m.Outcome)
	}
	if v := d.Judge(&device.Reply{Body: []byte("x"), Name: "v9.bin"}); v.Outcome != resync.Applied || v.Version != "v9" {
		t.Errorf("an uploaded image is %v of version %q", v.Outcome, v.Version)
	}
	if after := d.Status(); after != before || d.Stored().Version != "" {
		t.Errorf("the device was %+v and is %+v", before, after)
	}
}
