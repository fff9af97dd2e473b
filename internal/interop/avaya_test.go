//go:build linux

package interop

import (
	"context"
	"crypto/rand"
	"fmt"
	"io"
	"net/netip"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"provsim/device"
	"provsim/device/avaya"
	"provsim/internal/role"
	"provsim/internal/role/ipoffice"
	"provsim/internal/testing/peer"
	"provsim/resync"
)

var avayaJ179 = device.Identity{MAC: device.MAC{0xc8, 0x1f, 0xea, 0x83, 0xe8, 0x5a}}

// avayaFiles are those of a server.
func avayaFiles() map[string][]byte {
	return map[string][]byte{
		"/avaya/J100Supgrade.txt": []byte("GET 46xxsettings.txt\n"), "/avaya/96x1Supgrade.txt": []byte("GET 46xxsettings.txt\n"),
		"/avaya/46xxsettings.txt": []byte("SET SIPDOMAIN example.com\n# END\nGET $MACADDR.txt\n"),
		"/avaya/c81fea83e85a.txt": []byte("SET FORCE_SIP_EXTENSION 201\n"),
	}
}

// avayaOffer is a lease that leads to a directory of a URL http://HOST:PORT/.
func avayaOffer(url, dir string) *device.Offer {
	host, port, _ := strings.Cut(strings.Trim(strings.TrimPrefix(url, "http://"), "/"), ":")
	return device.TextOffer(242, "HTTPSRVR="+host+",HTTPPORT="+port+",HTTPDIR="+dir)
}

// Phones boot over each web server, by option 242, and the server's log has the chain
// (AV-FILE-2, AV-ID-2).
func TestAvayaOverHTTP(t *testing.T) {
	for _, kind := range []webKind{nginx, apache} {
		t.Run(kind.program, func(t *testing.T) {
			t.Parallel()
			s := kind.start(t)
			peer.Publish(t, s.root(), avayaFiles())
			stored, records := vendorPhone(t, "avaya", avayaJ179, avayaOffer(s.url("http", "plain"), "avaya"), device.Certificates{}, nil)
			number, _ := stored.Config.Get("FORCE_SIP_EXTENSION")
			if _, outcome := urlsOf(records); outcome != resync.Applied || number != "201" {
				t.Errorf("the run ends as %v, the extension is %q", outcome, number)
			}
			const agent = " Mozilla/4.0 (compatible; MSIE 6.0) AVAYA/J179-4.1.3.0.6 (MAC:c81fea83e85a)"
			s.saw(t, kind, "200 GET /avaya/J100Supgrade.txt"+agent, "200 GET /avaya/46xxsettings.txt"+agent, "200 GET /avaya/c81fea83e85a.txt"+agent)
		})
	}
}

// A server that answers in HTTP/1.0, as Python's does, stops a 96x1 phone after the
// upgrade file, and not a J100 (AV-HTTP-2).
func TestAvayaAndHTTP10(t *testing.T) {
	dir, root := t.TempDir(), peer.PublicDir(t)
	peer.Publish(t, root, avayaFiles())
	port := peer.FreePorts(t, "tcp", "127.0.0.1", 1)
	address := fmt.Sprint("127.0.0.1:", port)
	peer.Start(t, dir, peer.Listens(address), peer.Find(t, "python3", "python3"), "-m", "http.server", "--bind", "127.0.0.1", "--directory", root, fmt.Sprint(port))
	for product, want := range map[string]resync.Outcome{"J179": resync.Applied, "9611G": resync.HTTPStatus} {
		id := avayaJ179
		id.Product = product
		_, records := vendorPhone(t, "avaya", id, avayaOffer("http://"+address+"/", "avaya"), device.Certificates{}, nil)
		urls, outcome := urlsOf(records)
		if outcome != want || want != resync.Applied && len(urls) != 1 {
			t.Errorf("%s: %v, asked for %v", product, outcome, urls)
		}
	}
}

