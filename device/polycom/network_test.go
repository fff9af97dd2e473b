package polycom

import (
	"strings"
	"testing"
	"time"

	"provsim/device"
	"provsim/resync"
)

const (
	number1 = "http://193.164.253.250/phoneprovisioning/020319816065"
	number2 = "http://193.164.253.250/phoneprovisioning/777"
)

// With quirk app-dhcp the application takes a lease of its own, whose server counts from
// then on; what the bootROM has done stays done (PC-SRC-7; SMG §9, two leases in a boot).
func TestApplicationLease(t *testing.T) {
	for product, loader := range map[string]int{"SPIP_450": 6, "VVX_500": 1} {
		b := newBench(t, product, []string{"app-dhcp"}).offer("66=" + number1)
		b.told = []string{"66=" + number2}
		for name, body := range published {
			b.files["/phoneprovisioning/777/"+name] = body
		}
		if got := b.boot(); got != "applied" {
			t.Fatalf("%s: the boot ends as %s: %v", product, got, b.log)
		}
		for i, r := range b.asked {
			want := number1
			if i >= loader {
				want = number2
			}
			if !strings.HasPrefix(r.URL(), want+"/") {
				t.Errorf("%s: request %d goes to %s, want %s", product, i+1, r.URL(), want)
			}
		}
		first, second := strings.Index(strings.Join(b.log, "\n"), number1), strings.Index(strings.Join(b.log, "\n"), number2)
		if first < 0 || second < first || strings.Count(strings.Join(b.log, "\n"), "\nlease ") != 2 {
			t.Errorf("%s: the journal has not both leases: %q", product, b.log)
		}
		b.asked = nil
		if b.tell(device.Input{Kind: device.AskResync, Cause: resync.Notify}); len(b.asked) == 0 || !strings.HasPrefix(b.asked[0].URL(), number2) {
			t.Errorf("%s: a poll asks %v, want the application's server", product, b.asked)
		}
	}
	b := newBench(t, "SPIP_450", []string{"app-dhcp"}).offer("66=http://193.164.253.250/nothing")
	b.told = []string{"66=" + number1 + "/" + mac + ".cfg"} // names a master, unlike the first lease
	b.tell(device.Input{Kind: device.PowerOn})
	if b.wait(24 * time.Second); len(b.asked) != 5 {
		t.Errorf("1 s after the application's lease there are %d requests, want the bootROM's 5 (PC-FILE-10)", len(b.asked))
	}
	b.wait(time.Minute)
	if got := b.outcome(); got != "applied" || len(b.asked) != 18 || b.leases != 2 {
		t.Errorf("after a bootROM without files: %s, %d requests\n%s", got, len(b.asked), b.paths())
	}
	b = newBench(t, "SPIP_450", []string{"app-dhcp"}).offer("66=" + number1)
	b.told = []string{"66=http://a b"} // the second lease is of no use
	if got := b.boot(); got != "bad-rule" || len(b.asked) != 6 {
		t.Errorf("a second lease with a bad address: %s after %d requests", got, len(b.asked))
	}
	if b = newBench(t, "SPIP_450", nil); b.boot() != "applied" || strings.Count(strings.Join(b.log, "\n"), "\nlease ") != 1 {
		t.Errorf("without the quirk: %q", b.log)
	}
}

// Where neither the lease nor the flash names a server the phone sends DHCPINFORM, for up
// to 12 s; quirk inform=first asks before it looks in flash (PC-SRC-2).
func TestInform(t *testing.T) {
	for _, c := range []struct {
		what, quirk string
		stored      []string
		told        []string
		informs     int
		want        string // the first request, or the outcome
	}{
		{"an answer", "inform=last", nil, []string{"66=http://told"}, 1, "http://told/2345-12450-001.bootrom.ld"},
		{"no answer", "inform=last", nil, nil, 1, "no-server"},
		{"an answer of no use", "inform=last", nil, []string{"3=0x0a000001"}, 1, "no-server"},
		{"a stored address", "inform=last", []string{"device.prov.serverName=http://s"}, []string{"66=http://told"}, 0, "http://s/2345-12450-001.bootrom.ld"},
		{"a stored address, SIP 2.2", "inform=first", []string{"device.prov.serverName=http://s"}, []string{"66=http://told"}, 1, "http://told/2345-12450-001.bootrom.ld"},
		{"a stored address, no answer", "inform=first", []string{"device.prov.serverName=http://s"}, nil, 1, "http://s/2345-12450-001.bootrom.ld"},
		{"a static server, PC-SRC-1", "inform=first", []string{"device.dhcp.bootSrvUseOpt=2"}, []string{"66=http://told"}, 0, "no-server"},
		{"DHCP off, PC-SRC-8", "inform=last", []string{"device.dhcp.enabled=0"}, []string{"66=http://told"}, 0, "no-server"},
	} {
		b := newBench(t, "SPIP_450", []string{c.quirk}, c.stored...).offer("3=0x0a000001")
		b.told = c.told
		b.tell(device.Input{Kind: device.PowerOn})
		if c.informs > 0 && c.told == nil {
			b.wait(11 * time.Second)
			if b.outcome() != "none" || len(b.asked) > 0 {
				t.Errorf("%s: after 11 s %s, %d requests; want it to wait", c.what, b.outcome(), len(b.asked))
			}
		}
		b.wait(time.Minute)
		got := b.outcome()
		if len(b.asked) > 0 {
			got = b.asked[0].URL()
		}
		if got != c.want || b.informs != c.informs {
			t.Errorf("%s: %s after %d DHCPINFORMs, want %s after %d", c.what, got, b.informs, c.want, c.informs)
		}
	}
	b := newBench(t, "SPIP_450", nil).offer("3=0x0a000001")
	b.told = []string{"66=http://told"}
	b.tell(device.Input{Kind: device.PowerOn})
	if b.wait(2999 * time.Millisecond); len(b.asked) != 0 {
		t.Error("after the answer the phone does not wait 3 s (PC-FILE-10)")
	}
	b.asked = nil
	if b.again(); b.informs != 1 {
		t.Errorf("a poll or a lease that has a server: %d DHCPINFORMs, want 1", b.informs)
	}
}
