//go:build linux

package interop

import (
	"strings"
	"testing"
	"time"

	"provsim/device"
	"provsim/internal/lab"
	"provsim/internal/testing/peer"
)

// A procedure of the provisioning guide, done on the phone's page click by click.
// Resync Random Delay is set to 0 on the way, to have the result at once.

// Section 4.1 step 6: fill the file rule, disable Option 66, save, reboot.
func (d *visitor) byRule(rule string) {
	d.t.Helper()
	d.login()
	d.click(`a[href="/provision"]`, "#DBID_PROFILE_RULE")
	d.fill("#DBID_PROFILE_RULE", rule)
	d.choose("#DBID_PRV_OPTION66_ENABLED", "0")
	d.fill("#DBID_RESYNC_RANDOM_DELAY", "0")
	d.save()
	d.reboot()
}

// verify logs in again and looks whether the parameters have changed.
func (d *visitor) verify(version string, url string) {
	d.t.Helper()
	d.applied(version)
	d.login()
	d.shows("version "+version, "applied", url)
	d.click(`a[href="/provision"]`, "#DBID_PROFILE_RULE")
	d.shows("DBID_WEB_SIP_SERVER", "192.0.2.10")
}

func TestProcedureHTTP(t *testing.T) {
	t.Parallel()
	for _, kind := range []webKind{nginx, apache} {
		t.Run(kind.program, func(t *testing.T) {
			t.Parallel()
			s := kind.start(t)
			peer.Publish(t, s.root(), map[string][]byte{"/fv0021F2011B19.conf": sample})
			d := seat(t, "")
			d.byRule(s.url("http", "plain") + "/fv$(MAU).conf")
			d.verify("2208", s.url("http", "plain")+"/fv0021F2011B19.conf")
		})
	}
}

// Section 4.2 steps 8 and 9: upload the three files, then as in 4.1.
func TestProcedureHTTPS(t *testing.T) {
	t.Parallel()
	for _, kind := range []webKind{nginx, apache} {
		t.Run(kind.program, func(t *testing.T) {
			t.Parallel()
			s := kind.start(t)
			peer.Publish(t, s.root(), map[string][]byte{"/fv0021F2011B19.conf": sample})
			d := seat(t, "")
			d.login()
			d.uploadAll(fine(t))
			d.click(".out button", "#user")
			d.byRule(s.url("https", "tls1.2") + "/fv$(MAU).conf")
			d.verify("2208", s.url("https", "tls1.2")+"/fv0021F2011B19.conf")
		})
	}
}

// uploadAll uploads what an administrator has from his authority, the key sealed
// with the guide's pass phrase. A wrong key is refused with words before.
func (d *visitor) uploadAll(c device.Certificates) {
	t := d.t
	t.Helper()
	_, other := issue(t, caECDSA(), lab.Client(ours.MAC, ours.Product))
	sealed := openssl(t, c.Key, "pkcs8", "-topk8", "-v2", "aes-256-cbc", "-passout", "pass:whatever")
	d.click(`a[href="/security"]`, "#type")
	d.upload("ca", keep(t, "cacert.pem", c.CA), "", ".notice.good")
	d.shows("Provision CA Certification is stored", "CN=provisioning CA")
	d.upload("cert", keep(t, "sslclientcert.pem", c.Cert), "", ".notice.good")
	d.upload("key", keep(t, "sslclientkey.pem", other), "", ".notice.bad")
	d.shows("Provision Private Key is not stored", "belongs to another certificate")
	d.upload("key", keep(t, "sslclientkey.pem", sealed), "guess", ".notice.bad")
	d.shows("the pass phrase does not open it")
	d.upload("key", keep(t, "sslclientkey.pem", c.Cert), "", ".notice.bad")
	d.shows("has no PEM block -----BEGIN PRIVATE KEY-----")
	d.upload("key", keep(t, "sslclientkey.pem", sealed), "whatever", ".notice.good")
	d.shows("CN=0021F2011B19", "Expires", time.Now().UTC().AddDate(10, 0, -3).Format("2006"), "ECDSA, P-256")
}

// Section 4.3.2 step 6: with TFTP and option 66, the file's name is all that is
// to be filled in; log in again, and verify that the parameters have changed.
func TestProcedureTFTP(t *testing.T) {
	t.Parallel()
	s := hpa.start(t, map[string][]byte{"/office.conf": sample})
	url := s.request("/office.conf", plain).URL()
	d := seat(t, strings.TrimSuffix(strings.TrimPrefix(url, "tftp://"), "/office.conf"))
	d.login()
	d.click(`a[href="/provision"]`, "#DBID_PROFILE_RULE")
	d.fill("#DBID_PRV_CONFIG_FILE_NAME", "office.conf")
	d.fill("#DBID_RESYNC_RANDOM_DELAY", "0")
	d.save()
	d.reboot()
	d.verify("2208", url)
}

// The same pages work without JavaScript: after a reboot a link leads to the login page,
// and a preview needs its button.
func TestProcedureWithoutJavaScript(t *testing.T) {
	t.Parallel()
	l, err := lab.Start(lab.Config{})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { l.Close() })
	l.Files.Put("fv0021F2011B19.conf", sample)
	d := seat(t, "")
	d.withoutScript()
	d.login()
	d.click(`a[href="/provision"]`, "#DBID_PROFILE_RULE")
	d.fill("#DBID_PROFILE_RULE", l.URL("http", "fv$(MAU).conf"))
	d.choose("#DBID_PRV_OPTION66_ENABLED", "0")
	d.fill("#DBID_RESYNC_RANDOM_DELAY", "0")
	d.click(`button[name="preview"]`, "#preview")
	d.shows(l.URL("http", "fv0021F2011B19.conf"))
	d.save()
	d.click(`.notice.warn button`, `a[href="/login"]`)
	d.verify("2208", l.URL("http", "fv0021F2011B19.conf"))
}

// With JavaScript the preview follows the keys, and the state the phone.
func TestPageIsLive(t *testing.T) {
	t.Parallel()
	d := seat(t, "")
	d.login()
	d.click(`a[href="/provision"]`, "#DBID_PROFILE_RULE")
	d.choose("#DBID_PRV_OPTION66_ENABLED", "0")
	d.fill("#DBID_PROFILE_RULE", "http://prov.example.com:80800/x")
	d.waits("#fault-DBID_PROFILE_RULE", "80800")
	d.fill("#DBID_PROFILE_RULE", "http://prov.example.com/$PN/$(MAU:6).conf")
	d.waits("#preview", "http://prov.example.com/IP542N/011B19.conf")
	d.fill("#DBID_RESYNC_PERIODIC", "often")
	d.waits("#fault-DBID_RESYNC_PERIODIC", "often")

	d.click(`a[href="/lines"]`, "#counter")
	d.click(`[aria-label="Line 2 off hook"]`, "#counter")
	d.waits("#line-2", "off hook, active")
	d.waits("#counter", "a line is active")
	d.click(`[aria-label="Line 2 on hook"]`, "#counter")
	d.waits("#counter", "3 h 59 min") // Forced Resync Delay counts down
}
