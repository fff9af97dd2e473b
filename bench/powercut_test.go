package bench

import (
	"encoding/json"
	"regexp"
	"strconv"
	"strings"
	"testing"
	"time"

	"provsim/device"
	"provsim/device/vendors"
	"provsim/internal/testing/peer"
	"provsim/profile"
)

// BenchmarkPowerCut switches all phones on at once, by the clock, against servers on the
// same machine and from 32 source addresses. Each phone asks once and must be accounted
// for. Where this machine is too slow or too small for that, the run must be invalid and
// say why.
func BenchmarkPowerCut(b *testing.B) {
	b.Run("phones=50000", func(b *testing.B) {
		peer.NeedRoot(b, "dnsmasq serves TFTP on port 69")
		n, host := startNginx(b), peer.Loopback()
		peer.Start(b, n.dir, peer.AnswersTFTP(host+":69"), peer.Find(b, "dnsmasq", "dnsmasq"), "-k", "-C", config(b, n.dir, "dnsmasq.conf", "@HOST@", host))
		scenario := config(b, b.TempDir(), "powercut.yaml", "@PHONES@", "50000", "@SERVER@", n.plain, "@HOST@", host)
		powerCut(b, 50_000, "--scenario", scenario)
	})
	// A boot of these phones takes more transfers than one of any other vendor.
	b.Run("phones=10000/vendor=polycom", func(b *testing.B) {
		const phones = 10_000
		n := startNginx(b)
		first := publishPolycom(b, n, phones)
		powerCut(b, phones, "--vendor", "polycom", "--mac", first.Colons(), "--devices", strconv.Itoa(phones), "--for", "90s", "--server", "http://"+n.plain+"/")
	})
}

// publishPolycom gives nginx what a good server has for phones, and returns the first
// one's address.
func publishPolycom(b *testing.B, n nginx, phones int) (first device.MAC) {
	p, err := vendors.Lookup("polycom")
	if err != nil {
		b.Fatal(err)
	}
	first = device.MAC{0x00, 0x04, 0xf2}
	id, files := p.Shipped, map[string][]byte{}
	for i := range phones {
		id.MAC = device.MAC{first[0], first[1], first[2], byte(i >> 16), byte(i >> 8), byte(i)}
		for k := range p.Tree.Files {
			f := &p.Tree.Files[k]
			if name := p.TreeName(f, id); !f.Missing && f.Class == device.ConfigClass && name != "" {
				files["www/"+name] = p.Tree.File(f, "1", profile.Config{}, nil)
			}
		}
	}
	peer.Publish(b, n.dir, files)
	return first
}

// mostLag is how late one start in a hundred may be, in seconds.
const mostLag = 0.02

// What the reasons of an invalid run say: how many transfers failed because something of
// this machine was used up, and how late the latest phone was.
var (
	lacking = regexp.MustCompile(`^(\d+) transfers failed for lack of something`)
	behind  = regexp.MustCompile(`^a device was (\S+) behind the schedule`)
)

// powerCut runs a fleet, and holds what it says of itself against what it counts.
func powerCut(b *testing.B, phones int, args ...string) {
	s, used := command(b, append([]string{"fleet", "--source-ips", "127.16.0.0/27"}, args...)...)
	var validity struct {
		Valid   bool
		Reasons []string
	}
	if err := json.Unmarshal(s.Validity, &validity); err != nil {
		b.Fatal(err)
	}
	s.accounted(b, s.Counts.Devices)
	outcomes := s.Counts.Outcomes["resync"]
	if s.Counts.Devices != phones || s.ended() != phones || len(s.Jobs) != 1 || s.Jobs[0].Started != phones {
		b.Errorf("%d phones, of whose jobs %d have ended, want %d: %+v", s.Counts.Devices, s.ended(), phones, s.Jobs)
	}
	lag := s.lag(b)
	b.Logf("outcomes %v, valid %v %q", outcomes, validity.Valid, validity.Reasons)
	lacked, latest := 0, time.Duration(0)
	for _, reason := range validity.Reasons {
		if found := lacking.FindStringSubmatch(reason); found != nil {
			lacked, _ = strconv.Atoi(found[1])
		} else if found := behind.FindStringSubmatch(reason); found != nil {
			latest, _ = time.ParseDuration(found[1])
		} else if !strings.Contains(reason, "behind the schedule") && !strings.HasPrefix(reason, "this process used") && !strings.HasPrefix(reason, "transfers that failed because") {
			b.Errorf("invalid for another reason: %s", reason)
		}
	}
	report(b, figure{lag.P99, "p99-lag-sec"}, figure{latest.Seconds(), "latest-boot-sec"}, figure{float64(lacked), "lacked"}, figure{cpu(used), "cpu-sec"})
	if lacked > outcomes["unreachable"] {
		b.Errorf("%d transfers failed for lack of something, but %d phones have not reached their server", lacked, outcomes["unreachable"])
	}
	if lag.P99 > mostLag && validity.Valid {
		b.Errorf("one start in a hundred was %.3g s late, and the run says that it is valid", lag.P99)
	}
}
