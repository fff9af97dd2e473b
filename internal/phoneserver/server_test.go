package phoneserver_test

import (
	"context"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"fmt"
	"io"
	"math/big"
	"net"
	"net/http"
	"net/netip"
	"strings"
	"testing"
	"time"

	"provsim/device"
	"provsim/device/vendors"
	"provsim/encrypt"
	"provsim/internal/journal"
	"provsim/internal/phoneserver"
	"provsim/internal/run"
	"provsim/internal/sched"
	"provsim/internal/testing/peer"
)

// journalled is a number of phones of a vendor at 127.0.2.1 and up, and their journal.
type journalled struct {
	t      *testing.T
	driver *run.Driver
	said   chan string
	port   uint16
}

func start(t *testing.T, name string, phones int, site string) *journalled {
	t.Helper()
	vendor, err := vendors.Lookup(name)
	if err != nil {
		t.Fatal(err)
	}
	m := device.NewModel(vendor, encrypt.Ciphers()[0])
	m.Epoch, m.BootTime = time.Now(), 100*time.Millisecond
	devices := make([]device.Device, phones)
	for i := range devices {
		id := vendor.Shipped
		id.MAC = device.MAC{0, 0x90, 0x8f, 0, 0, byte(i)}
		devices[i] = *device.New(m, id, nil)
	}
	d := &journalled{t: t, said: make(chan string, 10_000), port: peer.FreePorts(t, "tcp", "127.0.2.1", 1)}
	s := phoneserver.New(phoneserver.Config{Port: d.port, Site: []netip.Prefix{netip.MustParsePrefix(site)}, Certificate: certificate(t)})
	d.driver = run.New(run.Config{
		Clock: sched.NewReal(m.Epoch), Network: run.Wire{}, Journal: d, Epoch: m.Epoch, Reach: s.Reach,
		Lease: func(i int, _ *device.Device) device.Lease {
			return device.Lease{Addr: netip.AddrFrom4([4]byte{127, 0, 2, byte(i + 1)})}
		},
	}, devices)
	s.Attach(d.driver)
	ctx, cancel := context.WithCancel(t.Context())
	ended := make(chan error)
	go func() { ended <- d.driver.Run(ctx, sched.Never) }()
	t.Cleanup(func() { cancel(); <-ended; s.Close() })
	for i := range phones {
		d.driver.Tell(i, device.Input{Kind: device.PowerOn})
	}
	return d
}

func certificate(t *testing.T) tls.Certificate {
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	template := &x509.Certificate{SerialNumber: big.NewInt(1)}
	der, err := x509.CreateCertificate(rand.Reader, template, template, key.Public(), key)
	if err != nil {
		t.Fatal(err)
	}
	return tls.Certificate{Certificate: [][]byte{der}, PrivateKey: key}
}

// Add takes a record of the journal.
func (d *journalled) Add(r *journal.Record) error {
	d.said <- fmt.Sprintf("%d %v %s", r.Number, r.Kind, r.Note)
	return nil
}

// await waits for a record of the journal that begins so.
func (d *journalled) await(begin string) { d.t.Helper(); d.next(begin) }

func (d *journalled) next(begin string) string {
	d.t.Helper()
	limit := time.After(time.Minute)
	for {
		select {
		case line := <-d.said:
			if strings.HasPrefix(line, begin) {
				return line
			}
		case <-limit:
			d.t.Fatalf("the journal has no %q", begin)
		}
	}
}

// ask sends a request to a phone from an address.
func (d *journalled) ask(from, scheme string, phone int, method, path, body string) (string, error) {
	client := &http.Client{Timeout: time.Minute, Transport: &http.Transport{
		DisableKeepAlives: true, TLSClientConfig: &tls.Config{InsecureSkipVerify: true},
		DialContext: (&net.Dialer{LocalAddr: &net.TCPAddr{IP: net.ParseIP(from)}}).DialContext,
	}}
	ctx, cancel := context.WithTimeout(d.t.Context(), time.Minute)
	if !strings.HasPrefix(from, "127.0.1.") {
		cancel()
		ctx, cancel = context.WithTimeout(d.t.Context(), 200*time.Millisecond)
	}
	defer cancel()
	req, err := http.NewRequestWithContext(ctx, method, fmt.Sprintf("%s://127.0.2.%d:%d%s", scheme, phone+1, d.port, path), strings.NewReader(body))
	if err != nil {
		d.t.Fatal(err)
	}
	resp, err := client.Do(req)
	if err != nil {
		return "", err
	}
	defer resp.Body.Close()
	text, err := io.ReadAll(resp.Body)
	return fmt.Sprintf("%d %s", resp.StatusCode, text), err
}

const inside, outside = "127.0.1.1", "127.0.0.2"

