package bench

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"net/netip"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"provsim/device"
	"provsim/internal/dhcp"
	"provsim/internal/dhcp/server"
	"provsim/internal/fetch/web"
	rolelog "provsim/internal/role"
	"provsim/internal/role/activator"
	"provsim/internal/role/gateway"
	"provsim/internal/role/teleware"
	"provsim/internal/testing/peer"
	"provsim/resync"
)

// BenchmarkGateway measures the systems of the gateway's story: leases with an alert, a
// number and an event each beside provsim's DHCP server, which has none of these; events
// from their arrival to the published files; and requests for published files beside
// nginx on the same folder.
func BenchmarkGateway(b *testing.B) {
	b.Run("leases/tool=gateway", func(b *testing.B) {
		events := httptest.NewServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) {}))
		defer events.Close()
		leasesFrom(b, func(relay uint16) (string, func()) { return startGateway(b, events.URL+"/", "http://192.0.2.1") })
	})
	b.Run("leases/tool=dhcp", func(b *testing.B) {
		leasesFrom(b, func(relay uint16) (string, func()) {
			s, err := server.Start(server.Config{RelayPort: relay, Pools: []server.Pool{{
				First: netip.MustParseAddr("10.0.0.10"), Last: netip.MustParseAddr("10.0.255.250"), Bits: 8, Options: server.Options{Option66: "http://192.0.2.1/p"},
			}}})
			if err != nil {
				b.Fatal(err)
			}
			return s.Addr().String(), func() { s.Close() }
		})
	})
	b.Run("events", benchmarkEvents)
	b.Run("files/tool=activator", func(b *testing.B) {
		a := startActivator(b, b.TempDir(), 1, true)
		filesFrom(b, a.URL)
	})
	b.Run("files/tool=nginx", func(b *testing.B) {
		program, host, dir := peer.Find(b, "nginx", "nginx"), peer.Loopback(), peer.PublicDir(b)
		startActivator(b, dir, 1, true)
		for _, path := range []string{"web", "web/phoneprovisioning", "web/phoneprovisioning/1000"} {
			peer.Chmod(b, filepath.Join(dir, path), 0o755)
		}
		for _, name := range activator.TemplateNames {
			peer.Chmod(b, filepath.Join(dir, "web/phoneprovisioning/1000", name), 0o644)
		}
		if err := os.Symlink("web", filepath.Join(dir, "www")); err != nil {
			b.Fatal(err)
		}
		address := fmt.Sprintf("%s:%d", host, peer.FreePorts(b, "tcp", host, 1))
		path := config(b, dir, "gateway.conf", "@ADDRESS@", address)
		p := peer.Start(b, dir, peer.Listens(address), program, "-c", path, "-e", filepath.Join(dir, "start.log"))
		defer p.Stop(b)
		filesFrom(b, "http://"+address)
	})
}

// BenchmarkGatewayPhones is 1,000 Polycom phones of both generations that are switched on
// within 20 s, lease from the gateway, and fetch what the Activator publishes for them.
func BenchmarkGatewayPhones(b *testing.B) {
	dir := b.TempDir()
	files := startActivator(b, dir, 0, false)
	relay, end := startGateway(b, files.URL+activator.EventPath, files.URL)
	defer end()
	host, port, err := net.SplitHostPort(relay)
	if err != nil {
		b.Fatal(err)
	}
	out := filepath.Join(dir, "results")
	if err := execute(b.Context(), provsim(b), "fleet", "--scenario", config(b, dir, "gateway.yaml"), "--out", out,
		"--dhcp-relay", net.JoinHostPort(host, port), "--dhcp-listen", "127.0.0.1:0"); err != nil {
		b.Fatal(err)
	}
	text, err := os.ReadFile(filepath.Join(out, "summary.json"))
	if err != nil {
		b.Fatal(err)
	}
	var summary struct {
		Provisioned struct{ Count float64 }
		Times       []struct {
			Name     string
			P50, P99 float64
		}
		Counts struct{ Transfers []struct{ Count float64 } }
	}
	if err := json.Unmarshal(text, &summary); err != nil {
		b.Fatal(err)
	}
	requests := 0.0
	for _, t := range summary.Counts.Transfers {
		requests += t.Count
	}
	figures := []figure{{summary.Provisioned.Count, "provisioned"}, {requests, "requests"}}
	for _, t := range summary.Times {
		if t.Name == "transfer" {
			figures = append(figures, figure{t.P50, "p50-sec"}, figure{t.P99, "p99-sec"})
		}
	}
	report(b, figures...)
}

