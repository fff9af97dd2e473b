package model

import (
	"encoding/json"
	"errors"
	"math"
	"slices"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
)

// Each fault names the field, what was found and what is wanted.
func TestValidate(t *testing.T) {
	for _, test := range []struct {
		change func(*Config)
		want   string
	}{
		{func(*Config) {}, ""},
		{func(c *Config) { c.RoundTrip = -1 }, "round-trip is -1ns, want 0s to 1m0s"},
		{func(c *Config) { c.HTTP.Workers = 0 }, "http.workers is 0, want 1 to 1000000"},
		{func(c *Config) { c.HTTP.Queue = math.MaxInt }, "http.queue is 9223372036854775807, want 0 to 16777216"},
		{func(c *Config) { c.HTTP.Rate = -1 }, "http.rate is -1, want 0 bytes per second or more"},
		{func(c *Config) { c.HTTP.Refuse = math.NaN() }, "http.refuse is NaN, want 0 to 1"},
		{func(c *Config) { c.HTTP.Refuse = math.Inf(1) }, "http.refuse is +Inf, want 0 to 1"},
		{func(c *Config) { c.HTTP.Full = "busy" }, `http.full is "busy", want one of ["silence" "refused" "403" "429" "503"]`},
		{func(c *Config) { c.HTTP.WaitLimit = -1 }, "http.wait-limit is -1ns, want 0s to 24h0m0s"},
		{func(c *Config) { c.HTTP.ServiceLimit = math.MaxInt64 }, "http.service-limit is 2562047h47m16.854775807s, want 0s to 24h0m0s"},
		{func(c *Config) { c.HTTP.Resync = Fixed(-1) }, "http.resync.mean is -1ns, want 0s to 24h0m0s"},
		{func(c *Config) { c.HTTP.Resync = Dist{Mean: 1} }, `http.resync.mean is set, want a shape that uses it, not ""`},
		{func(c *Config) { c.HTTP.Upgrade = Dist{Shape: "normal"} }, `http.upgrade.shape is "normal", want one of ["constant" "uniform" "exponential" "lognormal" "empirical"]`},
		{func(c *Config) { c.HTTP.TLS = Dist{Shape: Uniform, Min: 3, Max: 2} }, "http.tls.max is 2ns, want 3ns to 24h0m0s"},
		{func(c *Config) { c.TFTP.Accept = Dist{Shape: LogNormal, P99: 2} }, "tftp.accept.median is 0s, want 1ns to 24h0m0s"},
		{func(c *Config) { c.TFTP.Accept = Dist{Shape: LogNormal, Median: 2, P99: 1} }, "tftp.accept.p99 is 1ns, want 2ns to 24h0m0s"},
		{func(c *Config) { c.TFTP.Accept = Dist{Shape: Empirical} }, "tftp.accept.values is a list of 0, want 1 to 1000000 durations"},
		{func(c *Config) { c.TFTP.Accept = Dist{Shape: Empirical, Values: []time.Duration{1, -2}} }, "tftp.accept.values is a list from -2ns to 1ns, want 0s to 24h0m0s"},
		{func(c *Config) { c.TFTP.Buffer = 0 }, "tftp.buffer is 0, want 1 to 16777216"},
		{func(c *Config) { c.TFTP.Transfers = -1 }, "tftp.transfers is -1, want 0 to 1000000"},
		{func(c *Config) { c.TFTP.Block = -1 }, "tftp.block is -1ns, want 0s to 24h0m0s"},
		{func(c *Config) { c.TFTP.Waits = nil }, "tftp.waits is a list of 0, want 1 to 32 durations"},
		{func(c *Config) { c.TFTP.Waits[2] = 0 }, "tftp.waits[2] is 0s, want 1ms to 1h0m0s"},
		{func(c *Config) { c.Ban = Ban{After: -1} }, "ban.after is -1, want 0 to 1000000000\nban.window is 0s, want 1ns to 87600h0m0s\n" +
			`ban.answer is "", want one of ["silence" "refused" "403" "429" "503"]`},
		{func(c *Config) { c.Ban = Ban{After: 1, Window: 1, For: -1, Answer: Reset} }, "ban.for is -1ns, want 0s to 87600h0m0s"},
		{func(c *Config) { c.Outages = []Outage{{From: 3, Till: 3, Kind: Gone}} }, "outages[0].till is 3ns, want 4ns to 876000h0m0s"},
		{func(c *Config) { c.Outages = []Outage{{From: -1, Till: 3, Kind: "dead"}} }, "outages[0].from is -1ns, want 0s to 876000h0m0s\n" +
			`outages[0].kind is "dead", want one of ["silent" "refused" "error" "slow"]`},
		{func(c *Config) { c.Outages = []Outage{{Till: 3, Kind: Slow, Factor: math.NaN()}} }, "outages[0].factor is NaN, want over 0 to 1000000"},
		{func(c *Config) { c.Outages = []Outage{{Till: 3, Kind: Gone, Factor: 2}} }, `outages[0].factor is 2, want none where the kind is not "slow"`},
		{func(c *Config) {
			c.Outages = []Outage{{From: 5, Till: 9, Kind: Gone}, {From: 0, Till: 6, Kind: Stopped}}
		},
			"outages is one from 0s to 6ns and one from 5ns, want outages that do not overlap"},
	} {
		cfg := Default()
		test.change(&cfg)
		_, err := New(cfg)
		if diff := cmp.Diff(test.want, text(err)); diff != "" {
			t.Errorf("(-want +got)\n%s", diff)
		}
		var field *FieldError
		if err != nil && !errors.As(err, &field) {
			t.Errorf("%v is no *FieldError", err)
		}
	}
}

