package server_test

import (
	"bytes"
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"net/netip"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/coder/websocket"

	"provsim/fleet/scenario"
	"provsim/internal/lab"
	"provsim/internal/role"
	"provsim/internal/role/tunnel"
	"provsim/internal/role/tunnel/client"
	"provsim/internal/role/tunnel/link"
	"provsim/internal/role/tunnel/netstack"
	"provsim/internal/role/tunnel/server"
	"provsim/internal/sched"
	"provsim/internal/testing/peer"
)

// journal is a log that tests look into.
type journal struct {
	mu   sync.Mutex
	text bytes.Buffer
}

func (j *journal) Write(b []byte) (int, error) {
	j.mu.Lock()
	defer j.mu.Unlock()
	return j.text.Write(b)
}

func (j *journal) String() string {
	j.mu.Lock()
	defer j.mu.Unlock()
	return j.text.String()
}

// has reports whether a line has all of some words.
func (j *journal) has(words ...string) bool {
	for line := range strings.Lines(j.String()) {
		if !slices.ContainsFunc(words, func(w string) bool { return !strings.Contains(line, w) }) {
			return true
		}
	}
	return false
}

// eventually waits until a condition holds.
func eventually(t testing.TB, what string, holds func() bool) {
	t.Helper()
	peer.Await(t, what, func(context.Context) error {
		if !holds() {
			return errors.New("it does not hold")
		}
		return nil
	})
}

// end is a server for a test, on loopback.
type end struct {
	*server.Server
	http *httptest.Server
	log  *journal
	ca   *lab.Authority
}

func defaults() server.Options {
	return server.Options{
		Path: "/tun", Users: map[string]string{"VPN": "123456"}, Codec: tunnel.Auto, MaxTunnels: 2000, MTU: tunnel.DefaultMTU, Ping: tunnel.PingAfter,
		Hold: 10 * time.Minute, Services: server.Services{Community: "public"},
	}
}

// start runs a server until the test ends.
func start(t testing.TB, secure bool, change func(*server.Options)) *end {
	t.Helper()
	e := &end{log: &journal{}}
	o := defaults()
	o.Log = role.NewLog(e.log, false, time.Now())
	if change != nil {
		change(&o)
	}
	var err error
	if e.Server, err = server.New(o); err != nil {
		t.Fatal(err)
	}
	e.http = httptest.NewUnstartedServer(e.Server)
	if secure {
		if e.ca, err = lab.NewAuthority("tunnel", lab.ECDSA); err != nil {
			t.Fatal(err)
		}
		cert, key, err := e.ca.Issue(lab.Leaf{Name: "ovoc", Hosts: []string{"127.0.0.1"}})
		if err != nil {
			t.Fatal(err)
		}
		pair, err := tls.X509KeyPair(cert, key)
		if err != nil {
			t.Fatal(err)
		}
		e.http.TLS = &tls.Config{Certificates: []tls.Certificate{pair}}
		e.http.StartTLS()
	} else {
		e.http.Start()
	}
	t.Cleanup(func() { e.Server.Close(); e.http.Close() })
	return e
}

func (e *end) parameters() tunnel.Parameters {
	p := tunnel.DefaultParameters()
	p.Server = strings.TrimPrefix(strings.TrimPrefix(e.http.URL, "https://"), "http://")
	p.Secured = e.ca != nil
	return p
}

// devices are those of a test.
type devices struct {
	*client.Overlay
	*client.Run
	log *journal
}

// connect runs devices until the test ends.
func connect(t testing.TB, e *end, n int, services tunnel.Services, change func(*client.Options)) *devices {
	t.Helper()
	d := &devices{log: &journal{}}
	p := e.parameters()
	o := client.Options{
		Parameters: func(int) tunnel.Parameters { return p }, Serial: func(i int) uint64 { return 258 + uint64(i) }, Codec: tunnel.IP, MTU: tunnel.DefaultMTU, Ping: tunnel.PingAfter,
		Product: "provsim", Community: "public", File: "/file", QoEBytes: 100, Log: role.NewLog(d.log, false, time.Now()),
	}
	o.Agent = "provsim/test"
	if change != nil {
		change(&o)
	}
	s := &scenario.Scenario{Devices: n, Duration: time.Hour, Tunnel: &scenario.Tunnel{Services: services}}
	var err error
	if d.Run, err = client.NewRun(s, 0, sched.NewReal(time.Now())); err != nil {
		t.Fatal(err)
	}
	if d.Overlay, err = client.NewOverlay(o, d.Run.Post); err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(context.Background())
	ended := make(chan error, 1)
	go func() { ended <- d.Run.Drive(ctx, d.Overlay) }()
	t.Cleanup(func() { cancel(); <-ended; d.Overlay.Close() })
	return d
}