// How much is done in one turn, and by how many at once.
const (
	gatewayLeases = 20_000
	gatewayEvents = 2_000
	gatewayFiles  = 20_000
	atOnce        = 32
)

// startGateway starts a gateway with an alert for all phones.
func startGateway(b *testing.B, events, files string) (address string, end func()) {
	o := gateway.Options{Log: rolelog.NewLog(io.Discard, false, time.Now())}
	o.Settings, o.Random = gateway.Defaults(), gateway.Crypto
	for _, line := range []string{
		"dhcp server pool = 10.0.0.10-10.0.255.250/8", "dhcp server router = 10.0.0.1", "dhcp server tftp server 1 = " + files + "/phoneprovisioning",
		"dhcp server mac alert enabled 1 = yes", "dhcp server mac alert address 1 = 0", "dhcp server mac alert mask 1 = 0",
		"dhcp server mac alert randomise tftp server name 1 = yes",
		"event forwarding discriminator entry class 1 = DHCP", "event forwarding discriminator entry target 1 = activator",
		"http client events path = " + events,
	} {
		if err := o.Set(line); err != nil {
			b.Fatal(err)
		}
	}
	var err error
	if o.Conn, err = net.ListenPacket("udp4", "127.0.0.1:0"); err != nil {
		b.Fatal(err)
	}
	s := gateway.Start(o)
	return o.Conn.LocalAddr().String(), func() { s.Close() }
}

// leasesFrom leases addresses for phones of which some ask at once, as a relay agent on
// one socket does. Start starts the server, whose answers come to the agent's port.
func leasesFrom(b *testing.B, start func(relay uint16) (address string, end func())) {
	conn, err := net.ListenUDP("udp4", &net.UDPAddr{IP: net.IPv4(127, 0, 0, 1)})
	if err != nil {
		b.Fatal(err)
	}
	defer conn.Close()
	address, end := start(uint16(conn.LocalAddr().(*net.UDPAddr).Port))
	defer end()
	to := net.UDPAddrFromAddrPort(netip.MustParseAddrPort(address))
	send := func(n int, m dhcp.Message) error {
		c := dhcp.Client{MAC: device.MAC{0, 4, 0xf2, 0, byte(n >> 8), byte(n)}}
		m.XID = uint32(n)
		packet := c.Packet(m)
		copy(packet[24:], []byte{127, 0, 0, 1}) // giaddr
		_, err := conn.WriteTo(packet, to)
		return err
	}
	leases := 0
	measure(b, gatewayLeases, "leases/s", func(context.Context) error {
		var room [1500]byte
		next := 0
		for ; next < atOnce; next++ {
			if err := send(next, dhcp.Message{Type: dhcp.Discover}); err != nil {
				return err
			}
		}
		for leases < gatewayLeases {
			conn.SetReadDeadline(time.Now().Add(10 * time.Second))
			n, err := conn.Read(room[:])
			if err != nil {
				return fmt.Errorf("after %d leases: %w", leases, err)
			}
			reply, err := dhcp.Decode(room[:n])
			if err != nil {
				return err
			}
			switch reply.Type {
			case dhcp.Offer:
				err = send(int(reply.XID), dhcp.Message{Type: dhcp.Request, Requested: reply.Lease.Addr, Server: reply.Server})
			case dhcp.Ack:
				if leases++; next < gatewayLeases {
					err = send(next, dhcp.Message{Type: dhcp.Discover})
					next++
				}
			default:
				err = fmt.Errorf("a reply of type %v", reply.Type)
			}
			if err != nil {
				return err
			}
		}
		return nil
	}, func() error { return nil })
}

