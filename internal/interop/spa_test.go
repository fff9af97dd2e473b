//go:build linux

package interop

import (
	"bytes"
	"context"
	"fmt"
	"maps"
	"net/netip"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"provsim/device"
	"provsim/device/vendors"
	"provsim/internal/clientcert"
	"provsim/internal/journal"
	"provsim/internal/testing/peer"
	"provsim/macro"
	"provsim/resync"
)

// spaProfile is a profile for Cisco SPA phones that names a file of the phone's own.
const spaProfile = "<flat-profile>\n<Text_Logo ua=\"na\">hello</Text_Logo>\n</flat-profile>\n"

// spaPhone runs an SPA504G with settings, see vendorPhone.
func spaPhone(t *testing.T, offer *device.Offer, has device.Certificates, settings map[string]string, then ...device.Input) (*device.Stored, []journal.Record) {
	t.Helper()
	settings = maps.Clone(settings)
	if settings == nil {
		settings = map[string]string{}
	}
	settings["Resync_Random_Delay"] = "0"
	id := device.Identity{MAC: device.MAC{0x00, 0x0e, 0x08, 0xaa, 0xbb, 0xcc}}
	return vendorPhone(t, "cisco-spa", id, offer, has, settings, then...)
}

// urlsOf returns the URLs of a journal's transfers and of what ended a job, in order.
func urlsOf(records []journal.Record) (urls []string, outcome resync.Outcome) {
	for _, r := range records {
		switch r.Kind {
		case device.Transferred:
			urls = append(urls, r.URL)
		case device.ResyncDone:
			urls, outcome = append(urls, r.URL), r.Outcome
		}
	}
	return urls, outcome
}

// A phone from the box boots over each TFTP server: by option 66 as an address, as a
// URL, and by option 150, which has no port (SPA-SRC-4). Its names begin with a slash
// (SPA-SRC-2).
func TestSPAOverTFTP(t *testing.T) {
	for name, kind := range map[string]tftpKind{"tftpd-hpa": hpa, "atftpd": atftpd, "dnsmasq": dnsmasq} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			kind.port = 69
			s := kind.start(t, map[string][]byte{"/spa504G.cfg": []byte(spaProfile)})
			whole := s.request("/spa504G.cfg", plain).URL()
			for _, option := range []string{"66=" + s.host, "66=tftp://" + s.host + "/spa$PSN.cfg", "66=tftp://" + s.host + "/", fmt.Sprintf("150=0x%x", netip.MustParseAddr(s.host).AsSlice())} {
				options, err := device.ParseOptions([]string{option})
				if err != nil {
					t.Fatal(err)
				}
				stored, records := spaPhone(t, options.Offer(""), device.Certificates{}, nil)
				urls, outcome := urlsOf(records)
				if logo, _ := stored.Config.Get("Text_Logo"); logo != "hello" || outcome != resync.Applied || urls[0] != whole {
					t.Errorf("option %s: %v %v, Text_Logo %q", option, urls, outcome, logo)
				}
			}
		})
	}
}