// get fetches a file through the tunnel of a device.
func get(t testing.TB, d *devices, device int, path string) []byte {
	t.Helper()
	ctx, cancel := context.WithTimeout(context.Background(), time.Minute)
	defer cancel()
	transport := &http.Transport{
		DisableKeepAlives: true,
		DialContext: func(ctx context.Context, network, address string) (net.Conn, error) {
			return d.DialContext(ctx, device, network, address)
		},
	}
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, "http://169.254.0.1"+path, nil)
	if err != nil {
		t.Fatal(err)
	}
	resp, err := transport.RoundTrip(req)
	if err != nil {
		t.Fatal(err)
	}
	defer resp.Body.Close()
	body, err := io.ReadAll(resp.Body)
	if err != nil || resp.StatusCode != http.StatusOK {
		t.Fatalf("status %d, %v", resp.StatusCode, err)
	}
	return body
}

func files(body []byte) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.URL.Path != "/file" {
			http.NotFound(w, r)
			return
		}
		w.Write(body)
	})
}

// WT-SVC-2, WT-COD-2, WT-COD-3: each service goes through the tunnel, with each
// codec, plain and over TLS, and the server knows the codec by itself.
func TestServices(t *testing.T) {
	body := bytes.Repeat([]byte("provsim!"), 1<<15)
	for i, codec := range tunnel.CodecNames {
		t.Run(codec, func(t *testing.T) {
			t.Parallel()
			e := start(t, i%2 == 0, func(o *server.Options) { o.Services.Files = files(body); o.Services.Poll = 50 * time.Millisecond })
			often := tunnel.Pace(50 * time.Millisecond)
			d := connect(t, e, 2, tunnel.Services{Files: often, NTP: often, Syslog: often, KeepAlive: often, QoE: often, DebugRecording: often},
				func(o *client.Options) { o.Codec = codec })
			for _, name := range []string{
				"http", "ntp", "syslog", "qoe", "debug recording", "trap .1.3.6.1.6.3.1.1.5.1", "trap .1.3.6.1.4.1.5003.9.10.1.21.2.0.16", "snmp, answers",
			} {
				eventually(t, name+" is used", func() bool { return e.Count(name) > 1 })
			}
			if got := get(t, d, 1, "/file"); !bytes.Equal(got, body) {
				t.Errorf("%d bytes of %d", len(got), len(body))
			}
			for _, c := range []struct{ command, want string }{
				{"get 258", "200 OK: provsim, serial number 258, at 169.254.2.2\n"}, {"poll 169.254.2.3", "sysDescr provsim\n"}, {"list", codec},
			} {
				got, err := e.Command(t.Context(), c.command)
				if err != nil || !strings.Contains(got, c.want) {
					t.Errorf("%s: %q, %v", c.command, got, err)
				}
			}
			if _, spoofed := d.Totals(); spoofed != 0 {
				t.Errorf("%d packets are spoofed", spoofed)
			}
		})
	}
}

// WT-ADR-2: derived and learnt, assigned, fixed.
func TestAddresses(t *testing.T) {
	t.Run("assigned", func(t *testing.T) {
		e := start(t, false, func(o *server.Options) { o.Assign = true })
		d := connect(t, e, 1, tunnel.Services{}, func(o *client.Options) { o.NoHeader = true })
		eventually(t, "the address is there", func() bool { return strings.Contains(d.log.String(), "address 169.254.1.0 assigned") })
	})
	t.Run("fixed", func(t *testing.T) {
		e := start(t, false, nil)
		connect(t, e, 1, tunnel.Services{}, func(o *client.Options) { o.Fixed = netip.MustParseAddr("169.254.9.9") })
		eventually(t, "the server has learnt it", func() bool { return strings.Contains(e.log.String(), "address 169.254.9.9 learnt") })
	})
}

