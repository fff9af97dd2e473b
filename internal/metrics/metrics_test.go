package metrics

import (
	"net/http"
	"net/http/httptest"
	"runtime"
	"strings"
	"testing"
	"time"

	"provsim/device"
	"provsim/internal/journal"
	"provsim/internal/tally"
	"provsim/resync"
)

// mac numbers devices by their last byte.
func mac(n byte) device.MAC { return device.MAC{0, 0x21, 0xf2, 0, 0, n} }

func ofTwo() *Metrics { return New("v1.2.3", 2, func(m device.MAC) int { return int(m[5]) }) }

// resyncs counts one resync of each of two devices: one succeeds 3 s after it was
// due, one fails for lack of a descriptor here.
func resyncs(t *testing.T, m *Metrics) {
	t.Helper()
	for _, r := range []journal.Record{
		{T: 2 * time.Second, Device: mac(0), Event: device.Event{Kind: device.ResyncStart, Job: resync.Resync, Cause: resync.Periodic, Due: time.Second}},
		{T: 2 * time.Second, Device: mac(1), Event: device.Event{Kind: device.ResyncStart, Job: resync.Resync, Cause: resync.Periodic, Due: 2 * time.Second}},
		{T: 3 * time.Second, Device: mac(0), Event: device.Event{Kind: device.Transferred, Job: resync.Resync, Outcome: resync.NotFound, Expected: true, Took: time.Second}},
		{T: 4 * time.Second, Device: mac(0), Event: device.Event{Kind: device.ResyncDone, Job: resync.Resync, Outcome: resync.Applied, Took: 2 * time.Second, Bytes: 100, Tries: 12}},
		{T: 5 * time.Second, Device: mac(1), Event: device.Event{Kind: device.ResyncDone, Job: resync.Resync, Outcome: resync.Unreachable, Took: 3 * time.Second, Local: true}},
	} {
		if err := m.Add(&r); err != nil {
			t.Fatal(err)
		}
	}
}

func scrape(t *testing.T, m *Metrics) string {
	t.Helper()
	answer := httptest.NewRecorder()
	m.Handler().ServeHTTP(answer, httptest.NewRequest(http.MethodGet, "/metrics", nil))
	if answer.Code != http.StatusOK {
		t.Fatalf("status %d", answer.Code)
	}
	return answer.Body.String()
}

func TestScrape(t *testing.T) {
	m := ofTwo()
	resyncs(t, m)
	m.Lag(time.Second, time.Second+3*time.Millisecond)
	s := tally.Snapshot{Provisioned: 380, Bans: 3}
	s.States[tally.Booting] = 380
	m.Show(&s)
	text := scrape(t, m)
	for _, want := range []string{
		`provsim_starts_total{cause="periodic",job="resync"} 2`,
		`provsim_jobs_total{job="resync",outcome="applied"} 1`,
		`provsim_jobs_total{job="resync",outcome="unreachable"} 1`,
		`provsim_received_bytes_total{job="resync"} 100`,
		`provsim_transfers_total{class="config",expected="true",outcome="not-found"} 1`,
		`provsim_transfers_total{class="config",expected="false",outcome="applied"} 1`,
		`provsim_transfer_seconds_sum{class="config"} 5`,
		`provsim_latency_seconds_sum{job="resync",outcome="applied"} 3`,
		`provsim_service_seconds_sum{job="resync",outcome="applied"} 2`,
		`provsim_latency_seconds_bucket{job="resync",outcome="applied",le="2"} 0`,
		`provsim_latency_seconds_bucket{job="resync",outcome="applied",le="5"} 1`,
		`provsim_tries_total{tries="more"} 1`,
		`provsim_local_failures_total 1`,
		`provsim_lag_seconds_count 1`,
		`provsim_devices{state="booting"} 380`,
		`provsim_devices{state="idle"} 0`,
		`provsim_devices_provisioned 380`,
		`provsim_build_info{goversion="` + runtime.Version() + `",version="v1.2.3"} 1`,
		`provsim_bans 3`,
	} {
		if !strings.Contains(text, want+"\n") {
			t.Errorf("%s is missing", want)
		}
	}
	if strings.Contains(text, `state="provisioned"`) {
		t.Error("provisioned is a state beside the count of the provisioned devices: the two differ")
	}
	if t.Failed() {
		t.Log(text)
	}
}

// However many devices there are, none has a series of its own.
func TestNoSeriesOfADevice(t *testing.T) {
	m := ofTwo()
	resyncs(t, m)
	if text := scrape(t, m); strings.Contains(text, "0021f2") || strings.Contains(text, "00:21:f2") {
		t.Errorf("a device's address is in\n%s", text)
	}
}

// Servers that know native histograms get them, by the binary format.
func TestNativeHistograms(t *testing.T) {
	m := ofTwo()
	resyncs(t, m)
	families, err := m.registry.Gather()
	if err != nil {
		t.Fatal(err)
	}
	native := 0
	for _, f := range families {
		for _, metric := range f.GetMetric() {
			if h := metric.GetHistogram(); strings.HasPrefix(f.GetName(), "provsim_latency") && h != nil && len(h.GetPositiveSpan()) > 0 && len(h.GetBucket()) > 0 {
				native++
			}
		}
	}
	if native != 2 {
		t.Errorf("%d latency histograms are native and classic, want 2", native)
	}
}

// Counting a record takes next to nothing beside a transfer.
func BenchmarkAdd(b *testing.B) {
	m := ofTwo()
	start := journal.Record{Device: mac(0), Event: device.Event{Kind: device.ResyncStart, Job: resync.Resync, Cause: resync.Periodic}}
	done := journal.Record{T: time.Second, Device: mac(0), Event: device.Event{Kind: device.ResyncDone, Job: resync.Resync, Outcome: resync.Unchanged, Took: time.Second}}
	b.ReportAllocs()
	for b.Loop() {
		_ = m.Add(&start)
		_ = m.Add(&done)
	}
}