// startActivator starts an Activator with its account server, and publishes the files of
// some phones, whose numbers begin at 1000. After says that an event is answered when its
// files are there, and not at once.
func startActivator(b *testing.B, dir string, phones int, after bool) *httptest.Server {
	log := rolelog.NewLog(io.Discard, false, time.Now())
	accounts := teleware.Accounts{}
	for n := range max(phones, gatewayEvents) {
		mac := device.MAC{0, 4, 0xf2, 0, byte(n >> 8), byte(n)}
		accounts[mac] = teleware.Account{MAC: mac, Reseller: "Acme", User: "2001", Password: "s3cret", Server: "sip.example.net"}
	}
	asked := httptest.NewServer(&teleware.Server{Accounts: accounts, Log: log})
	b.Cleanup(asked.Close)
	to, err := url.Parse(asked.URL + teleware.Path)
	if err != nil {
		b.Fatal(err)
	}
	a, err := activator.Open(activator.Options{
		Config: activator.Config{AnswerAfter: after}, Root: dir, WebRoot: filepath.Join(dir, "web"), Templates: activator.Sample(), Teleware: to, Log: log,
	})
	if err != nil {
		b.Fatal(err)
	}
	s := httptest.NewServer(a)
	b.Cleanup(func() { s.Close(); a.Close() })
	for n := range phones {
		if err := publish(b.Context(), s.URL, n); err != nil {
			b.Fatal(err)
		}
	}
	return s
}

// publish sends an event, whose answer comes when the files are there.
func publish(ctx context.Context, activatorURL string, n int) error {
	form := fmt.Sprintf("class=DHCP&subclass=67&mac=0004f200%04x&rand=%d", n, 1000+n)
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, activatorURL+activator.EventPath, strings.NewReader(form))
	if err != nil {
		return err
	}
	resp, err := http.DefaultClient.Do(req)
	if err != nil {
		return err
	}
	resp.Body.Close()
	if resp.StatusCode != http.StatusOK {
		return fmt.Errorf("the event %d gets %s", n, resp.Status)
	}
	return nil
}

func benchmarkEvents(b *testing.B) {
	dir := b.TempDir()
	s := startActivator(b, dir, 0, true)
	measure(b, gatewayEvents, "events/s", func(ctx context.Context) error {
		return inParallel(gatewayEvents, func(n int) error { return publish(ctx, s.URL, n) })
	}, func() error {
		trees, err := os.ReadDir(filepath.Join(dir, "web", "phoneprovisioning"))
		if err == nil && len(trees) != gatewayEvents {
			err = fmt.Errorf("%d trees were published, want %d", len(trees), gatewayEvents)
		}
		return err
	})
}

// filesFrom fetches a published file again and again, each time on a new connection, as
// phones do.
func filesFrom(b *testing.B, base string) {
	client := &web.Client{}
	at, err := netip.ParseAddrPort(strings.TrimPrefix(base, "http://"))
	if err != nil {
		b.Fatal(err)
	}
	want := activator.Sample()["sip.cfg"]
	req := device.Request{Limit: 1 << 20, Timeout: 10 * time.Second}
	req.Scheme, req.Host, req.Port, req.Path = "http", at.Addr().String(), at.Port(), "/phoneprovisioning/1000/sip.cfg"
	measure(b, gatewayFiles, "GETs/s", func(ctx context.Context) error {
		return inParallel(gatewayFiles, func(int) error {
			reply := client.Fetch(ctx, req)
			if reply.Outcome != resync.None {
				return fmt.Errorf("%v: %s", reply.Outcome, reply.Note)
			}
			return same(reply.Body, want)
		})
	}, func() error { return nil })
}

// inParallel does something n times, several at once, and returns the first error.
func inParallel(n int, do func(int) error) error {
	var next atomic.Int64
	var work sync.WaitGroup
	failed := make(chan error, atOnce)
	for range atOnce {
		work.Go(func() {
			for i := int(next.Add(1)) - 1; i < n; i = int(next.Add(1)) - 1 {
				if err := do(i); err != nil {
					failed <- err
					return
				}
			}
		})
	}
	work.Wait()
	close(failed)
	return errors.Join(<-failed)
}
