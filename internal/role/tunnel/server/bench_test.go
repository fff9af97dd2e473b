//go:build unix

package server_test

import (
	"context"
	"crypto/tls"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"regexp"
	"runtime"
	"slices"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"

	"provsim/fleet/scenario"
	"provsim/internal/limits"
	"provsim/internal/role"
	"provsim/internal/role/tunnel"
	"provsim/internal/role/tunnel/client"
	"provsim/internal/role/tunnel/server"
	"provsim/internal/sched"
	"provsim/internal/testing/peer"
)

// A file of 1 MiB through a tunnel over TLS, and the same file over TLS without one,
// with a new connection each time. The processor time is of both ends.
func BenchmarkMegabyte(b *testing.B) {
	body := make([]byte, 1<<20)
	fetch := func(b *testing.B, url string, t *http.Transport) {
		t.DisableKeepAlives = true
		b.SetBytes(1 << 20)
		before := used()
		for b.Loop() {
			resp, err := (&http.Client{Transport: t}).Get(url + "/file")
			if err != nil {
				b.Fatal(err)
			}
			if n, err := io.Copy(io.Discard, resp.Body); n != 1<<20 || err != nil {
				b.Fatal(n, err)
			}
			resp.Body.Close()
		}
		b.ReportMetric(float64((used()-before).Microseconds())/1000/float64(b.N), "cpu-ms/op")
	}
	for _, mtu := range []int{tunnel.DefaultMTU, 1500} {
		b.Run(fmt.Sprint("tunnel/MTU=", mtu), func(b *testing.B) {
			e := start(b, true, func(o *server.Options) { o.Services.Files, o.MTU = files(body), mtu })
			d := connect(b, e, 1, tunnel.Services{}, func(o *client.Options) { o.MTU = mtu })
			fetch(b, "http://169.254.0.1", &http.Transport{DialContext: func(ctx context.Context, network, address string) (net.Conn, error) {
				return d.DialContext(ctx, 0, network, address)
			}})
		})
	}
	b.Run("https", func(b *testing.B) {
		s := httptest.NewTLSServer(files(body))
		defer s.Close()
		fetch(b, s.URL, &http.Transport{TLSClientConfig: &tls.Config{InsecureSkipVerify: true}})
	})
}

// used is the processor time of this process and of the programs that it has run.
func used() (sum time.Duration) {
	for _, who := range []int{syscall.RUSAGE_SELF, syscall.RUSAGE_CHILDREN} {
		var u syscall.Rusage
		_ = syscall.Getrusage(who, &u) // it returns no error
		sum += time.Duration(u.Utime.Nano() + u.Stime.Nano())
	}
	return sum
}

// Devices that all start at once, until each has its tunnel over TLS, and openssl s_time,
// which makes one full handshake after the other with the same server. The processor time
// is of both ends.
func BenchmarkHandshakes(b *testing.B) {
	report := func(b *testing.B, n int, took, processor time.Duration) {
		b.ReportMetric(0, "ns/op") // which is left out of the output
		b.ReportMetric(float64(n)/took.Seconds(), "handshakes/s")
		b.ReportMetric(float64(processor.Microseconds())/1000/float64(n), "cpu-ms/handshake")
	}
	b.Run("tool=provsim", func(b *testing.B) {
		const n = 500
		e := start(b, true, nil)
		begun, before := time.Now(), used()
		connect(b, e, n, tunnel.Services{NTP: tunnel.Never, KeepAlive: tunnel.Never}, nil)
		eventually(b, "all have a tunnel", func() bool { return e.Tunnels() == n })
		report(b, n, time.Since(begun), used()-before)
	})
	b.Run("tool=openssl", func(b *testing.B) {
		program := peer.Find(b, "openssl", "openssl")
		e := start(b, true, nil)
		begun, before := time.Now(), used()
		out, err := exec.Command(program, "s_time", "-connect", e.parameters().Server, "-new", "-time", "3").CombinedOutput()
		took := time.Since(begun)
		found := regexp.MustCompile(`(\d+) connections in`).FindSubmatch(out)
		if err != nil || found == nil {
			b.Fatalf("%v: %q", err, out)
		}
		n, _ := strconv.Atoi(string(found[1]))
		report(b, n, took, used()-before)
	})
}