// WT-ADR-3: of two tunnels with one address the newer wins, if the device is the
// same, and else the older.
func TestOneAddressTwice(t *testing.T) {
	e := start(t, false, nil)
	first := connect(t, e, 1, tunnel.Services{}, nil)
	eventually(t, "the first is there", func() bool { return strings.Contains(e.log.String(), "169.254.2.2 learnt") })
	connect(t, e, 1, tunnel.Services{}, nil)
	eventually(t, "the first is superseded", func() bool { return strings.Contains(first.log.String(), "closed status 4000, by the server") })
	other := connect(t, e, 1, tunnel.Services{}, func(o *client.Options) {
		o.Serial, o.Fixed = func(int) uint64 { return 999 }, netip.MustParseAddr("169.254.2.2")
	})
	eventually(t, "the third is refused", func() bool { return strings.Contains(other.log.String(), "closed status 1008, by the server") })
}

// WT-CON-4: the schemes that the device answers, and what it says where the
// password is wrong. WT-SEC-2: nothing of the password is in the logs.
func TestPasswords(t *testing.T) {
	e := start(t, false, nil)
	for _, auth := range []string{"", client.AuthBasic, client.AuthDigest} {
		d := connect(t, e, 1, tunnel.Services{}, func(o *client.Options) { o.Auth = auth })
		eventually(t, auth+" opens", func() bool { return strings.Contains(d.log.String(), "tunnel.ready") })
	}
	for auth, word := range map[string]string{"": "wrong-secret", client.AuthDigest: "other-secret", client.AuthNone: "123456"} {
		d := connect(t, e, 1, tunnel.Services{}, func(o *client.Options) {
			p := e.parameters()
			p.Password = word
			o.Auth, o.Parameters = auth, func(int) tunnel.Parameters { return p }
		})
		eventually(t, "it is refused", func() bool { return strings.Contains(d.log.String(), "unauthorized") })
		if text := d.log.String() + e.log.String(); strings.Contains(text, "secret") || strings.Contains(text, "123456") {
			t.Errorf("a log has a password:\n%s", text)
		}
	}
}

// WT-CON-2: the certificate has to be of a trusted root where that is asked for.
// The name counts only without the quirk tls-no-hostname.
func TestCertificates(t *testing.T) {
	e := start(t, true, nil)
	other, err := lab.NewAuthority("other", lab.ECDSA)
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct {
		name   string
		change func(*client.Options, *tunnel.Parameters)
		want   string
	}{
		{"nothing is verified", func(*client.Options, *tunnel.Parameters) {}, "tunnel.ready"},
		{"an empty store", func(_ *client.Options, p *tunnel.Parameters) { p.VerifyPeer = true }, "tls-untrusted"},
		{"another root", func(o *client.Options, p *tunnel.Parameters) { p.VerifyPeer, o.Roots = true, other.Pool() }, "tls-untrusted"},
		{"the root", func(o *client.Options, p *tunnel.Parameters) { p.VerifyPeer, o.Roots = true, e.ca.Pool() }, "tunnel.ready"},
		{"another name", func(o *client.Options, p *tunnel.Parameters) {
			p.VerifyPeer, o.Roots, p.Server, o.Resolver = true, e.ca.Pool(), strings.Replace(p.Server, "127.0.0.1", "ovoc.test", 1), loopback{}
		}, "tunnel.ready"},
		{"another name, and names count", func(o *client.Options, p *tunnel.Parameters) {
			p.VerifyPeer, o.Roots, p.Server, o.Resolver, o.CheckName = true, e.ca.Pool(), strings.Replace(p.Server, "127.0.0.1", "ovoc.test", 1), loopback{}, true
		}, "tls-name"},
		{"a name without DNS", func(_ *client.Options, p *tunnel.Parameters) { p.Server = "ovoc.test" }, "the device has no DNS server"}, // WT-CON-1
	} {
		p := e.parameters()
		d := connect(t, e, 1, tunnel.Services{}, func(o *client.Options) {
			c.change(o, &p)
			o.Parameters = func(int) tunnel.Parameters { return p }
		})
		eventually(t, c.name+": "+c.want, func() bool { return d.log.has(c.want) })
	}
}

// loopback resolves every name.
type loopback struct{}

func (loopback) LookupNetIP(context.Context, string, string) ([]netip.Addr, error) {
	return []netip.Addr{netip.MustParseAddr("127.0.0.1")}, nil
}