func TestValidatePath(t *testing.T) {
	bad := Path{Loss: math.NaN(), Delay: time.Hour, Rate: -1}
	want := "loss is NaN, want 0 to 1\ndelay is 1h0m0s, want 0s to 1m0s\nrate is -1, want 0 bytes per second or more"
	if diff := cmp.Diff(want, text(bad.Validate())); diff != "" {
		t.Errorf("(-want +got)\n%s", diff)
	}
	if err := (Path{Loss: 1, Delay: time.Minute, Rate: 1}).Validate(); err != nil {
		t.Error(err)
	}
}

func text(err error) string {
	if err == nil {
		return ""
	}
	return err.Error()
}

// A configuration survives JSON, and the caller's slices are neither kept nor
// changed.
func TestConfigIsPlain(t *testing.T) {
	cfg := Default()
	cfg.Outages = []Outage{{From: 5, Till: 6, Kind: Gone}, {From: 1, Till: 2, Kind: Slow, Factor: 2}}
	text, err := json.Marshal(cfg)
	if err != nil {
		t.Fatal(err)
	}
	var back Config
	if err := json.Unmarshal(text, &back); err != nil {
		t.Fatal(err)
	}
	s := mustNew(t, back)
	if diff := cmp.Diff(cfg, back); diff != "" {
		t.Errorf("(-want +got)\n%s", diff)
	}
	back.TFTP.Waits[0] = 0
	back.Outages[0].From = 0
	if s.cfg.TFTP.Waits[0] != time.Second || s.outages[1].From != 5 {
		t.Error("the server shares the caller's slices")
	}
}

// No configuration and no requests make a server panic, go back in time, or ask
// for ever.
func FuzzServer(f *testing.F) {
	for _, cfg := range []Config{Default(), small(func(c *Config) {
		c.Ban = Ban{After: 1, Window: time.Hour, Answer: Silence}
		c.Outages = []Outage{{From: 1, Till: math.MaxInt64 / 4, Kind: Slow, Factor: 1e6}}
		c.HTTP.Resync = Dist{Shape: LogNormal, Median: 1, P99: longest}
	})} {
		text, err := json.Marshal(cfg)
		if err != nil {
			f.Fatal(err)
		}
		f.Add(text, int64(0), int64(2048), int64(0), 0.1, int64(time.Second))
		f.Add(text, int64(math.MaxInt64), int64(math.MaxInt64), int64(math.MaxInt64), 1.0, int64(math.MinInt64))
	}
	f.Fuzz(func(t *testing.T, text []byte, now, size, timeout int64, loss float64, delay int64) {
		var cfg Config
		if json.Unmarshal(text, &cfg) != nil {
			return
		}
		s, err := New(cfg)
		path := &Path{Loss: loss, Delay: time.Duration(delay), Rate: size}
		if err != nil || path.Validate() != nil {
			return
		}
		for _, scheme := range []string{"tftp", "http", "https", "tftp"} {
			r := Request{Scheme: scheme, Size: size, Timeout: time.Duration(timeout), Path: path, BlockSize: 1}
			calls := 0
			for result := (Result{}); !result.Done; calls++ {
				result = *s.Arrive(time.Duration(now), &r)
				if result.After < 0 || result.Bytes < 0 || calls > 2*max(len(cfg.TFTP.Waits), len(synWaits)) {
					t.Fatalf("call %d: %+v", calls, result)
				}
				now = max(now, now+int64(result.After))
			}
		}
		if stats := s.Stats(time.Duration(now)); stats.Requests != 4 || stats.InFlight() != 0 {
			t.Errorf("%+v", stats)
		}
	})
}

// Every reason has words of its own.
func TestReasons(t *testing.T) {
	for r := Well + 1; r <= GaveUp; r++ {
		if r.String() == "" || slices.Contains(reasonWords[:r], r.String()) {
			t.Errorf("reason %d is %q", r, r)
		}
	}
	if got := Reason(200).String(); got != "reason(200)" {
		t.Errorf("unknown reason is %q", got)
	}
}
