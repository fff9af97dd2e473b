//go:build linux

package interop

import (
	"slices"
	"strconv"
	"strings"
	"syscall"
	"testing"

	"provsim/device"
	"provsim/internal/testing/peer"
	"provsim/resync"

	"github.com/google/go-cmp/cmp"
)

// leased is the one address that the DHCP servers have to give.
const leased = "10.66.1.1"

// dhcpWays are the ways of the command to a lease. Two phones take them, so that
// the second gets one only if the first has given its own back at the end.
var dhcpWays = [][]string{
	{"--dhcp", "vcli", "--mac", "00:21:f2:00:00:01"},
	{"--dhcp-relay", dhcpHost, "--mac", "00:21:f2:00:00:02"},
}

// dhcpCases are what an administrator sets, and where the phone looks for its
// file then.
var dhcpCases = []struct {
	name     string
	option66 string
	flags    []string
	url      string
}{
	{"option 66 is an address", dhcpHost, nil, "tftp://10.66.0.1/IP542N.conf"},
	{"option 66 is a URL", "tftp://10.66.0.1/x.conf", nil, "tftp://10.66.0.1/x.conf"},
	{
		"option 66 is off, and $IP of the Profile Rule is the leased address", "10.66.0.9",
		[]string{"--profile-rule", "tftp://10.66.0.1/$IP.conf"}, "tftp://10.66.0.1/" + leased + ".conf",
	},
}

var dhcpFiles = map[string][]byte{"/IP542N.conf": sample, "/x.conf": sample, "/" + leased + ".conf": sample, "/own.cfg": []byte("voip/line/0/enabled=1\n")}

// TestDHCP runs the command in front of each DHCP server, in both of its ways to
// a lease.
func TestDHCP(t *testing.T) {
	peer.NeedRoot(t, "it makes network namespaces, and raw sockets in them")
	command := buildCommand(t)
	for _, k := range []dhcpKind{dnsmasqDHCP, kea, iscDHCP} {
		for _, tt := range dhcpCases {
			t.Run(k.program+", "+tt.name, func(t *testing.T) {
				t.Parallel()
				s := k.start(t, tt.option66)
				for _, way := range dhcpWays {
					got := s.net.phone(t, command, slices.Concat(way, tt.flags)...)
					got.checkApplied(t, way[0], tt.option66, tt.url)
				}
			})
		}
	}
	t.Run("silence", func(t *testing.T) { testDHCPSilence(t, command) })
}

// checkApplied compares the run with the story of a phone, up to the end of the
// reboot that follows from --once.
func (r phoneRun) checkApplied(t *testing.T, way, option66, url string) {
	t.Helper()
	want, _, _ := strings.Cut(strings.ReplaceAll(story, "URL", url), "\nresync.due periodic")
	if diff := cmp.Diff(strings.Split(want, "\n"), tell(r.records)); diff != "" {
		t.Errorf("%s: the phone's day, want - and got +:\n%s", way, diff)
	}
	note := leased + ", option 66 " + strconv.Quote(option66) + ", from " + dhcpHost
	for _, rec := range r.records {
		if rec.Kind == device.Leased && (rec.Job != resync.DHCP || !strings.HasPrefix(rec.Note, note)) {
			t.Errorf("%s: a lease by %v: %q, want one by %v that begins with %q", way, rec.Job, rec.Note, resync.DHCP, note)
		}
	}
	if r.code != 0 || r.stderr != "applied\n" {
		t.Errorf("%s: exit code %d, standard error %q, want 0 and applied", way, r.code, r.stderr)
	}
}

// testDHCPSilence checks that without a lease there is no resync, although there is a
// Profile Rule that needs none.
func testDHCPSilence(t *testing.T, command string) {
	tests := []struct {
		name   string
		extra  []string // arguments of the server
		freeze bool
		log    string // what the server logs about it
	}{
		{"the server hangs", nil, true, ""},
		{"the pool is exhausted", []string{"--dhcp-host=00:21:f2:00:00:03," + leased}, false, "no address available"},
	}
	for _, tt := range tests {
		for _, way := range dhcpWays {
			t.Run(tt.name+" "+way[0], func(t *testing.T) {
				t.Parallel()
				s := dnsmasqDHCP.start(t, dhcpHost, tt.extra...)
				if tt.freeze {
					s.Signal(t, syscall.SIGSTOP)
				}
				got := s.net.phone(t, command, slices.Concat(way, []string{"--profile-rule", "tftp://10.66.0.1/x.conf", "--for", "3s"})...)
				if diff := cmp.Diff([]string{"boot power-on"}, tell(got.records)); diff != "" {
					t.Errorf("the phone's day, want - and got +:\n%s", diff)
				}
				if got.code != 1 || !strings.Contains(got.stderr, "error: no lease") {
					t.Errorf("exit code %d, standard error %q, want 1 and that there was no lease", got.code, got.stderr)
				}
				if err := s.logged(tt.log); err != nil {
					t.Error(err)
				}
			})
		}
	}
}