// WT-LIFE-1, WT-LIFE-3, WT-LIFE-4, WT-SRV-1: killed tunnels come back, and work.
func TestKilledTunnelsComeBack(t *testing.T) {
	e := start(t, true, func(o *server.Options) { o.Services.Files = files([]byte("x")) })
	d := connect(t, e, 20, tunnel.Services{}, nil)
	opened := func() int { return strings.Count(d.log.String(), "tunnel.ready") }
	eventually(t, "all are there", func() bool { return opened() == 20 && e.Tunnels() == 20 })
	if got, err := e.Command(t.Context(), "kill 50%"); err != nil || got != "10 tunnels are ended\n" {
		t.Errorf("%q, %v", got, err)
	}
	eventually(t, "half come back", func() bool { return opened() == 30 && e.Tunnels() == 20 })
	if _, err := e.Command(t.Context(), "kill all reset"); err != nil {
		t.Error(err)
	}
	eventually(t, "all come back", func() bool { return opened() == 50 && e.Tunnels() == 20 })
	if text := d.log.String(); strings.Count(text, "closed status 1001, by the server") != 10 || strings.Count(text, " lost by the server") != 20 || !strings.Contains(text, "resumed") {
		t.Error(text)
	}
	get(t, d, 7, "/file")
}

// WT-PAR-5: a changed parameter closes the tunnel with 1000, and opens it anew.
func TestChangedParameters(t *testing.T) {
	e := start(t, false, nil)
	d := connect(t, e, 1, tunnel.Services{}, nil)
	eventually(t, "it is there", func() bool { return strings.Contains(d.log.String(), "tunnel.ready") })
	d.Changed(0)
	eventually(t, "it is there again", func() bool { return strings.Count(d.log.String(), "tunnel.ready") == 2 })
	eventually(t, "the server was told", func() bool { return strings.Contains(e.log.String(), "closed status 1000, by the device") })
}

// WT-SRV-2, FV-OUT-3 (bad-upgrade), and the failures of the specification's section 8: each fault has its
// outcome at the device.
func TestFaults(t *testing.T) {
	for fault, want := range map[string]string{
		"401": "unauthorized", "403": "http-status", "404": "http-status", "503": "http-status", "accept": "bad-upgrade",
		"text": "closed status 1003, by the device", "close:1013": "closed status 1013, by the server", "in-use": "closed status 1008, by the server",
	} {
		t.Run(fault, func(t *testing.T) {
			t.Parallel()
			name, value, _ := strings.Cut(fault, ":")
			e := start(t, false, func(o *server.Options) {
				o.Faults = &server.Faults{List: []server.Fault{{Name: name, Value: value, Share: 1}}}
			})
			d := connect(t, e, 1, tunnel.Services{}, nil)
			eventually(t, want, func() bool { return strings.Contains(d.log.String(), want) })
		})
	}
	for fault, counted := range map[string]func(link.Counts, int64) bool{
		"spoof":   func(_ link.Counts, spoofed int64) bool { return spoofed == 1 },
		"unknown": func(c link.Counts, _ int64) bool { return c.Broken == 1 },
	} {
		t.Run(fault, func(t *testing.T) {
			t.Parallel()
			e := start(t, false, func(o *server.Options) { o.Faults = &server.Faults{List: []server.Fault{{Name: fault, Share: 1}}} })
			d := connect(t, e, 1, tunnel.Services{}, nil)
			eventually(t, "it is counted", func() bool { return counted(d.Totals()) })
			if e.Tunnels() != 1 {
				t.Error("the tunnel is closed for it")
			}
		})
	}
}

