package flyingvoice

import (
	"fmt"
	"strconv"
	"strings"
	"testing"
	"time"

	"pgregory.net/rapid"

	"provsim/device"
)

// A power cut at any point, and a boot later, lead to the old stored state or
// to the new one, and in the end to the new one (FV-CFG-4, FV-BOOT-2). The
// files set two values to their version, so that a mixture would show.
func TestPowerCutAtAnyPoint(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		version := 1
		serve := func(r device.Request) device.Reply {
			if strings.HasSuffix(r.Path, ".bin") {
				return device.Reply{Body: []byte("image")}
			}
			return device.Reply{Body: fmt.Appendf(nil, "DBID_DBASE_VERSION=%d\nA=%d\nB=%d\n", version, version, version)}
		}
		p := newPhone(t, "Resync Periodic=60", "Upgrade Rule=/fw.bin")
		p.serve = serve
		p.tell(device.Input{Kind: device.PowerOn})
		cuts := rapid.IntRange(1, 5).Draw(t, "cuts")
		for range cuts {
			version += rapid.IntRange(0, 1).Draw(t, "new version")
			p = p.cutAfter(rapid.IntRange(0, 40).Draw(t, "effects"))
			p.serve = serve
			checkWhole(t, p.saved, version)
			p.tell(device.Input{Kind: device.PowerOn})
		}
		p.wait(time.Hour)
		checkWhole(t, p.saved, version)
		if p.saved.Version != strconv.Itoa(version) || p.saved.Software != "fw" {
			t.Fatalf("in the end version %q and software %q are stored, want %d and fw; events %q", p.saved.Version, p.saved.Software, version, p.log)
		}
	})
}

// cutAfter lets a number of effects happen and cuts the power in the middle of
// whatever goes on then. It returns the phone that boots later.
func (p *phone) cutAfter(effects int) *phone {
	p.left = effects
	p.wait(10 * time.Minute)
	return newPhoneOf(p.t, p.Model(), p.saved)
}

func checkWhole(t *rapid.T, s *device.Stored, newest int) {
	a, _ := s.Config.Get("A")
	b, _ := s.Config.Get("B")
	if a != b || a != s.Version {
		t.Fatalf("version %q is stored with A=%s B=%s", s.Version, a, b)
	}
	if n, err := strconv.Atoi(s.Version); s.Version != "" && (err != nil || n > newest) {
		t.Fatalf("version %q is stored, %d is the newest", s.Version, newest)
	}
}
