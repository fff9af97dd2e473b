package run

import (
	"slices"
	"testing"
	"time"

	"provsim/device"
	"provsim/internal/dhcp"
	"provsim/internal/journal"
	"provsim/internal/sched"
)

// A phone that was thawed is woken at its deadline without anybody's doing, and
// goes on with the lease that it had. Its DHCP client asks for one anew, once: the
// same is no event, another takes effect at the next resync (FV-SRC-5).
func TestThawedPhoneAsksForItsLease(t *testing.T) {
	for _, tt := range []struct {
		rule   string
		moves  time.Duration
		leases int
	}{{"the same lease", 0, 0}, {"another option 66", time.Minute, 1}} {
		var frozen device.Frozen
		runWithDHCP(t, &sched.Virtual{}, &dhcpModel{}, &journal.Memory{}, func(d *Driver) {
			d.Do(20*time.Minute, func(now time.Duration) { frozen = d.devices[0].Freeze(now) })
		}, phones(t, 1))
		thawed := phones(t, 1)
		if err := thawed[0].Thaw(thawed[0].Model(), thawed[0].Product(), thawed[0].MAC(), &frozen); err != nil {
			t.Fatal(err)
		}
		memory, m := &journal.Memory{}, &dhcpModel{moves: tt.moves}
		var states []dhcp.State
		runWithDHCP(t, &sched.Virtual{}, m, memory, func(d *Driver) {
			for _, at := range []time.Duration{20 * time.Minute, 21 * time.Minute} {
				d.Do(at, func(time.Duration) {
					d.AskLease(0)
					states = append(states, d.config.DHCP.Status(0).State)
				})
			}
		}, thawed)
		if want := []dhcp.State{dhcp.Selecting, dhcp.Bound}; !slices.Equal(states, want) {
			t.Errorf("%s: after it was told to ask, and a minute later again, the client is %v, want %v", tt.rule, states, want)
		}
		asked := 0 // leases that have come before the phone reboots for a file
		for _, r := range memory.Records {
			if r.Kind == device.Rebooting {
				break
			}
			if r.Kind == device.Leased {
				asked++
			}
		}
		if first := memory.Records[0]; asked != tt.leases || m.released != 1 || first.Kind == device.Booted || first.T < 20*time.Minute {
			t.Errorf("%s: leases %q, %d releases, and the first event is %v at %v, want %d leases before a reboot, one release and no boot",
				tt.rule, leases(memory), m.released, first.Kind, first.T, tt.leases)
		}
	}
}