// WT-COD-4: both ends record upgrade, messages and packets, without secrets.
func TestRecordings(t *testing.T) {
	dir := t.TempDir()
	r, err := link.NewRecorder(dir)
	if err != nil {
		t.Fatal(err)
	}
	e := start(t, false, func(o *server.Options) { o.Services.Files = files(make([]byte, 200_000)) })
	d := connect(t, e, 1, tunnel.Services{}, func(o *client.Options) { o.Record = r })
	get(t, d, 0, "/file")
	if _, err := e.Command(t.Context(), "kill all"); err != nil {
		t.Error(err)
	}
	eventually(t, "the tunnel is closed", func() bool { return strings.Contains(d.log.String(), "tunnel.close") })
	text, err := os.ReadFile(filepath.Join(dir, "tunnel-000001-258.ndjson"))
	if err != nil {
		t.Fatal(err)
	}
	for what, want := range map[string]int{
		`"Authorization: Basic ***"`: 1, `"X-Tunnel-Device: 258"`: 1, `"Sec-Websocket-Accept: ***"`: 1, `"dir":"in","type":"binary"`: 64,
	} {
		if got := strings.Count(string(text), what); got != want {
			t.Errorf("%s stands %d times, want %d", what, got, want)
		}
	}
	if got := strings.Count(string(text), `"dir":"out"`); got < 10 || got > 64 {
		t.Errorf("%d messages out", got)
	}
	if strings.Contains(string(text), "VlBO") {
		t.Error("the recording has the password")
	}
	pcap, err := os.ReadFile(filepath.Join(dir, "tunnel-000001-258.pcap"))
	if err != nil || len(pcap) < 200_000 || fmt.Sprintf("%x", pcap[:4]) != "d4c3b2a1" {
		t.Errorf("%d bytes of packets, %v", len(pcap), err)
	}
}

// dialRaw opens a WebSocket that has no device behind it.
func dialRaw(t *testing.T, e *end) *websocket.Conn {
	t.Helper()
	c, _, err := websocket.Dial(t.Context(), e.http.URL+"/tun", &websocket.DialOptions{HTTPHeader: http.Header{"Authorization": {"Basic VlBOOjEyMzQ1Ng=="}}})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { c.CloseNow() })
	return c
}

// WT-SEC-1, WT-ADR-3: a peer with the packets of others is closed with 1008, its
// packets go nowhere, and other tunnels work on.
func TestSpoofing(t *testing.T) {
	e := start(t, false, func(o *server.Options) { o.Services.Files = files([]byte("x")) })
	d := connect(t, e, 2, tunnel.Services{}, nil)
	get(t, d, 0, "/file")
	get(t, d, 1, "/file")
	c := dialRaw(t, e)
	write := func(from, to netip.Addr) {
		if err := c.Write(t.Context(), websocket.MessageBinary, tunnel.Echo(from, to, 1, 1, []byte("provsim!"))); err != nil {
			t.Log(err)
		}
	}
	write(tunnel.Address(9), tunnel.Server)
	if _, _, err := c.Read(t.Context()); err != nil { // the answer: the address is learnt
		t.Fatal(err)
	}
	for _, to := range []string{"169.254.2.2", "169.254.255.255", "224.0.0.1", "10.0.0.1", "127.0.0.1"} {
		write(tunnel.Address(9), netip.MustParseAddr(to))
	}
	for range 100 {
		write(tunnel.Address(258), tunnel.Server)
	}
	_, _, err := c.Read(t.Context())
	if websocket.CloseStatus(err) != websocket.StatusPolicyViolation {
		t.Errorf("the peer is told %v", err)
	}
	eventually(t, "the tunnel is gone", func() bool { return e.Tunnels() == 2 })
	if sum := e.Totals(); sum.Spoofed < 100 || sum.Elsewhere != 5 {
		t.Errorf("%+v", sum)
	}
	if n, spoofed := d.Totals(); n.Broken != 0 || spoofed != 0 {
		t.Errorf("a device has got %d packets of others", spoofed)
	}
	get(t, d, 0, "/file")
	other := dialRaw(t, e)
	if err := other.Write(t.Context(), websocket.MessageBinary, tunnel.Echo(tunnel.Address(258), tunnel.Server, 1, 1, nil)); err != nil {
		t.Fatal(err)
	}
	if _, _, err := other.Read(t.Context()); websocket.CloseStatus(err) != websocket.StatusPolicyViolation {
		t.Errorf("a peer with a device's address is told %v", err)
	}
}

