package fleet

import (
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"provsim/device"
	"provsim/internal/journal"
	"provsim/resync"
)

// story plans a scenario and returns its records.
func story(t *testing.T, text string) ([]Record, *Result) {
	t.Helper()
	m := &journal.Memory{}
	r := plan(t, parse(t, text), Options{Journal: m})
	return m.Records, r
}

// when returns the instants at which something happened to each device.
func when(records []Record, is func(*Record) bool) map[device.MAC][]time.Duration {
	found := map[device.MAC][]time.Duration{}
	for i := range records {
		if is(&records[i]) {
			found[records[i].Device] = append(found[records[i].Device], records[i].T)
		}
	}
	return found
}

// The power comes back to the devices of the part, after the time and spread
// over the other; and a device that has had none yet does not get it sooner.
func TestPowerCutOfASite(t *testing.T) {
	records, _ := story(t, `
devices: 400
duration: 2h
population: {version: "1"}
sites: [{name: a, devices: 10}, {name: b}]
phases: [{devices: 95%}, {at: 90m}]
events: [{at: 30m, power-cut: {site: a, devices: 50%, for: 5m, over: 10m}}, {at: 1h, power-cut: {site: b, for: 1m}}]
`)
	boots := when(records, func(r *Record) bool { return r.Kind == device.Booted })
	var cut, first, last = 0, time.Hour, time.Duration(0)
	for n := range 400 {
		at := boots[device.MAC{0x00, 0x21, 0xf2, 0, byte(n >> 8), byte(n)}]
		switch {
		case n < 200 && len(at) == 2:
			cut++
			first, last = min(first, at[1]), max(last, at[1])
		case n < 200 && len(at) != 1, n >= 200 && n < 380 && (len(at) != 2 || at[1] != 61*time.Minute):
			t.Errorf("device %d boots at %v", n, at)
		case n >= 380 && (len(at) != 1 || at[0] != 90*time.Minute):
			t.Errorf("device %d, which is switched on at 1h30m, boots at %v", n, at)
		}
	}
	if cut%10 != 0 || cut < 50 || cut > 150 || first < 35*time.Minute || first > 36*time.Minute || last > 45*time.Minute || last < 44*time.Minute {
		t.Errorf("%d devices boot again from %v to %v, want about half of the sites from 35m to 45m", cut, first, last)
	}
}

// A NOTIFY and a reboot reach each device of the part once, at its own instant.
func TestWaves(t *testing.T) {
	records, _ := story(t, `
devices: 300
duration: 3h
population: {version: "1", settings: [{set: {Resync Periodic: 0}}]}
events: [{at: 1h, resync: {over: 20m}}, {at: 2h, reboot: {devices: 50%}}]
`)
	notified := when(records, func(r *Record) bool { return r.Kind == device.ResyncStart && r.Cause == resync.Notify })
	first, last := 3*time.Hour, time.Duration(0)
	for mac, at := range notified {
		if len(at) != 1 {
			t.Errorf("%v has %d resyncs by NOTIFY, want 1", mac, len(at))
		}
		first, last = min(first, at[0]), max(last, at[0])
	}
	if len(notified) != 300 || first < time.Hour || first > 62*time.Minute || last < 78*time.Minute || last > 80*time.Minute {
		t.Errorf("%d devices from %v to %v, want all from 1h to 1h20m", len(notified), first, last)
	}
	reboots := when(records, func(r *Record) bool { return r.Kind == device.Rebooting && r.T == 2*time.Hour })
	if len(reboots) < 120 || len(reboots) > 180 {
		t.Errorf("%d devices reboot, want about half of 300", len(reboots))
	}
}

// An event that repeats happens so often, or until the run ends.
func TestEventsRepeat(t *testing.T) {
	records, _ := story(t, `
devices: 2
duration: 2h
population: {version: "1"}
events: [{at: 10m, every: 7m, times: 3, reboot: {}}, {at: 70m, every: 20m, reboot: {}}]
`)
	reboots := when(records, func(r *Record) bool { return r.Kind == device.Rebooting })
	want := []time.Duration{10 * time.Minute, 17 * time.Minute, 24 * time.Minute, 70 * time.Minute, 90 * time.Minute, 110 * time.Minute}
	for mac, at := range reboots {
		if diff := cmp.Diff(want, at); diff != "" {
			t.Errorf("reboots of %v (-want +got):\n%s", mac, diff)
		}
	}
	if len(reboots) != 2 {
		t.Errorf("%d devices reboot, want 2", len(reboots))
	}
}

// A device that loses its power in the middle of a transfer asks no more.
func TestPowerCutEndsTransfers(t *testing.T) {
	_, r := story(t, `
devices: 50
duration: 5m
population: {settings: [{set: {Resync Random Delay: 0}}]}
events: [{at: 0s, outage: {for: 5m}}, {at: 4s, power-cut: {for: 1h}}]
`)
	// Read requests at 0, 1 and 3 s; the next would have been at 7 s.
	if r.Server.Repeats != 100 || r.Server.InFlight() != 50 {
		t.Errorf("%d repeated requests, %d transfers in flight, want 100 and 50", r.Server.Repeats, r.Server.InFlight())
	}
}

