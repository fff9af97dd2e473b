//go:build linux

package interop

import (
	"encoding/hex"
	"strings"
	"testing"

	"provsim/device"
	"provsim/internal/testing/peer"
	"provsim/resync"
)

var gxp2170 = device.Identity{MAC: device.MAC{0xc0, 0x74, 0xad, 0x0a, 0x0b, 0x0c}}

// The binary file sets the password of the XML file, which openssl has encrypted
// (GS-PLAN-1, GS-ENC-1). It is P1359=k3y for c074ad0a0b0c, 36 bytes.
const gsBinary = "0000001217b0c074ad0a0b0c0d0a0d0a50313335393d6b337926676e6b65793d30623832"

// A phone boots over each web server, and the server's log has the plan in order
// (GS-PLAN-2, GS-ID-2).
func TestGrandstreamOverHTTP(t *testing.T) {
	for _, kind := range []webKind{nginx, apache} {
		t.Run(kind.program, func(t *testing.T) {
			t.Parallel()
			s := kind.start(t)
			binary, err := hex.DecodeString(gsBinary)
			if err != nil {
				t.Fatal(err)
			}
			account := []byte(`<gs_provision version="1"><config version="2"><item name="account.1.sip.userid">201</item></config></gs_provision>`)
			peer.Publish(t, s.root(), map[string][]byte{
				"/cfgc074ad0a0b0c": binary,
				"/cfggxp2170.xml":  openssl(t, account, "enc", "-e", "-aes-256-cbc", "-md", "md5", "-k", "k3y"),
			})
			stored, records := vendorPhone(t, "grandstream", gxp2170, nil, device.Certificates{}, map[string]string{
				"P212": "1", "P237": strings.TrimPrefix(s.url("http", "plain"), "http://"),
				"P6767": "1", "P192": strings.TrimPrefix(s.url("http", "plain"), "http://"),
			})
			if _, outcome := urlsOf(records); outcome != resync.Applied {
				t.Errorf("the run ends as %v", outcome)
			}
			if userid, _ := stored.Config.Get("account.1.sip.userid"); userid != "201" {
				t.Errorf("the account is %q", userid)
			}
			const agent = " Grandstream Model HW GXP2170 SW 1.0.11.85 DevId c074ad0a0b0c"
			s.saw(t, kind, "200 GET /cfgc074ad0a0b0c"+agent, "404 GET /cfgc074ad0a0b0c.xml"+agent, "200 GET /cfggxp2170.xml"+agent, "404 GET /gxp2170fw.bin"+agent)
		})
	}
}

// A phone boots over each TFTP server with its options (GS-PLAN-6), by option 66 with a
// URL (GS-SRC-3).
func TestGrandstreamOverTFTP(t *testing.T) {
	for name, kind := range map[string]tftpKind{"tftpd-hpa": hpa, "atftpd": atftpd, "dnsmasq": dnsmasq} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := kind.start(t, map[string][]byte{"/cfg.xml": []byte("<gs_provision version=\"1\"><config version=\"1\"><P270>office</P270></config></gs_provision>")})
			whole := s.request("/cfg.xml", plain).URL()
			server := strings.TrimSuffix(whole, "cfg.xml")
			stored, records := vendorPhone(t, "grandstream", gxp2170, device.TextOffer(66, server), device.Certificates{}, nil)
			urls, outcome := urlsOf(records)
			want := server + "cfgc074ad0a0b0c " + server + "cfgc074ad0a0b0c.xml " + server + "cfggxp2170.xml " + whole
			if value, _ := stored.Config.Get("P270"); value != "office" || outcome != resync.Applied || strings.Join(urls, " ") != want {
				t.Errorf("asked %v, %v, P270 is %q", urls, outcome, value)
			}
		})
	}
}