// Phones of each generation boot from an IP Office (IPO-WEB-4), the oldest by TFTP too
// (AV-SRC-1).
func TestAvayaFromIPOffice(t *testing.T) {
	lan := netip.PrefixFrom(netip.MustParseAddr(peer.Loopback()), 24)
	level, err := ipoffice.ParseLevel("11.1")
	if err != nil {
		t.Fatal(err)
	}
	unit := ipoffice.Config{MAC: ipoffice.MACOf(lan.Addr()), Level: level, Random: rand.Reader, Security: ipoffice.DefaultSecurity(), Records: ipoffice.Records{"system.name": "SYS1"}}
	unit.Quirks.AvayaOnly = true
	unit.Records.SetLAN("lan1", lan)
	const shift = 8100
	g, err := ipoffice.Start(ipoffice.Options{Shift: shift, Log: role.NewLog(io.Discard, true, time.Now())}, []ipoffice.Config{unit})
	if err != nil {
		t.Fatal(err)
	}
	defer g.Close()
	address := fmt.Sprintf("http://%v:%d/", lan.Addr(), 80+shift)
	for _, product := range []string{"J179", "9611G"} {
		id := avayaJ179
		id.Product = product
		stored, records := vendorPhone(t, "avaya", id, avayaOffer(address, ""), device.Certificates{}, nil)
		if domain, _ := stored.Config.Get("SIPDOMAIN"); domain != lan.Addr().String() {
			_, outcome := urlsOf(records)
			t.Errorf("%s: %v, the domain is %q", product, outcome, domain)
		}
	}
	id := avayaJ179
	id.Product = "4610"
	offer := device.TextOffer(176, "HTTPSRVR="+lan.Addr().String()+",HTTPPORT="+fmt.Sprint(80+shift))
	if stored, _ := vendorPhone(t, "avaya", id, offer, device.Certificates{}, nil); stored.Config.Len() == 0 {
		t.Error("a 4610 has no settings")
	}
}

// AV-FW-2: an image is fetched from where a 301 or 302 leads, at another host too.
func TestAvayaFollowsARedirectOfAnImage(t *testing.T) {
	program := peer.Find(t, "nginx", "nginx")
	image := avaya.Personality.Image("J179", "4.2.0.0", []byte("x"))
	for _, status := range []int{301, 302} {
		dir, here, there := t.TempDir(), peer.PublicDir(t), peer.PublicDir(t)
		peer.Publish(t, here, map[string][]byte{"/J100Supgrade.txt": []byte("SET APPNAME new.bin\n")})
		peer.Publish(t, there, map[string][]byte{"/images/new.bin": image})
		first, second := peer.Loopback(), peer.Loopback()
		one, two := fmt.Sprint(first, ":", peer.FreePorts(t, "tcp", first, 1)), fmt.Sprint(second, ":", peer.FreePorts(t, "tcp", second, 1))
		config := filepath.Join(dir, "nginx.conf")
		if err := os.WriteFile(config, fmt.Appendf(nil, `daemon off; pid %[1]s/pid; error_log %[1]s/error.log; user www-data; worker_processes 1; events { }
http { log_format p '$server_addr $status $request_uri'; access_log %[1]s/access.log p;
client_body_temp_path %[1]s/b; proxy_temp_path %[1]s/p; fastcgi_temp_path %[1]s/f; uwsgi_temp_path %[1]s/u; scgi_temp_path %[1]s/s;
server { listen %[2]s; root %[3]s; location = /new.bin { return %[6]d http://%[4]s/images/new.bin; } }
server { listen %[4]s; root %[5]s; } }
`, dir, one, here, two, there, status), 0o600); err != nil {
			t.Fatal(err)
		}
		peer.Start(t, dir, peer.Listens(one, two), program, "-c", config, "-e", filepath.Join(dir, "error.log"))
		stored, records := vendorPhone(t, "avaya", avayaJ179, avayaOffer("http://"+one+"/", ""), device.Certificates{}, nil)
		if stored.Software != "4.2.0.0" {
			urls, outcome := urlsOf(records)
			t.Errorf("%d: the phone runs %q after %v, %v", status, stored.Software, urls, outcome)
		}
		want := fmt.Sprintf("%s %d /new.bin\n%s 200 /images/new.bin\n", first, status, second)
		peer.Await(t, "the requests for the image in access.log", func(context.Context) error {
			log, err := os.ReadFile(filepath.Join(dir, "access.log"))
			if err == nil && !strings.Contains(string(log), want) {
				err = fmt.Errorf("it has %q, want %q", log, want)
			}
			return err
		})
	}
}