// Calls have their rate and length, on as many lines and for as long as they are
// asked for.
func TestCalls(t *testing.T) {
	records, _ := story(t, `
devices: 200
duration: 10h
events: [{at: 1h, calls: {per-hour: 6, length: 5m, lines: 2, for: 4h, devices: 50%}}]
`)
	busy := map[string]time.Duration{} // by device and line: since when
	var talked time.Duration
	calls, devices := 0, map[device.MAC]bool{}
	for _, r := range records {
		if r.Kind != device.LineChanged {
			continue
		}
		line, ended := r.Device.String()+r.Note[:6], r.Note[7:] == "idle"
		since, inCall := busy[line]
		switch {
		case ended != inCall || r.Note[5] > '2':
			t.Fatalf("%v: %s at %v", r.Device, r.Note, r.T)
		case ended:
			talked += r.T - since
			delete(busy, line)
		case r.T < time.Hour || r.T > 5*time.Hour:
			t.Errorf("a call begins at %v", r.T)
		default:
			busy[line] = r.T
			calls++
			devices[r.Device] = true
		}
	}
	// A line has a call each 15 minutes: 10 until the next and 5 of talk.
	want := len(devices) * 2 * 16
	if len(devices) < 75 || len(devices) > 125 || calls < want*9/10 || calls > want*11/10 {
		t.Errorf("%d calls of %d devices, want about %d of 100", calls, len(devices), want)
	}
	if mean := talked / time.Duration(calls); mean < 4*time.Minute+30*time.Second || mean > 5*time.Minute+30*time.Second || len(busy) != 0 {
		t.Errorf("calls last %v on average, %d do not end; want 5m and none", mean, len(busy))
	}
}

// A clock that is years off makes every server's certificate look bad, unless
// the device does not look.
func TestWrongClocks(t *testing.T) {
	const text = `
devices: 100
duration: 10m
population: {profile-rule: https://prov.example.com/x}
sites: [{weight: 1}, {weight: 1, clock: -9000h}]
`
	_, r := story(t, text)
	if got := r.Tally.Totals().Outcomes[resync.Resync]; got[resync.TLSUntrusted] != 50 || got[resync.Applied] != 50 {
		t.Errorf("%d untrusted and %d applied, want 50 of each", got[resync.TLSUntrusted], got[resync.Applied])
	}
	s := parse(t, text)
	s.Population.Quirks = []string{"tls-no-verify"}
	if got := plan(t, s, Options{}).Tally.Totals().Outcomes[resync.Resync]; got[resync.Applied] != 100 {
		t.Errorf("%d applied without a look at the certificate, want 100", got[resync.Applied])
	}
}

// Devices behind a bad link fail where others do not, and those that lose their
// power in a transfer say nothing of it.
func TestBadLinks(t *testing.T) {
	_, r := story(t, `
devices: 200
duration: 5m
population: {timeout: 5s, settings: [{set: {Resync Random Delay: 0}}]}
configuration: {size: 100000}
sites: [{name: good}, {name: slow, rate: 64k}]
events: [{at: 1s, power-cut: {site: slow, devices: 50%, for: 1h}}]
`)
	got := r.Tally.Totals().Outcomes[resync.Resync]
	ended, _ := r.Tally.Totals().Outcomes.Ended(resync.Resync)
	if got[resync.Applied] != 100 || got[resync.Timeout] < 30 || got[resync.Timeout] > 70 || ended != got[resync.Applied]+got[resync.Timeout] {
		t.Errorf("%d applied, %d timeouts of %d, want 100 and about 50", got[resync.Applied], got[resync.Timeout], ended)
	}
	_, r = story(t, "devices: 400\nduration: 5m\nsites: [{loss: 20%, delay: 100ms}]\n")
	answered := r.Tally.Totals().Answered
	if answered[0] < 200 || answered[1] < 30 || r.Server.Lost < 50 {
		t.Errorf("answered at the first try %d, at the second %d, %d packets lost; want about 256, 92 and 140", answered[0], answered[1], r.Server.Lost)
	}
}

// A modelled server that bans an address is found out, whatever it answers.
func TestModelledBanIsNamed(t *testing.T) {
	for answer, how := range map[string]string{"403": "403", "429": "429", "refused": "reset", "silence": "silence"} {
		_, r := story(t, `
devices: 300
duration: 2h
population: {profile-rule: "http://h/$MA"}
sites: [{name: crowd, weight: 2, devices: 200}, {name: small, devices: 5}]
server: {ban: {after: 100, window: 1h, requests: true, answer: "`+answer+`"}}
`)
		bans := r.Tally.Totals().Bans()
		if len(bans) != 1 || bans[0].Site != 0 || bans[0].How != how {
			t.Errorf("banned by %s: found the bans %+v, want one of the crowd's address, by %s", answer, bans, how)
		}
	}
}