// WT-LIM-2: a peer that sends as fast as it can, questions and garbage, and takes no answer,
// loses packets of its own. Other tunnels stay, lose none, and get their answers.
func TestAFloodIsOfOneTunnel(t *testing.T) {
	body := bytes.Repeat([]byte("provsim!"), 1<<13)
	e := start(t, false, func(o *server.Options) { o.Services.Files = files(body) })
	const n = 4
	often := tunnel.Pace(20 * time.Millisecond)
	d := connect(t, e, n, tunnel.Services{NTP: often}, nil)
	eventually(t, "all are there", func() bool { return e.Tunnels() == n })
	flood := dialRaw(t, e)
	var sent atomic.Int64
	write := func(m []byte) {
		if flood.Write(t.Context(), websocket.MessageBinary, m) == nil {
			sent.Add(1)
		}
	}
	stack, err := netstack.New(tunnel.DefaultMTU, write)
	if err != nil {
		t.Fatal(err)
	}
	defer stack.Close()
	host, err := stack.Add(tunnel.Address(9))
	if err != nil {
		t.Fatal(err)
	}
	clock, err := host.Dial(t.Context(), "udp", "169.254.0.1:123")
	if err != nil {
		t.Fatal(err)
	}
	stop, ended := make(chan struct{}), make(chan struct{})
	go func() {
		defer close(ended)
		echo := tunnel.Echo(tunnel.Address(9), tunnel.Server, 1, 1, make([]byte, 1200))
		for {
			select {
			case <-stop:
				return
			default:
				write(echo)
				write(echo[:100])
				clock.Write(append([]byte{0x23}, make([]byte, 47)...)) // NTP version 4, a client
			}
		}
	}()
	eventually(t, "the peer takes nothing more", func() bool { return e.Totals().Dropped > 100 })
	before, answers := sent.Load(), e.Count("ntp")
	for i := range n {
		if got := get(t, d, i%n, "/file"); !bytes.Equal(got, body) {
			t.Errorf("%d bytes of %d", len(got), len(body))
		}
	}
	eventually(t, "the clock answers", func() bool { return e.Count("ntp") > answers+5*n })
	eventually(t, "the flood goes on", func() bool { return sent.Load() > before+100 })
	close(stop)
	<-ended
	text, err := e.Command(t.Context(), "list")
	for line := range strings.Lines(text) {
		if fields := strings.Fields(line); strings.HasPrefix(line, "2") && fields[len(fields)-2] != "0" { // the devices are 258 to 261
			t.Errorf("a device has lost packets: %s", line)
		}
	}
	if sum, _ := d.Totals(); err != nil || strings.Count(text, "169.254.2.") != n || sum.Dropped > 0 || d.log.has("tunnel.close") {
		t.Errorf("%v, %d packets dropped\n%s\n%s", err, sum.Dropped, text, d.log)
	}
}

// WT-LIM-2: a full server answers 503 with Retry-After.
func TestAFullServer(t *testing.T) {
	e := start(t, false, func(o *server.Options) { o.MaxTunnels = 1 })
	dialRaw(t, e)
	_, answer, err := websocket.Dial(t.Context(), e.http.URL+"/tun", &websocket.DialOptions{HTTPHeader: http.Header{"Authorization": {"Basic VlBOOjEyMzQ1Ng=="}}})
	if err == nil || answer.StatusCode != http.StatusServiceUnavailable || answer.Header.Get("Retry-After") != "30" {
		t.Errorf("%v, %v", answer, err)
	}
}

// WT-FLT-4: after tunnels, faults and services both ends leave no goroutine.
func TestEndsAreClean(t *testing.T) {
	before := runtime.NumGoroutine()
	t.Run("run", func(t *testing.T) {
		e := start(t, true, func(o *server.Options) {
			o.Services.Files = files(make([]byte, 100_000))
			o.Faults = &server.Faults{Seed: 1, List: []server.Fault{{Name: "drop", Value: "5", Share: 0.5}, {Name: "accept", Share: 0.2}, {Name: "text", Share: 0.1}, {Name: "close", Value: "1013", Share: 0.1}}}
		})
		often := tunnel.Pace(100 * time.Millisecond)
		d := connect(t, e, 10, tunnel.Services{Files: often, Syslog: often, QoE: often, NTP: often}, nil)
		eventually(t, "files come", func() bool { return e.Count("http") > 20 })
		if _, err := e.Command(t.Context(), "kill 50% reset"); err != nil {
			t.Error(err)
		}
		eventually(t, "more files come", func() bool { return e.Count("http") > 40 && e.Tunnels() > 3 })
		d.Goodbye()
	})
	eventually(t, fmt.Sprintf("%d goroutines are left", before), func() bool { return runtime.NumGoroutine() <= before })
}