// The file of Profile_Rule names only B and C, which a web server has: one
// behind a password, compressed by gzip, the other encrypted by openssl and behind a
// client certificate. The server's log has the requests in their order (SPA-PLAN-3).
func TestSPAOverHTTP(t *testing.T) {
	for _, kind := range []webKind{nginx, apache} {
		t.Run(kind.program, func(t *testing.T) {
			t.Parallel()
			s := kind.start(t)
			plainURL, secureURL := s.url("http", "plain"), s.url("https", "tls1.2")
			gzip := exec.CommandContext(t.Context(), peer.Find(t, "gzip", "gzip"), "-c")
			gzip.Stdin = strings.NewReader("<flat-profile><GPP_A>common</GPP_A></flat-profile>")
			packed, err := gzip.Output()
			if err != nil {
				t.Fatal(err)
			}
			own := []byte("<flat-profile><Short_Name_1_>own</Short_Name_1_></flat-profile>")
			peer.Publish(t, s.root(), map[string][]byte{
				"/spa504G.cfg":   []byte("<flat-profile><Profile_Rule_B>" + plainURL + "/spa-phone.xml</Profile_Rule_B><Profile_Rule_C>[--key k3y]" + secureURL + "/$MA.xml</Profile_Rule_C></flat-profile>"),
				"/spa-phone.xml": packed, "/000e08aabbcc.xml": openssl(t, own, "enc", "-aes-256-cbc", "-md", "md5", "-k", "k3y"),
				"/sha.xml": openssl(t, own, "enc", "-aes-256-cbc", "-md", "sha256", "-k", "k3y"),
			})
			rule := map[string]string{"Profile_Rule": "(! 7.4.8)? " + plainURL + "/spa504G.cfg | " + plainURL + "/never.cfg"}
			stored, records := spaPhone(t, nil, fine(t), rule)
			urls, outcome := urlsOf(records)
			want := plainURL + "/spa504G.cfg " + plainURL + "/spa-phone.xml " + secureURL + "/000e08aabbcc.xml"
			if strings.Join(urls, " ") != want || outcome != resync.Applied {
				t.Errorf("asked %v, %v, want %s", urls, outcome, want)
			}
			a, _ := stored.Config.Get("GPP_A")
			if name, _ := stored.Config.Get("Short_Name_1_"); name != "own" || a != "common" {
				t.Errorf("GPP_A is %q, Short_Name_1_ %q", a, name)
			}
			for rule, want := range map[string]resync.Outcome{
				"[--key wrong]" + plainURL + "/000e08aabbcc.xml":                               resync.BadKey,
				"[--key k3y]" + plainURL + "/sha.xml":                                          resync.BadKey,
				plainURL + "/missing.xml":                                                      resync.NotFound,
				"[--uid phone --pwd secret]" + plainURL + "/basic/missing.xml":                 resync.NotFound,
				"(7.5.5 lt 7.4.8)? " + plainURL + "/never.cfg":                                 resync.Unchanged,
				"[--key k3y]" + secureURL + "/000e08aabbcc.xml | " + plainURL + "/missing.xml": resync.Applied,
			} {
				_, records := spaPhone(t, nil, fine(t), map[string]string{"Profile_Rule": rule})
				if urls, outcome := urlsOf(records); outcome != want {
					t.Errorf("%s: %v %v, want %v", rule, urls, outcome, want)
				}
			}
		})
	}
}

// The server's own log has what a phone asks, in order: the files that only A's file
// names, up to the one that is missing (SPA-PLAN-2); nothing where no condition holds;
// the challenge before the file that a password opens (SPA-RULE-6); one request with a
// wrong key; and the retries of a list, from A on.
func TestSPARequests(t *testing.T) {
	const agent = "Cisco/SPA504G-7.5.5 (000E08AABBCC)(CCQ08AABBCC)"
	for _, kind := range []webKind{nginx, apache} {
		t.Run(kind.program, func(t *testing.T) {
			t.Parallel()
			s := kind.start(t)
			at := s.url("http", "plain")
			own := []byte("<flat-profile><Short_Name_1_>own</Short_Name_1_></flat-profile>")
			names := func(b string) []byte {
				return []byte("<flat-profile><Profile_Rule_B>" + at + b + "</Profile_Rule_B><Profile_Rule_C>" + at + "/c.xml</Profile_Rule_C><Profile_Rule_D>(7.5.5 lt 7.4.8)? /never | " + at + "/$MA.xml</Profile_Rule_D></flat-profile>")
			}
			peer.Publish(t, s.root(), map[string][]byte{
				"/all.cfg": names("/b.xml"), "/gap.cfg": names("/missing.xml"), "/b.xml": own, "/c.xml": own, "/000e08aabbcc.xml": own,
				"/basic/b.xml": own, "/digest/b.xml": own, "/sealed.xml": openssl(t, own, "enc", "-aes-256-cbc", "-md", "md5", "-k", "k3y"),
			})
			cases := []struct {
				rule string
				want resync.Outcome
				asks string
			}{
				{at + "/all.cfg", resync.Applied, "200 /all.cfg 200 /b.xml 200 /c.xml 200 /000e08aabbcc.xml"},
				{at + "/gap.cfg", resync.NotFound, "200 /gap.cfg 404 /missing.xml"},
				{"(7.5.5 lt 7.4.8)? " + at + "/never.cfg", resync.Unchanged, ""},
				{"[--uid phone --pwd secret]" + at + "/basic/b.xml", resync.Applied, "401 /basic/b.xml 200 /basic/b.xml"},
				{"[--uid phone --pwd guess]" + at + "/basic/b.xml", resync.Unauthorized, "401 /basic/b.xml 401 /basic/b.xml 401 /basic/b.xml"},
				{"[--key wrong]" + at + "/sealed.xml", resync.BadKey, "200 /sealed.xml"},
			}
			if kind.program == apache.program {
				cases = append(cases, cases[3], cases[4])
				for i := range cases[len(cases)-2:] {
					c := &cases[len(cases)-2+i]
					c.rule, c.asks = strings.ReplaceAll(c.rule, "/basic/", "/digest/"), strings.ReplaceAll(c.asks, "/basic/", "/digest/")
				}
			}
			var want []string
			for _, c := range cases {
				_, records := spaPhone(t, nil, device.Certificates{}, map[string]string{"Profile_Rule": c.rule})
				if urls, outcome := urlsOf(records); outcome != c.want {
					t.Errorf("%s: %v %v, want %v", c.rule, urls, outcome, c.want)
				}
				for words := strings.Fields(c.asks); len(words) > 0; words = words[2:] {
					want = append(want, words[0]+" GET "+words[1]+" "+agent)
				}
			}
			again := device.Input{Kind: device.Tick} // the run goes on to the next end of a resync
			_, records := spaPhone(t, nil, device.Certificates{}, map[string]string{
				"Profile_Rule": at + "/gap.cfg", "Resync_Error_Retry_Delay": "1,2",
			}, again, again)
			var due []time.Duration
			for _, r := range records {
				if r.Kind == device.ResyncStart {
					due = append(due, r.Due)
					want = append(want, "200 GET /gap.cfg "+agent, "404 GET /missing.xml "+agent)
				}
			}
			if len(due) != 3 || due[1] < time.Second || due[2]-due[1] < 2*time.Second {
				t.Errorf("due at %v, want 1 s and 2 s apart", due)
			}
			s.saw(t, kind, want...)
		})
	}
}

