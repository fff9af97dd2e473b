package device_test

import (
	"fmt"
	"net/netip"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"provsim/device"
	"provsim/encrypt"
	"provsim/macro"
	"provsim/profile"
	"provsim/resync"
)

// patient is firmware that asks for two files, each up to three times, five
// seconds apart. The first one stays although the second one never comes.
type patient struct {
	timers resync.Settings
	req    device.Request
	move   device.Move
}

func (p *patient) Config() profile.Config                 { return profile.Config{} }
func (p *patient) Timers() *resync.Settings               { return &p.timers }
func (p *patient) Warnings() []string                     { return nil }
func (p *patient) Wanted(*device.Device, resync.Job) bool { return false }
func (p *patient) Commit(d *device.Draft, s device.Stored) (device.Stored, []device.Event) {
	s.Seen = d.File.Name
	return s, []device.Event{{Kind: device.AppliedFile, Note: d.File.Name}}
}

func (p *patient) Next(d *device.Device, _ resync.Job, r *device.Reply) *device.Move {
	tries, draft := d.Stage(), d.Draft()
	p.move = device.Move{Stage: tries, Draft: draft}
	switch {
	case r == nil:
	case r.Outcome == resync.None:
		p.move.Draft, p.move.Stage = &device.Draft{Before: draft, File: &device.File{Name: string(r.Body)}}, 0
	case tries == 2:
		p.move.Outcome, p.move.Keep, p.move.After = r.Outcome, true, device.Remain
		return &p.move
	default:
		p.move.Stage, p.move.Wait = tries+1, 5*time.Second
		return &p.move
	}
	p.move.URL = "/first"
	if p.move.Draft != nil {
		p.move.URL = "/second"
	}
	p.req = device.Request{Job: resync.Resync, Timeout: time.Minute}
	p.move.Request = &p.req
	return &p.move
}

// A job may pause between two tries, and what it brought before it failed may
// stay.
func TestPausesAndKeeps(t *testing.T) {
	person := device.Personality{
		Name: "patient", Serial: func(device.MAC) string { return "" }, Agent: func(device.Identity) string { return "" },
		Vars: func(device.Identity, device.Lease) macro.Vars { return macro.Map{} },
		Boot: func(*device.Model, profile.Config) device.Firmware {
			return &patient{timers: resync.Settings{Jobs: [2]resync.Schedule{{Job: resync.Resync, AtBoot: resync.AnyBoot, Every: resync.Every(time.Hour)}}}}
		},
	}
	m := device.NewModel(&person, encrypt.Ciphers()[0])
	d := device.New(m, device.Identity{MAC: device.MAC{0, 1, 2, 3, 4, 5}}, nil)
	var now time.Duration
	var transfer uint32
	var log []string
	tell := func(in device.Input) {
		in.Now = now
		for _, fx := range d.Step(&in, nil) {
			switch fx.Do {
			case device.Journal:
				if fx.Event.Kind != device.Booted && fx.Event.Kind != device.Leased {
					log = append(log, strings.TrimSpace(fmt.Sprint(now, " ", fx.Event.Kind, " ", fx.Event.Outcome, " ", fx.Event.URL)))
				}
			case device.Fetch:
				transfer = fx.Transfer
			case device.Cancel:
				log = append(log, "cancel")
			}
		}
	}
	reply := func(r *device.Reply) { tell(device.Input{Kind: device.GotReply, Transfer: transfer, Reply: r}) }
	tick := func() { now = d.Deadline(); tell(device.Input{Kind: device.Tick}) }
	tell(device.Input{Kind: device.PowerOn})
	tell(device.Input{Kind: device.GotLease, Lease: device.Lease{Addr: netip.MustParseAddr("192.0.2.1")}})
	timeout := &device.Reply{Outcome: resync.Timeout}
	reply(timeout)
	reply(timeout) // comes too late: nothing is in flight
	tick()
	reply(&device.Reply{Body: []byte("A")})
	for range 2 {
		reply(timeout)
		tick()
	}
	reply(timeout)
	want := []string{
		"0s resync.due", "0s resync.start  /first", "0s transfer timeout /first", "5s transfer  /first",
		"5s transfer timeout /second", "10s transfer timeout /second", "15s resync.done timeout /second", "15s apply",
	}
	if diff := cmp.Diff(want, log); diff != "" {
		t.Errorf("journal (-want +got):\n%s", diff)
	}
	if d.Stored().Seen != "A" || !d.Stored().LastSuccess.IsZero() {
		t.Errorf("stored %+v, want the first file, and no success", d.Stored())
	}
	log = nil
	tick() // the next resync
	reply(timeout)
	tell(device.Input{Kind: device.PowerOff})
	if strings.Contains(strings.Join(log, " "), "cancel") || d.Deadline() != resync.Never {
		t.Errorf("power was cut in a pause: %q, deadline %v; want nothing cancelled and nothing due", log, d.Deadline())
	}
}
