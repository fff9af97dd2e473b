package bench

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"syscall"
	"testing"
	"time"

	"provsim/internal/testing/peer"
)

// BenchmarkTunnelStorm kills the server of 1,000 tunnels over TLS, starts it again after a
// time, and reports when the devices are back, beside what the specification expects
// (WT-FLT-2).
func BenchmarkTunnelStorm(b *testing.B) {
	const (
		devices     = 1000
		connectTime = 30 * time.Second // a device gives a try up after it
	)
	for _, c := range []struct {
		down     time.Duration
		expected [4]float64 // seconds until 50, 90, 99 and 100 % are back
		peak     float64    // connects in a second
	}{
		{10 * time.Second, [4]float64{5.5, 14, 29, 60}, 147},
		{time.Minute, [4]float64{18, 41, 54, 60}, 34},
	} {
		b.Run(fmt.Sprintf("down=%v", c.down), func(b *testing.B) {
			ctx, cancel := context.WithTimeout(b.Context(), 2*patience)
			defer cancel()
			dir, server, metrics := b.TempDir(), peer.Loopback()+":18443", peer.Loopback()+":19092"
			start := func() *peer.Program {
				return peer.Start(b, dir, peer.Listens(server), provsim(b), "serve", "tunnel", "--listen", "https://"+server)
			}
			program := start()
			run := exec.CommandContext(ctx, provsim(b), "tunnel", "--set", "WSTunServer="+server, "--set", "WSTunSecured=1",
				"--devices", fmt.Sprint(devices), "--for", "1h", "--out", dir, "--metrics", metrics)
			run.SysProcAttr = &syscall.SysProcAttr{Pdeathsig: syscall.SIGTERM}
			if err := run.Start(); err != nil {
				b.Fatal(err)
			}
			open := func() {
				for n := 0.0; n < devices; n = readMetrics("http://" + metrics + "/metrics")["provsim_tunnels_open"] {
					if !rest(ctx, 100*time.Millisecond) {
						b.Fatalf("%.0f tunnels are open after %v, want %d", n, 2*patience, devices)
					}
				}
			}
			open()
			program.Signal(b, syscall.SIGKILL)
			rest(ctx, c.down)
			start()
			open()
			_ = run.Process.Signal(syscall.SIGINT)
			ended := run.Wait() // with 1: tunnels were lost
			var summary struct {
				Storms []struct {
					Back  [4]time.Duration `json:"back_ns"` // 50, 90, 99 and 100 % of the devices
					Peak  int              `json:"peak"`
					Tries int              `json:"tries"`
				} `json:"storms"`
				Invalid []string `json:"invalid"`
			}
			text, err := os.ReadFile(filepath.Join(dir, "summary.json"))
			if err := errors.Join(err, json.Unmarshal(text, &summary)); err != nil || len(summary.Storms) != 1 {
				b.Fatalf("%v, want one storm in %.300q; the run: %v", err, text, ended)
			}
			s := summary.Storms[0]
			report(b, figure{float64(s.Peak), "peak/s"}, figure{c.peak, "peak-expected/s"}, figure{float64(s.Tries) / devices, "tries/device"})
			for i, name := range []string{"50%", "90%", "99%", "100%"} {
				b.ReportMetric(s.Back[i].Seconds(), name+"-sec")
				b.ReportMetric(c.expected[i], name+"-expected-sec")
			}
			for _, why := range summary.Invalid {
				b.Logf("INVALID: %s", why)
			}
			if most := time.Minute + connectTime; s.Back[3] > most {
				b.Errorf("the last device was back after %v, want %v at most", s.Back[3], most)
			}
		})
	}
}