// The certificate that a fleet's authority issues has the subject of the vendor's
// phones (SPA-ID-4).
func TestSPACertificate(t *testing.T) {
	id := device.Identity{MAC: device.MAC{0x00, 0x0e, 0x08, 0xaa, 0xbb, 0xcc}, Product: "SPA504G", Serial: "CCQ162306EA"}
	got := string(openssl(t, factoryCert(t, "cisco-spa", "/CN=phones", id), "x509", "-noout", "-subject", "-nameopt", "RFC2253,sname"))
	if want := "subject=SN=000e08aabbcc,L=CCQ162306EA,OU=SPA504G"; !sameParts(got, want) {
		t.Errorf("openssl reads %s, want %s in any order", got, want)
	}
}

// factoryCert returns the certificate that a phone of a vendor gets from an authority of 30
// years, whose name has the form of openssl.
func factoryCert(t *testing.T, vendor, authorityName string, id device.Identity) []byte {
	t.Helper()
	p, err := vendors.Lookup(vendor)
	if err != nil {
		t.Fatal(err)
	}
	dir := t.TempDir()
	key, cert := filepath.Join(dir, "key.pem"), filepath.Join(dir, "cert.pem")
	openssl(t, nil, "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-subj", authorityName, "-days", "10950",
		"-addext", "keyUsage=keyCertSign", "-keyout", key, "-out", cert)
	var files [2][]byte
	for i, name := range []string{cert, key} {
		if files[i], err = os.ReadFile(name); err != nil {
			t.Fatal(err)
		}
	}
	authority, err := clientcert.ReadAuthority(files[0], files[1], "")
	if err != nil {
		t.Fatal(err)
	}
	subject, err := clientcert.ParseSubject(p.Subject, macro.Sipura)
	if err != nil {
		t.Fatal(err)
	}
	issuer, err := clientcert.Open(dir, authority, clientcert.Form{Subject: subject, SerialStart: p.SerialStart, Years: p.CertificateYears})
	if err != nil {
		t.Fatal(err)
	}
	pair, err := issuer.Pair(id.MAC, &device.Vars{Identity: id})
	if err != nil {
		t.Fatal(err)
	}
	return pair.Cert
}

// sameParts compares names by their attributes.
func sameParts(a, b string) bool {
	parts := func(text string) string {
		list := strings.Split(strings.TrimPrefix(strings.TrimSpace(text), "subject="), ",")
		slices.Sort(list)
		return strings.Join(list, ",")
	}
	return parts(a) == parts(b)
}

