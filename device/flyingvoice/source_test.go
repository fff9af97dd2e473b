package flyingvoice

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"provsim/device"
	"provsim/profile"
	"provsim/resync"
)

// A prepared request and the rule expanded as a whole ask for the same.
func TestPreparedRequestIsThatOfTheRule(t *testing.T) {
	parts := rapid.SampledFrom([]string{
		"/", "$MA", "$(MAU:6)", "$PN", "$SN", "$IP", "$STRANGE", "$$", "x", ".conf", "?v=$SWVER", "$(MA:12)", " ",
	})
	taken := 0
	rapid.Check(t, func(t *rapid.T) {
		begin := rapid.SampledFrom([]string{
			"", "http://h.example.com", "https://a%20b:c@h:8443", "http://$PN:$MA@h", "tftp://[2001:db8::1]", "http://$PN.example.com", "h:$(MA:0:2)",
		}).Draw(t, "begin")
		rule := begin + "/" + strings.Join(rapid.SliceOfN(parts, 0, 5).Draw(t, "parts"), "")
		p := newPhone(t, "Option 66=0")
		p.lease.Offer = device.TextOffer(66, rapid.SampledFrom([]string{"", "192.0.2.1", "h:6969", "http://h/x/", "a b"}).Draw(t, "option 66"))
		p.tell(device.Input{Kind: device.PowerOn})
		config, err := profile.Config{}.With("DBID_PRV_OPTION66_ENABLED", rapid.SampledFrom([]string{"0", "1"}).Draw(t, "on"))
		if err == nil {
			config, err = config.With("DBID_PROFILE_RULE", rule)
		}
		if err != nil {
			t.Fatal(err)
		}
		f := boot(p.Model(), config).(*firmware)
		move := f.Next(p.Device, resync.Resync, nil)
		prepared, url, verdict := move.Request, move.URL, move.Ending
		if f.source(p.Device).route != nil {
			taken++
		}
		target, want := f.profileTarget(f.source(p.Device), p.Device)
		expanded := f.requestFor(p.Device, resync.Resync, target)
		if diff := cmp.Diff(expanded, prepared, cmp.FilterPath(func(p cmp.Path) bool { last := p.Last().String(); return last == ".By" || last == ".Of" }, cmp.Ignore())); diff != "" {
			t.Fatalf("rule %q, expanded (-) and prepared (+):\n%s", rule, diff)
		}
		if expanded != nil && expanded.URL() != url || want.Outcome != verdict.Outcome || want.Note != verdict.Note {
			t.Fatalf("rule %q: URL %q and %v %q, want %q", rule, url, verdict.Outcome, verdict.Note, want.Note)
		}
	})
	if taken == 0 {
		t.Error("no request was prepared")
	}
}

// A new lease changes the next request, although the settings are the same.
func TestNewLeaseNewRequest(t *testing.T) {
	p := newPhone(t, "Resync Periodic=60", "Config File Name=$IP.conf").file("DBID_DBASE_VERSION=1\n")
	p.saved.Version = "1"
	p.boot()
	p.wait(p.Deadline() - p.now)
	lease := p.lease
	lease.Addr = lease.Addr.Next()
	p.tell(device.Input{Kind: device.GotLease, Lease: lease})
	p.wait(p.Deadline() - p.now)
	var paths []string
	for _, r := range p.asked {
		paths = append(paths, r.Path)
	}
	if diff := cmp.Diff([]string{"/192.0.2.10.conf", "/192.0.2.10.conf", "/192.0.2.11.conf"}, paths); diff != "" {
		t.Errorf("what it asks for (-want +got):\n%s", diff)
	}
}