// The soak: 200 devices over TLS with all services for the time SOAK, at a server with
// faults, of whose tunnels a tenth is ended each 10 s and all are reset each minute. It
// fails where goroutines, descriptors or memory of both ends grow after the first tenth.
func BenchmarkTunnelSoak(b *testing.B) {
	length, err := time.ParseDuration(os.Getenv("SOAK"))
	if err != nil || length < time.Minute {
		b.Skip("SOAK is no time of at least 1m: see bench/run TunnelSoak")
	}
	e := start(b, true, func(o *server.Options) {
		o.Log, o.Services.Files, o.Services.Poll = role.NewLog(io.Discard, false, time.Now()), files(make([]byte, 100_000)), 10*time.Second
		o.Faults = &server.Faults{Seed: 1, List: []server.Fault{
			{Name: "503", Share: 0.05}, {Name: "hang", Share: 0.02}, {Name: "accept", Share: 0.05}, {Name: "text", Share: 0.02}, {Name: "close", Value: "1013", Share: 0.05},
			{Name: "silent", Share: 0.02}, {Name: "no-pong", Share: 0.1}, {Name: "unknown", Share: 0.1}, {Name: "spoof", Share: 0.1},
			{Name: "drop", Value: "2", Share: 0.2}, {Name: "delay", Value: "20ms", Share: 0.1},
		}}
	})
	often := tunnel.Pace(5 * time.Second)
	connect(b, e, 200, tunnel.Services{Files: often, NTP: often, Syslog: often / 5, KeepAlive: often, QoE: often, DebugRecording: often / 5}, func(o *client.Options) { o.Log = nil })
	grows := []struct {
		what  string
		slack float64
		read  func() float64
	}{
		{"goroutines", 50, func() float64 { return float64(runtime.NumGoroutine()) }},
		{"descriptors", 50, func() float64 { return float64(limits.ThisMachine(1).Read().Descriptors) }},
		{"MiB", 8, func() float64 { return float64(inUse()) / (1 << 20) }},
	}
	var parts [10][3][]float64
	second := time.NewTicker(time.Second)
	defer second.Stop()
	for n, begun := 1, time.Now(); time.Since(begun) < length; n++ {
		<-second.C
		switch {
		case n%60 == 0:
			_, err = e.Command(b.Context(), "kill all reset")
		case n%10 == 0:
			_, err = e.Command(b.Context(), "kill 10%")
		}
		if err != nil {
			b.Fatal(err)
		}
		for i, g := range grows {
			part := &parts[min(int(10*time.Since(begun)/length), 9)][i]
			*part = append(*part, g.read())
		}
	}
	for i, g := range grows {
		var text strings.Builder
		var least [10]float64 // what the transfers that are under way take is not growth
		for n := range parts {
			least[n] = slices.Min(parts[n][i])
			fmt.Fprintf(&text, " %.0f (%.0f)", least[n], slices.Max(parts[n][i]))
		}
		b.Logf("%s by tenths, smallest and largest:%s", g.what, text.String())
		if least[9] > 1.1*least[1]+g.slack {
			b.Errorf("%s grew from %.0f to %.0f", g.what, least[1], least[9])
		}
	}
	sum := e.Totals()
	b.Logf("%d files; packets dropped %d, spoofed %d; tunnels at the end %d", e.Count("http"), sum.Dropped, sum.Spoofed, e.Tunnels())
}

// Idle tunnels over TLS, both ends in this process: TUNNELS of them, or 500.
func BenchmarkIdleTunnels(b *testing.B) {
	n, err := strconv.Atoi(os.Getenv("TUNNELS"))
	if err != nil {
		n = 500
	}
	limits.RaiseDescriptors(uint64(2*n + 1000))
	for b.Loop() {
		e := start(b, true, func(o *server.Options) { o.MaxTunnels = n })
		p := e.parameters()
		s := &scenario.Scenario{Devices: n, Duration: time.Hour, Phases: []scenario.Phase{{Over: time.Duration(n) * 2 * time.Millisecond}}, Tunnel: &scenario.Tunnel{Services: tunnel.Services{NTP: tunnel.Never, KeepAlive: tunnel.Never}}}
		before, goroutines := inUse(), runtime.NumGoroutine()
		r, err := client.NewRun(s, 0, sched.NewReal(time.Now()))
		if err != nil {
			b.Fatal(err)
		}
		o, err := client.NewOverlay(client.Options{
			Parameters: func(int) tunnel.Parameters { return p }, Serial: func(i int) uint64 { return uint64(i) }, Codec: tunnel.IP, MTU: tunnel.DefaultMTU, Ping: tunnel.PingAfter, Community: "public",
		}, r.Post)
		if err != nil {
			b.Fatal(err)
		}
		ctx, cancel := context.WithCancel(context.Background())
		all := make(chan struct{})
		begun := time.Now()
		r.Progress = func(_ time.Duration, f *client.Figures) {
			if f.Open == n && all != nil {
				close(all)
				all = nil
			}
		}
		opened, done := all, make(chan error, 1)
		go func() { done <- r.Drive(ctx, o) }()
		<-opened
		b.ReportMetric(float64(n)/time.Since(begun).Seconds(), "starts/s")
		b.ReportMetric(float64(inUse()-before)/float64(n)/1024, "KiB/tunnel")
		b.ReportMetric(float64(runtime.NumGoroutine()-goroutines)/float64(n), "goroutines/tunnel")
		cancel()
		<-done
		o.Close()
	}
}

// inUse is the memory that heap and stacks have, after a collection.
func inUse() uint64 {
	runtime.GC()
	runtime.GC()
	var m runtime.MemStats
	runtime.ReadMemStats(&m)
	return m.HeapInuse + m.StackInuse
}