// A report goes out by a POST to a script of Apache, and with the quirk by a PUT to
// nginx (SPA-REP-1).
func TestSPAReportOverHTTP(t *testing.T) {
	for _, test := range []struct {
		kind        webKind
		quirk, path string
		file        string // where the report arrives
		asks        string
	}{
		{apache, "off", "/reports/take", "taken/report.xml", "POST"},
		{nginx, "on", "/uploads/$MA.xml", "www/uploads/000e08aabbcc.xml", "PUT"},
	} {
		t.Run(test.kind.program, func(t *testing.T) {
			t.Parallel()
			s := test.kind.start(t)
			for _, dir := range []string{"www/uploads", "taken", "cgi"} {
				if err := os.MkdirAll(filepath.Join(s.dir, dir), 0o755); err != nil {
					t.Fatal(err)
				}
			}
			peer.Chmod(t, filepath.Join(s.dir, "www/uploads"), 0o777)
			peer.Chmod(t, filepath.Join(s.dir, "taken"), 0o777)
			script := "#!/bin/sh\ncat > " + filepath.Join(s.dir, "taken/report.xml") + "\nprintf 'Content-Type: text/plain\\r\\n\\r\\n'\n"
			peer.Publish(t, s.dir, map[string][]byte{"/cgi/take": []byte(script), "/www/spa504G.cfg": []byte("<flat-profile/>")})
			peer.Chmod(t, filepath.Join(s.dir, "cgi/take"), 0o755)
			m := vendorModel(t, "cisco-spa")
			var err error
			if m.Quirks, err = m.Personality.ParseQuirks([]string{"report-put=" + test.quirk}); err != nil {
				t.Fatal(err)
			}
			at := s.url("http", "plain")
			_, records := runPhone(t, m, device.Identity{MAC: device.MAC{0x00, 0x0e, 0x08, 0xaa, 0xbb, 0xcc}}, nil, device.Certificates{}, map[string]string{
				"Resync_Random_Delay": "0", "Profile_Rule": at + "/spa504G.cfg", "Report_Rule": at + test.path,
			}, device.Input{Kind: device.AskReport, Cause: resync.Notify})
			if last := records[len(records)-1]; last.Kind != device.KeepAliveDone || last.Outcome != resync.Sent {
				t.Fatalf("the report comes to %v %v: %s", last.Kind, last.Outcome, last.Note)
			}
			got, err := os.ReadFile(filepath.Join(s.dir, test.file))
			if err != nil || !bytes.Contains(got, []byte("<Profile_Rule ua=")) {
				t.Errorf("the report is %s, %v", got, err)
			}
			peer.Await(t, "the line of the report in access.log", func(context.Context) error {
				log, err := os.ReadFile(filepath.Join(s.dir, "access.log"))
				if n := bytes.Count(log, []byte(`"`+test.asks+" ")); err == nil && n != 1 {
					err = fmt.Errorf("%d lines of a %s, want 1", n, test.asks)
				}
				return err
			})
		})
	}
}

// A report goes out once, by a TFTP write (SPA-REP-1).
func TestSPAReport(t *testing.T) {
	kind := hpa
	kind.args = func(host string, port uint16, root string) []string {
		return append([]string{"--create"}, hpa.args(host, port, root)...)
	}
	s := kind.start(t, map[string][]byte{"/spa504G.cfg": []byte("<flat-profile/>")})
	peer.Chmod(t, s.root, 0o777)
	server := strings.TrimSuffix(s.request("/spa504G.cfg", plain).URL(), "/spa504G.cfg")
	_, records := spaPhone(t, nil, device.Certificates{}, map[string]string{
		"Profile_Rule": server + "/spa504G.cfg", "Report_Rule": server + "/$MA.xml",
	}, device.Input{Kind: device.AskReport, Cause: resync.Notify})
	if last := records[len(records)-1]; last.Kind != device.KeepAliveDone || last.Outcome != resync.Sent {
		t.Fatalf("the report comes to %v %v", last.Kind, last.Outcome)
	}
	peer.Await(t, "the report", func(context.Context) error {
		got, err := os.ReadFile(filepath.Join(s.root, "000e08aabbcc.xml"))
		if err == nil && !bytes.Contains(got, []byte("<Profile_Rule ua=")) {
			t.Errorf("the report is %s", got)
		}
		return err
	})
}
