//go:build linux

package interop

import (
	"context"
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"provsim/device"
	"provsim/device/vendors"
	"provsim/internal/testing/peer"
	"provsim/profile"
	"provsim/resync"
)

// A family is the phones of a vendor, and what one of them asks a good server for: its
// files in order, '+' those that the server has and '-' those that it rightly lacks.
type family struct {
	vendor, agent, plan string
}

var families = []family{
	{"yealink", "Yealink SIP-T46S 66.86.0.15 00:15:65:ab:cd:ef", "-001565abcdef.boot -y000000000000.boot +y000000000066.cfg +001565abcdef.cfg"},
	{"flyingvoice-fip", "Flyingvoice FIP13G V0.6.24 78:99:12:AB:CD:EF", "-789912abcdef.boot -y000000000000.boot +y000000000000.cfg +789912abcdef.cfg"},
	{"snom", "Mozilla/4.0 (compatible; snomD785-SIP 10.1.169.16 2010.12-00001-gd311851f1 (Feb 25 2019 - 14:19:43) 000413ABCDEF SXM:0 UXM:0 UXMC:0)", "+snomD785.htm +snomD785-000413ABCDEF.htm"},
	{"fanvil", "Fanvil X4 2.10.2.6887 00a859abcdef", "+f0X4hw1.100.cfg +00a859abcdef.cfg"},
	{"grandstream", "Grandstream Model HW GXP2170 SW 1.0.11.85 DevId 000b82abcdef", "-cfg000b82abcdef +cfg000b82abcdef.xml"},
}

// goodFiles are what a good server has for a phone of a vendor, below a folder, and who
// the phone is. The phone's own settings are in it.
func goodFiles(t *testing.T, p *device.Personality, folder string) (map[string][]byte, device.Identity) {
	t.Helper()
	id := p.Shipped
	copy(id.MAC[:], append(p.OUIs[0][:], 0xab, 0xcd, 0xef))
	files := map[string][]byte{}
	for i := range p.Tree.Files {
		f := &p.Tree.Files[i]
		if f.Missing || f.Class == device.ImageClass || f.Name == "" {
			continue
		}
		var own []device.Setting
		if f.Own || !slices.ContainsFunc(p.Tree.Files, func(f device.TreeFile) bool { return f.Own }) {
			own = p.Own(p.Tree.Sample, p.Vars(id, device.Lease{}))
		}
		files[folder+p.TreeName(f, id)] = p.Tree.Write("7", profile.Config{}, own)
	}
	return files, id
}

// boots boots a phone that its vendor's way leads to a server, and expects that it
// applies its own settings.
func (f *family) boots(t *testing.T, p *device.Personality, server string) (urls []string) {
	t.Helper()
	_, id := goodFiles(t, p, "")
	implied, option, ok := p.Expand("server", server)
	if !ok {
		t.Fatalf("phones of %s are led to no server", f.vendor)
	}
	settings := map[string]string{}
	for _, s := range implied {
		settings[s.Name] = s.Value
	}
	if p.RandomDelay != "" {
		settings[p.RandomDelay] = "0"
	}
	var offer *device.Offer
	if option != 0 {
		offer = device.TextOffer(option, server)
	}
	stored, records := vendorPhone(t, f.vendor, id, offer, device.Certificates{}, settings)
	urls, outcome := urlsOf(records)
	own := p.Own(p.Tree.Sample, p.Vars(id, device.Lease{}))[0]
	if value, _ := stored.Config.Get(own.Name); outcome != resync.Applied || value != own.Value {
		t.Errorf("the resync ends as %v, %s is %q, want %q", outcome, own.Name, value, own.Value)
	}
	return urls
}

// of returns the vendor's firmware.
func (f *family) of(t *testing.T) *device.Personality {
	t.Helper()
	p, err := vendors.Lookup(f.vendor)
	if err != nil {
		t.Fatal(err)
	}
	return p
}

// familyFiles are the files of all families, each below a folder with the vendor's name.
func familyFiles(t *testing.T) map[string][]byte {
	t.Helper()
	all := map[string][]byte{}
	for i := range families {
		files, _ := goodFiles(t, families[i].of(t), "/"+families[i].vendor+"/")
		maps.Copy(all, files)
	}
	return all
}

// A phone of each family boots over each web server, and the server's log has the plan in
// order, with the firmware's User-Agent.
func TestFamiliesOverHTTP(t *testing.T) {
	for _, kind := range []webKind{nginx, apache} {
		t.Run(kind.program, func(t *testing.T) {
			t.Parallel()
			s := kind.start(t)
			peer.Publish(t, s.root(), familyFiles(t))
			var want []string
			for i := range families {
				f := &families[i]
				p := f.of(t)
				f.boots(t, p, s.url("http", "plain")+"/"+f.vendor+"/")
				for name := range strings.FieldsSeq(f.plan) {
					status := map[byte]string{'+': "200", '-': "404"}[name[0]]
					want = append(want, fmt.Sprintf("%s GET /%s/%s %s", status, f.vendor, name[1:], f.agent))
				}
			}
			s.saw(t, kind, want...)
		})
	}
}

// A phone of each family boots over each TFTP server in the order of its plan, and the log of
// dnsmasq has all of it; the others write theirs elsewhere.
func TestFamiliesOverTFTP(t *testing.T) {
	for name, kind := range map[string]tftpKind{"tftpd-hpa": hpa, "atftpd": atftpd, "dnsmasq": dnsmasq} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := kind.start(t, familyFiles(t))
			var plans []string
			for i := range families {
				f := &families[i]
				server := strings.TrimSuffix(s.request("/"+f.vendor+"/x", plain).URL(), "x")
				urls := f.boots(t, f.of(t), server)
				var want []string
				for name := range strings.FieldsSeq(f.plan) {
					want = append(want, server+name[1:])
				}
				if !slices.Equal(urls, want) {
					t.Errorf("asked %v, want %v", urls, want)
				}
				plans = append(plans, f.plan)
			}
			if name == "dnsmasq" {
				inDnsmasqLog(t, filepath.Join(filepath.Dir(s.root), "output.log"), strings.Join(plans, " "))
			}
		})
	}
}

// dnsmasqLine is what dnsmasq writes of a TFTP request.
var dnsmasqLine = regexp.MustCompile(`(sent|file) \S*/[a-z-]+/(\S+) (to|not found)`)

// inDnsmasqLog waits until the log of dnsmasq has a plan, in any order: it writes of a file
// when it sees the last acknowledgement, which may be after the next request.
func inDnsmasqLog(t *testing.T, file, plan string) {
	t.Helper()
	peer.Await(t, "the requests in the log of dnsmasq", func(context.Context) error {
		text, err := os.ReadFile(file)
		if err != nil {
			return err
		}
		var got []string
		for _, m := range dnsmasqLine.FindAllStringSubmatch(string(text), -1) {
			if m[2] == "is-anybody-there" { // the test, before the phones
				continue
			}
			got = append(got, map[string]string{"sent": "+", "file": "-"}[m[1]]+m[2])
		}
		want := strings.Fields(plan)
		slices.Sort(got)
		slices.Sort(want)
		if !slices.Equal(got, want) {
			return fmt.Errorf("the log has %v, want %v", got, want)
		}
		return nil
	})
}
