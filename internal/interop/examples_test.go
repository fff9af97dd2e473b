//go:build linux

package interop

import (
	"maps"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"provsim/device"
	"provsim/device/vendors"
	"provsim/internal/testing/peer"
	"provsim/resync"
)

// leads are what the examples put into the lease of each vendor's phones: below the
// server's URL.
var leads = map[string]string{
	"flyingvoice": "flyingvoice/$MA.conf", "cisco-spa": "cisco-spa/", "polycom": "polycom/", "audiocodes": "audiocodes/", "yealink": "yealink/",
	"grandstream": "grandstream", "snom": "snom/", "fanvil": "fanvil/$mac.cfg", "flyingvoice-fip": "flyingvoice-fip/",
}

// The examples for DHCP servers give each vendor's phones, by their class or their address,
// what leads them to their files: each phone gets its lease and applies its configuration.
func TestExamplesLeadPhonesOfAllVendors(t *testing.T) {
	peer.NeedRoot(t, "it makes network namespaces, and raw sockets in them")
	command := buildCommand(t)
	files := map[string][]byte{"/flyingvoice/0021f2abcdef.conf": sample}
	for vendor := range leads {
		p, err := vendors.Lookup(vendor)
		if err != nil {
			t.Fatal(err)
		}
		own, _ := goodFiles(t, p, "/"+vendor+"/")
		maps.Copy(files, own)
	}
	files["/polycom/sip.ld"], files["/cisco-spa/spa504G.cfg"] = []byte("firmware"), []byte(spaProfile)
	dnsmasqByTags := dnsmasqDHCP
	dnsmasqByTags.args = func(dir string) (args []string) {
		for _, arg := range dnsmasqDHCP.args(dir) {
			if !strings.HasPrefix(arg, "--dhcp-range=") { // the example has one
				args = append(args, arg)
			}
		}
		return args
	}
	for _, k := range []struct {
		dhcpKind
		example, test string // the flag that reads the example and ends
	}{{dnsmasqByTags, "dnsmasq.conf", "--test --conf-file="}, {kea, "kea-dhcp4.json", "-t "}, {iscDHCP, "dhcpd.conf", "-t -cf "}} {
		t.Run(k.example, func(t *testing.T) {
			t.Parallel()
			file := filepath.Join("..", "..", "examples", "dhcp", k.example)
			text, err := os.ReadFile(file)
			if err != nil {
				t.Fatal(err)
			}
			if output, err := exec.CommandContext(t.Context(), peer.Find(t, k.program, k.pkg), strings.Fields(k.test+file)...).CombinedOutput(); err != nil {
				t.Errorf("as it stands: %v\n%s", err, output)
			}
			// The network and the server of the test.
			config := strings.NewReplacer("http://192.0.2.1", "tftp://"+dhcpHost, "192.0.2.0/24", "10.66.0.0/16",
				"192.0.2.0 netmask 255.255.255.0 {", "10.66.0.0 netmask 255.255.0.0 { ping-check false;", "192.0.2.", "10.66.2.", `"eth0"`, `"vsrv"`, `"persist": true`, `"persist": false`).Replace(string(text))
			s := k.startWith(t, config, files)
			for vendor, path := range leads {
				p, err := vendors.Lookup(vendor)
				if err != nil {
					t.Fatal(err)
				}
				mac := device.MAC{0, 0, 0, 0xab, 0xcd, 0xef}
				copy(mac[:], p.OUIs[0][:])
				flags := []string{"--dhcp", "vcli", "--vendor", vendor, "--mac", mac.String()}
				switch {
				case p.RandomDelay != "":
					flags = append(flags, "--set", p.RandomDelay+"=0")
				case vendor == "cisco-spa":
					flags = append(flags, "--set", "Resync_Random_Delay=0")
				case vendor == "polycom":
					flags = append(flags, "--product", "VVX_500", "--set", "emulator.start.delay=0", "--set", "emulator.application.delay=0")
				}
				got := s.net.vendorPhone(t, command, flags...)
				var lease string
				for _, r := range got.records {
					if r.Kind == device.Leased {
						lease = r.Note
					}
				}
				_, outcome := urlsOf(got.records)
				if want := `"tftp://` + dhcpHost + "/" + path + `"`; !strings.Contains(lease, want) || outcome != resync.Applied {
					t.Errorf("%s: the lease is %s, want %s in it; the resync ends as %v: %s", vendor, lease, want, outcome, got.stderr)
				}
			}
		})
	}
}
