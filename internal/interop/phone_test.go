//go:build linux

package interop

import (
	"context"
	"net/netip"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"provsim/device"
	"provsim/device/vendors"
	"provsim/encrypt"
	"provsim/internal/journal"
	"provsim/internal/run"
	"provsim/internal/sched"
	"provsim/internal/testing/peer"
	"provsim/resync"
)

// A setup is what an administrator has set on a phone and on the DHCP server.
type setup struct {
	option66 string // of the lease; empty: Option 66 is off, and the rule counts
	rule     string // Profile Rule
	has      device.Certificates
	url      string // the URL that it should fetch
}

// setups prepare each kind of server with the file of version 2208: TFTP in the way
// of the provisioning guide's section 4.3, HTTPS in that of section 4.2 with the
// encryption of section 4.4.
var setups = []struct {
	name    string
	prepare func(t *testing.T) setup
}{
	{"tftpd-hpa by option 66", func(t *testing.T) setup { return byOption66(t, hpa) }},
	{"atftpd by option 66", func(t *testing.T) setup { return byOption66(t, atftpd) }},
	{"dnsmasq by option 66", func(t *testing.T) setup { return byOption66(t, dnsmasq) }},
	{"nginx by Profile Rule, HTTP", func(t *testing.T) setup {
		s := nginx.start(t)
		return setup{rule: s.url("http", "plain") + "/$PN.conf", url: s.url("http", "plain") + "/IP542N.conf"}
	}},
	{"nginx by Profile Rule, HTTPS with a client certificate", func(t *testing.T) setup {
		s := nginx.start(t)
		return setup{rule: s.url("https", "tls1.2") + "/$PN.conf", has: fine(t), url: s.url("https", "tls1.2") + "/IP542N.conf"}
	}},
	{"Apache by Profile Rule, HTTPS with a client certificate, encrypted file", func(t *testing.T) setup {
		s := apache.start(t)
		sealed := openssl(t, sample, "enc", "-aes-256-cbc", "-md", "md5", "-k", "123456") // FV-ENC-2
		peer.Publish(t, s.root(), map[string][]byte{"/fv0021f2011b19.conf": sealed})
		return setup{
			rule: `[--key "123456"] ` + s.url("https", "tls1.3") + "/fv$(MA).conf", has: fine(t),
			url: s.url("https", "tls1.3") + "/fv0021f2011b19.conf",
		}
	}},
}

// byOption66 has a phone ask for $PN.conf, the name as shipped (FV-SRC-3).
func byOption66(t *testing.T, k tftpKind) setup {
	t.Helper()
	s := k.start(t, map[string][]byte{"/IP542N.conf": sample})
	url := s.request("/IP542N.conf", plain).URL()
	return setup{option66: strings.TrimSuffix(strings.TrimPrefix(url, "tftp://"), "/IP542N.conf"), url: url}
}

// story is what a phone does from power-on to the first periodic resync: it
// applies the file, reboots (FV-CFG-6), finds nothing due at that boot
// (FV-RS-2), and later finds that nothing has changed (FV-CFG-3).
const story = `boot power-on
lease
resync.due boot
resync.start boot URL
resync.done applied 2208 URL
apply 2208
reboot config
boot config 2208
lease
resync.due periodic
resync.start periodic URL
resync.done unchanged 2208 URL`

func TestPhone(t *testing.T) {
	for _, tt := range setups {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			s := tt.prepare(t)
			phone, records := s.run(t)
			want := strings.Split(strings.ReplaceAll(story, "URL", s.url), "\n")
			if diff := cmp.Diff(want, tell(records)); diff != "" {
				t.Errorf("the phone's day, want - and got +:\n%s", diff)
			}
			if server, _ := phone.Stored().Config.Get("DBID_WEB_SIP_SERVER"); server != "192.0.2.10" {
				t.Errorf("the SIP server is %q, want that of the file", server)
			}
		})
	}
}

// tell returns what records say that is the same at each run: times and notes are
// not.
func tell(records []journal.Record) []string {
	var lines []string
	for _, r := range records {
		words := []string{r.Kind.String(), r.Cause.String(), r.Outcome.String(), r.Version, r.URL}
		lines = append(lines, strings.Join(slices.DeleteFunc(words, func(w string) bool { return w == "" }), " "))
	}
	return lines
}

// The times that a phone would spend waiting are cut short, all else is as
// shipped.
const settings = `DBID_RESYNC_RANDOM_DELAY=0
DBID_RESYNC_PERIODIC=1
`

// phone returns the phone, without power. Option 66 is on as shipped (FV-SET-1).
func (s setup) phone(t *testing.T) *device.Device {
	t.Helper()
	cipher, err := encrypt.Lookup("openssl-md5")
	if err != nil {
		t.Fatal(err)
	}
	model := device.NewModel(vendors.Default(), cipher)
	model.Epoch, model.BootTime, model.Timeout = time.Now(), 5*time.Millisecond, peer.Patience
	text := settings
	if s.option66 == "" {
		text += "DBID_PRV_OPTION66_ENABLED=0\nDBID_PROFILE_RULE=" + s.rule + "\n"
	}
	config, err := vendors.Default().Parse([]byte(text))
	if err != nil {
		t.Fatal(err)
	}
	return device.New(model, ours, &device.Stored{Config: config, Certificates: &s.has})
}

// run switches a phone on and returns what it does, until a resync ends with
// something else than a new configuration.
func (s setup) run(t *testing.T) (*device.Device, []journal.Record) {
	t.Helper()
	phone := s.phone(t)
	devices := []device.Device{*phone}
	lease := device.Lease{Addr: netip.MustParseAddr("192.0.2.20"), Offer: device.TextOffer(66, s.option66)}
	var records journal.Memory
	driver := run.New(run.Config{
		Clock: sched.NewReal(phone.Model().Epoch), Network: wire(), Journal: &records, Epoch: phone.Model().Epoch,
		Lease: func(int, *device.Device) device.Lease { return lease },
		Stop: func(*device.Device) bool {
			last := records.Records[len(records.Records)-1]
			return last.Kind == device.ResyncDone && last.Outcome != resync.Applied
		},
	}, devices)
	driver.Tell(0, device.Input{Kind: device.PowerOn})
	ctx, cancel := context.WithTimeout(t.Context(), peer.Patience)
	defer cancel()
	if err := driver.Run(ctx, sched.Never); err != nil {
		t.Errorf("the run ends with %v", err)
	}
	return &devices[0], records.Records
}