// AC-ACT-2 and section 9 of the Device Manager: each phone answers at its own address,
// by HTTP and HTTPS, from its own site only.
func TestPhonesAnswerTheirSite(t *testing.T) {
	d := start(t, "audiocodes", 3, "127.0.1.0/24")
	for i := range 3 {
		d.await(fmt.Sprint(i, " resync.done"))
		for _, scheme := range []string{"http", "https"} {
			got, err := d.ask(inside, scheme, i, "GET", "/rest/v1/status", "")
			if want := fmt.Sprintf(`"mac":"00908f00000%d"`, i); err != nil || !strings.HasPrefix(got, "200 ") || !strings.Contains(got, want) {
				t.Errorf("%s to phone %d: %s, %v; want %s", scheme, i, got, err, want)
			}
		}
		if got, err := d.ask(outside, "http", i, "GET", "/rest/v1/status", ""); err == nil {
			t.Errorf("from outside of the site phone %d answers %s", i, got)
		}
	}
}

// A phone listens from its lease to its reboot, and does each order once.
func TestOrders(t *testing.T) {
	d := start(t, "audiocodes", 1, "127.0.1.0/24")
	d.await("0 resync.done")
	for n := range 20 {
		if got, err := d.ask(inside, "http", 0, "PUT", "/rest/v1/command/SendMessageHandler", fmt.Sprintf(`{"text":"m%d"}`, n)); err != nil || got != "200 {}" {
			t.Fatalf("%s, %v", got, err)
		}
	}
	for n := range 20 {
		d.await(fmt.Sprintf(`0 message "m%d"`, n))
	}
	// A reset that waits holds what comes after it, up to a bound.
	if got, err := d.ask(inside, "http", 0, "PUT", "/rest/v1/command/ResetGracefulHandler", `{"schedulePeriod":"3600"}`); err != nil || got != "200 {}" {
		t.Fatalf("%s, %v", got, err)
	}
	refused := false
	for range 20 {
		got, err := d.ask(inside, "http", 0, "PUT", "/rest/v1/command/SendMessageHandler", `{"text":"lost"}`)
		refused = refused || err == nil && got == "503 "
	}
	if !refused {
		t.Error("any number of orders may wait")
	}
	d.driver.Tell(0, device.Input{Kind: device.PowerOff})
	d.driver.Tell(0, device.Input{Kind: device.PowerOn})
	d.await("0 lease")
	d.await("0 resync.done")
	if got, err := d.ask(inside, "http", 0, "PUT", "/rest/v1/command/SendMessageHandler", `{"text":"after"}`); err != nil || got != "200 {}" {
		t.Fatalf("%s, %v", got, err)
	}
	if line := d.next("0 message"); line != `0 message "after"` {
		t.Errorf("after the power cut the phone says %s", line)
	}
	d.driver.Tell(0, device.Input{Kind: device.PowerOff})
	for {
		if _, err := d.ask(inside, "http", 0, "GET", "/rest/v1/status", ""); err != nil {
			break // the phone is off
		}
	}
}

// A phone whose address is not one of this machine says so, and goes on.
func TestNoSuchAddress(t *testing.T) {
	d := start(t, "audiocodes", 1, "127.0.1.0/24")
	d.await("0 resync.done")
	busy, err := net.Listen("tcp", fmt.Sprintf("127.0.2.2:%d", d.port))
	if err != nil {
		t.Skip(err)
	}
	defer busy.Close()
	other := phoneserver.New(phoneserver.Config{Port: d.port, Certificate: certificate(t)})
	defer other.Close()
	other.Attach(d.driver)
	other.Reach(0, netip.MustParseAddr("127.0.2.2"))
	d.await("0 warn the phone's web server: listen tcp 127.0.2.2")
}

// FIP-TRG-4: a phone asks for a password, and resyncs or reboots for who shows it.
func TestBasicLogin(t *testing.T) {
	d := start(t, "flyingvoice-fip", 1, "127.0.0.0/8")
	d.await("0 resync.done")
	get := func(key, password string) *http.Response {
		t.Helper()
		req, err := http.NewRequestWithContext(t.Context(), "GET", fmt.Sprintf("http://127.0.2.1:%d/cgi-bin/ConfigManApp.com?key=%s", d.port, key), nil)
		if err != nil {
			t.Fatal(err)
		}
		if password != "" {
			req.SetBasicAuth("admin", password)
		}
		resp, err := (&http.Client{Transport: &http.Transport{DisableKeepAlives: true}, Timeout: time.Minute}).Do(req)
		if err != nil {
			t.Fatal(err)
		}
		resp.Body.Close()
		return resp
	}
	for _, password := range []string{"", "wrong"} {
		if r := get("Reboot", password); r.StatusCode != 401 || r.Header.Get("WWW-Authenticate") != `Basic realm="IP Phone"` {
			t.Errorf("password %q: %s, %q", password, r.Status, r.Header.Get("WWW-Authenticate"))
		}
	}
	for key, event := range map[string]string{"AutoP": "0 resync.due", "Reboot": "0 reboot"} {
		if r := get(key, "admin"); r.StatusCode != 200 {
			t.Fatalf("%s: %s", key, r.Status)
		}
		if d.await(event); key == "Reboot" {
			d.await("0 resync.done")
		}
	}
}
