package egress_test

import (
	"context"
	"errors"
	"net"
	"net/http"
	"net/http/httptest"
	"net/netip"
	"strings"
	"testing"
	"time"

	"provsim/device"
	"provsim/internal/egress"
	"provsim/internal/fetch/web"
	"provsim/profile"
	"provsim/resync"
)

func TestPrivate(t *testing.T) {
	for text, want := range map[string]bool{
		"10.0.0.1": true, "172.16.0.1": true, "172.31.255.255": true, "192.168.1.1": true, "100.64.0.1": true,
		"127.0.0.1": true, "169.254.1.1": true, "192.0.2.1": true, "198.51.100.1": true, "203.0.113.1": true,
		"198.18.0.1": true, "fd00::1": true, "::1": true, "fe80::1": true, "fe80::1%eth0": true,
		"2001:db8::1": true, "3fff::1": true, "::ffff:10.0.0.1": true,
		"9.255.255.255": false, "11.0.0.1": false, "172.15.255.255": false, "172.32.0.1": false,
		"192.169.0.1": false, "100.63.255.255": false, "100.128.0.1": false, "128.0.0.1": false, "8.8.8.8": false,
		"198.20.0.1": false, "0.0.0.0": false, "224.0.0.1": false, "255.255.255.255": false,
		"::": false, "2001:4860:4860::8888": false, "fe00::1": false, "ff02::1": false, "::ffff:8.8.8.8": false,
		"64:ff9b::a00:1": false, // RFC 6052: which network that is, only the translator knows
	} {
		if got := egress.Private(netip.MustParseAddr(text)); got != want {
			t.Errorf("%s: private %v, want %v", text, got, want)
		}
	}
	if egress.Private(netip.Addr{}) {
		t.Error("no address is private")
	}
}

// seen serves HTTP and reports each client's address.
func seen(t *testing.T) (at string, from chan string) {
	from = make(chan string, 100)
	server := httptest.NewServer(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
		host, _, _ := net.SplitHostPort(r.RemoteAddr)
		from <- host
	}))
	t.Cleanup(server.Close)
	return server.Listener.Addr().String(), from
}

func get(ctx context.Context, d *egress.Dialer, address, path string) device.Reply {
	at := netip.MustParseAddrPort(address)
	client := web.Client{DialContext: d.DialContext}
	return client.Fetch(ctx, device.Request{
		Target: profile.Target{Scheme: "http", Host: at.Addr().String(), Port: at.Port(), Path: path}, Limit: 100, Timeout: time.Minute,
	})
}

func TestConnectionsComeFromTheDevicesAddress(t *testing.T) {
	at, from := seen(t)
	d := &egress.Dialer{Pool: pool(t, "127.4.0.0/29")}
	for device, want := range map[int]string{0: "127.4.0.1", 5: "127.4.0.6", 6: "127.4.0.1"} {
		if reply := get(egress.WithDevice(t.Context(), device), d, at, "/"); reply.Outcome != resync.None {
			t.Fatal(reply.Outcome, reply.Note)
		}
		if got := <-from; got != want {
			t.Errorf("device %d came from %s, want %s", device, got, want)
		}
	}
}

func TestSocketsForTFTPAreTheDevices(t *testing.T) {
	d := &egress.Dialer{Pool: pool(t, "127.4.0.0/29", "::1")}
	for server, want := range map[string]string{"127.0.0.1:69": "127.4.0.3", "[::1]:69": "::1"} {
		conn, err := d.Listen(egress.WithDevice(t.Context(), 2), netip.MustParseAddrPort(server))
		if err != nil {
			t.Fatal(err)
		}
		defer conn.Close()
		if got := conn.LocalAddr().(*net.UDPAddr).AddrPort(); got.Addr() != netip.MustParseAddr(want) || got.Port() == 0 {
			t.Errorf("socket for %s has %v, want a port of %s", server, got, want)
		}
	}
}

func TestAddressesOfTheOtherVersion(t *testing.T) {
	d := &egress.Dialer{Pool: pool(t, "127.4.0.0/29")}
	if _, err := d.Listen(t.Context(), netip.MustParseAddrPort("[::1]:69")); err == nil || !strings.Contains(err.Error(), "other IP version") {
		t.Errorf("error %v, want it to say that the addresses are of the other IP version", err)
	}
	if _, err := d.DialContext(t.Context(), "tcp", "[::1]:80"); err == nil || !strings.Contains(err.Error(), "other IP version") {
		t.Errorf("error %v, want it to say that the addresses are of the other IP version", err)
	}
}

func TestPublicTargetsAreRefused(t *testing.T) {
	at, _ := seen(t)
	redirect := httptest.NewServer(http.RedirectHandler("http://8.8.8.8/f", http.StatusFound))
	defer redirect.Close()
	d := &egress.Dialer{}
	if reply := get(t.Context(), d, at, "/"); reply.Outcome != resync.None {
		t.Errorf("loopback: %v, %s", reply.Outcome, reply.Note)
	}
	for address, what := range map[string]string{"8.8.8.8:80": "a public address", redirect.Listener.Addr().String(): "a redirect to one"} {
		reply := get(t.Context(), d, address, "/")
		if reply.Outcome != resync.Unreachable || !strings.Contains(reply.Note, "public") || reply.Local {
			t.Errorf("%s: %v (%s), want unreachable, because it is public", what, reply.Outcome, reply.Note)
		}
	}
	if _, err := d.Listen(t.Context(), netip.MustParseAddrPort("8.8.8.8:69")); !errors.Is(err, egress.ErrPublic) {
		t.Errorf("socket for a public address: %v, want ErrPublic", err)
	}
	if err := d.Allowed(t.Context(), "8.8.8.8"); !errors.Is(err, egress.ErrPublic) {
		t.Errorf("look at a public address: %v, want ErrPublic", err)
	}
	d.Public = true
	if err := d.Allowed(t.Context(), "8.8.8.8"); err != nil {
		t.Errorf("the user's own server: %v", err)
	}
}

func TestHere(t *testing.T) {
	d := &egress.Dialer{}
	here := map[string]bool{"127.0.0.1": true, "127.9.9.9": true, "::1": true, "localhost": true, "192.0.2.1": false, "no-such-host.invalid": false}
	addrs, err := net.InterfaceAddrs()
	if err != nil {
		t.Fatal(err)
	}
	for _, a := range addrs {
		if network, ok := a.(*net.IPNet); ok && network.IP.IsPrivate() {
			here[network.IP.String()] = true
		}
	}
	for host, want := range here {
		if got := d.Here(t.Context(), host); got != want {
			t.Errorf("%s is this machine: %v, want %v", host, got, want)
		}
	}
}
