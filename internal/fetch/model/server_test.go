package model

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"provsim/device"
	"provsim/resync"
)

const ms = time.Millisecond

// small is a server whose times are easy to add up: a round trip of 2 ms, one
// worker who needs 10 ms, one waiting, two read requests in the buffer and 10 ms
// for each; devices that wait 1 s and 2 s for the first block.
func small(change func(*Config)) Config {
	cfg := Default()
	cfg.RoundTrip = 2 * ms
	cfg.HTTP.Workers, cfg.HTTP.Queue, cfg.HTTP.Full = 1, 1, Reset
	cfg.HTTP.Resync, cfg.HTTP.Upgrade, cfg.HTTP.TLS, cfg.HTTP.Rate = Fixed(10*ms), Fixed(20*ms), Fixed(30*ms), 1_000_000
	cfg.TFTP.Buffer, cfg.TFTP.Accept, cfg.TFTP.Waits = 2, Fixed(10*ms), []time.Duration{time.Second, 2 * time.Second}
	change(&cfg)
	return cfg
}

func TestScenarios(t *testing.T) {
	same := func(*Config) {}
	outage := func(kind Failing, from, till time.Duration) func(*Config) {
		return func(c *Config) { c.Outages = []Outage{{From: from, Till: till, Kind: kind}} }
	}
	get := Request{Scheme: "http"}
	read := Request{Scheme: "tftp"}
	at := func(r Request, instants ...time.Duration) []ask {
		asks := make([]ask, len(instants))
		for i, instant := range instants {
			r.Device, r.Source = uint32(i), uint32(i)
			asks[i] = ask{instant, r}
		}
		return asks
	}
	with := func(r Request, change func(*Request)) Request { change(&r); return r }
	for _, test := range []struct {
		rule   string
		change func(*Config)
		asks   []ask
		want   string // when each ends and how
	}{
		{"TCP takes a round trip before the request", same, at(get, 0), "14ms"},
		{"https takes three, and its handshake a worker", same,
			at(with(get, func(r *Request) { r.Scheme = "https" }), 0), "48ms"},
		{"an upgrade and its bytes take longer", same,
			at(with(get, func(r *Request) { r.Class, r.Size = device.ImageClass, 100_000 }), 0), "124ms 100000 bytes"},
		{"the second waits, the third is refused at once", same, at(get, 0, 0, 0), "14ms; 24ms; 2ms refused (server's queue is full)"},
		{"the third comes when there is room", same, at(get, 0, 0, 10*ms), "14ms; 24ms; 34ms"},
		{"a full queue may say 503", func(c *Config) { c.HTTP.Full = Unavailable },
			at(get, 0, 0, 0), "14ms; 24ms; 4ms http-status 503 (server's queue is full)"},
		{"or nothing: the SYN comes again", func(c *Config) { c.HTTP.Full = Silence }, at(get, 0, 0, 0), "14ms; 24ms; 1.014s"},
		{"a small answer takes the place of the file", same,
			at(with(get, func(r *Request) { r.Size, r.Answer = 100_000, resync.NotFound }), 0), "14ms not-found"},
		{"and needs no time on a slow link", same,
			at(with(get, func(r *Request) { r.Size, r.Answer, r.Path = 1000, resync.NotFound, &Path{Rate: 1} }), 0), "14ms not-found"},
		{"the server still works for clients that have given up", same,
			at(with(get, func(r *Request) { r.Timeout = 12 * ms }), 0, 0, 15*ms),
			"12ms timeout (device gave up waiting); 12ms timeout (device gave up waiting); 27ms timeout (device gave up waiting)"},
		{"or notices that they have", func(c *Config) { c.HTTP.NoticesHangup, c.HTTP.Queue = true, 9 },
			append(at(with(get, func(r *Request) { r.Timeout = 8 * ms }), 0, 0, 0), at(get, 1*ms)...),
			"8ms timeout (device gave up waiting); 8ms timeout (device gave up waiting); 8ms timeout (device gave up waiting); 24ms"},
		{"a proxy answers for a server that keeps it waiting", func(c *Config) { c.HTTP.WaitLimit = 5 * ms },
			at(get, 0, 0), "14ms; 9ms http-status 503 (request waited too long at the server)"},
		{"or that does not come to an end", func(c *Config) { c.HTTP.ServiceLimit = 15 * ms },
			at(with(get, func(r *Request) { r.Class = device.ImageClass }), 0, 1*ms), "19ms http-status 504 (server worked too long on the request); 34ms http-status 504 (server worked too long on the request)"},
		{"a slow link keeps no other client waiting", same,
			at(with(get, func(r *Request) { r.Size, r.Path = 1000, &Path{Rate: 10_000} }), 0, 0), "115ms 1000 bytes; 126ms 1000 bytes"},
		{"but a blocking worker", func(c *Config) { c.HTTP.Blocking = true },
			at(with(get, func(r *Request) { r.Size, r.Path = 1000, &Path{Rate: 10_000} }), 0, 0), "115ms 1000 bytes; 228ms 1000 bytes"},
		{"a transfer that is cut off has a part of the file", same,
			at(with(get, func(r *Request) { r.Size, r.Path, r.Timeout = 1000, &Path{Rate: 10_000}, 65*ms }), 0), "65ms timeout 500 bytes (device gave up waiting)"},
		{"a client that is farther away comes later", same,
			append(at(with(get, func(r *Request) { r.Path = &Path{Delay: 10 * ms} }), 0), at(get, 1*ms)...), "40ms; 15ms"},
		{"a way that loses everything", same,
			at(with(get, func(r *Request) { r.Path = &Path{Loss: 1}; r.Timeout = 5 * time.Second }), 0), "5s timeout (request lost on the way)"},

		{"a server that is gone answers the SYN after its return", outage(Gone, 0, 2*time.Second), at(get, 0), "3.014s"},
		{"a stopped one refuses", outage(Stopped, 0, time.Second), at(get, 0, time.Second), "2ms refused (server is stopped); 1.014s"},
		{"an outage begins with its first instant", outage(Stopped, 1*ms, time.Second), at(get, 0), "2ms refused (server is stopped)"},
		{"which can be the last of a request", outage(Stopped, 13*ms, time.Second), at(get, 0), "14ms truncated (server went away in mid-transfer)"},
		{"a failing one says so", outage(Erring, 0, time.Second), at(get, 0), "4ms http-status 503 (server is failing)"},
		{"a slow one is slow", func(c *Config) { c.Outages = []Outage{{From: 0, Till: 3 * ms, Kind: Slow, Factor: 3}} },
			at(get, 0, 40*ms), "34ms; 54ms"},
		{"and loses nothing that came before", func(c *Config) { c.Outages = []Outage{{From: 5 * ms, Till: 8 * ms, Kind: Slow, Factor: 3}} },
			at(get, 0), "14ms"},
		{"what is in hand when the server stops is cut off, and the queue is empty afterwards", outage(Stopped, 5*ms, 8*ms), at(get, 0, 0, 8*ms),
			"6ms truncated (server went away in mid-transfer); 6ms truncated (server went away in mid-transfer); 22ms"},
		{"and unanswered when it is gone", outage(Gone, 5*ms, 8*ms), at(get, 0),
			"1m0s timeout (device gave up waiting)"},

		{"TFTP takes a round trip for each block", same,
			at(with(read, func(r *Request) { r.Size = 2048 }), 0), "20ms 2048 bytes try 1"},
		{"or for each window", same,
			at(with(read, func(r *Request) { r.Size, r.BlockSize, r.Window = 10_000, 1000, 4 }), 0), "16ms 10000 bytes try 1"},
		{"one is read, two are in the buffer, the others ask again", same, at(read, 0, 0, 0, 0, 0),
			"12ms try 1; 22ms try 1; 32ms try 1; 1.012s try 2; 1.022s try 2"},
		{"a dropped request is dropped again, and that is the end", func(c *Config) { c.TFTP.Accept = Fixed(2 * time.Second); c.TFTP.Buffer = 1 },
			at(read, 0, 0, 0, 0), "2.002s try 2; 3s timeout try 2 (no answer in time); 3s timeout try 2 (server's receive buffer is full); 3s timeout try 2 (server's receive buffer is full)"},
		{"a file that is not there", same, at(with(read, func(r *Request) { r.Answer = resync.NotFound }), 0), "12ms not-found try 1"},
		{"a server with all transfers taken ignores", func(c *Config) { c.TFTP.Transfers = 1 },
			at(with(read, func(r *Request) { r.Size = 51_200 }), 0, 0), "212ms 51200 bytes try 1; 1.212s 51200 bytes try 2"},
		{"TFTP hears nothing of a stopped server", outage(Stopped, 0, 2*time.Second), at(read, 0), "3s timeout try 2 (server is gone)"},
		{"and nothing in mid-transfer", outage(Stopped, 100*ms, 200*ms), at(with(read, func(r *Request) { r.Size = 51_200 }), 0),
			"3.101s timeout 22784 bytes try 1 (server went away in mid-transfer)"},
		{"a request in the buffer of a server that goes away is asked again", outage(Gone, 5*ms, 9*ms), at(read, 0), "1.012s try 2"},
		{"and the buffer is empty afterwards", func(c *Config) {
			c.TFTP.Accept, c.Outages = Fixed(700*ms), []Outage{{From: 5 * ms, Till: 9 * ms, Kind: Gone}}
		}, at(read, 0, 0, 10*ms), "1.702s try 2; 2.402s try 2; 712ms try 1"},
		{"as are its transfers", func(c *Config) {
			c.TFTP.Transfers, c.Outages = 1, []Outage{{From: 50 * ms, Till: 60 * ms, Kind: Gone}}
		}, at(with(read, func(r *Request) { r.Size = 51_200 }), 0, 70*ms),
			"3.051s timeout 9984 bytes try 1 (server went away in mid-transfer); 282ms 51200 bytes try 1"},
		{"the wait begins when the request is sent, not when it is there", outage(Gone, 0, 500*ms),
			at(with(read, func(r *Request) { r.Path = &Path{Delay: 400 * ms} }), 0), "1.412s try 2"},
		{"a failing server sends an error", outage(Erring, 0, time.Second), at(read, 0), "2ms refused try 1 (server is failing)"},
	} {
		t.Run(test.rule, func(t *testing.T) {
			s := mustNew(t, small(test.change))
			var told []string
			for _, e := range play(t, s, test.asks) {
				told = append(told, tell(e))
			}
			if diff := cmp.Diff(test.want, strings.Join(told, "; ")); diff != "" {
				t.Errorf("(-want +got)\n%s", diff)
			}
			if stats := s.Stats(time.Hour); stats.InFlight() != 0 {
				t.Errorf("in flight after the end: %+v", stats)
			}
		})
	}
}

func tell(e end) string {
	words := []string{e.at.String()}
	if e.Outcome != resync.None {
		words = append(words, e.Outcome.String())
	}
	if e.Status != 0 {
		words = append(words, fmt.Sprint(e.Status))
	}
	if e.Bytes != 0 {
		words = append(words, fmt.Sprint(e.Bytes, " bytes"))
	}
	if e.Tries != 0 {
		words = append(words, fmt.Sprint("try ", e.Tries))
	}
	if e.Why != Well {
		words = append(words, "("+e.Why.String()+")")
	}
	return strings.Join(words, " ")
}

// A phone that waits longer than its own first wait asks twice, and the server
// begins a transfer for which no client waits. An endless buffer holds both requests.
func TestWaste(t *testing.T) {
	s := mustNew(t, small(func(c *Config) { c.TFTP.Accept = Fixed(700 * ms) }))
	play(t, s, burst(3, 0, Request{Scheme: "tftp"}))
	got := s.Stats(time.Hour).TFTP
	if got.Wasted != 1 || got.Dropped != 1 || got.AnsweredAt[0] != 1 || got.AnsweredAt[1] != 2 || got.Served != 4 || got.Enough != 3 {
		t.Errorf("%+v", got)
	}
	s = mustNew(t, small(func(*Config) {}))
	play(t, s, burst(1, 0, Request{Scheme: "tftp", Size: 51_200, Timeout: 100 * ms}))
	if got := s.Stats(time.Hour).TFTP; got.Wasted != 1 {
		t.Errorf("%+v", got)
	}
	s = mustNew(t, small(func(*Config) {}))
	play(t, s, burst(2, 0, Request{Scheme: "http", Timeout: 13 * ms}))
	if got := s.Stats(time.Hour).HTTP; got.Wasted != 2 || got.WastedSeconds != 0.020 || got.BusySeconds != 0.020 {
		t.Errorf("%+v", got)
	}
}

// A call that comes late counts as now, and Stats are a copy.
func TestTimeDoesNotGoBack(t *testing.T) {
	s := mustNew(t, small(func(*Config) {}))
	s.Arrive(time.Second, &Request{Scheme: "http"})
	before := s.Stats(0)
	if result := s.Arrive(0, &Request{Scheme: "tftp"}); result.After != 12*ms {
		t.Errorf("%+v", result)
	}
	if result := s.Arrive(0, &Request{Scheme: "http"}); result.After != 24*ms {
		t.Errorf("%+v", result)
	}
	if before.HTTP.Busy != 1 || before.Requests != 1 || before.TFTP.AnsweredAt[0] != 0 {
		t.Errorf("before: %+v", before)
	}
}

// Lost packets of a TCP connection cost their share of 200 ms, on average and for each large file.
func TestRepairs(t *testing.T) {
	const n = 100_000
	path := &Path{Loss: 0.02}
	hit := 0
	for i := range n {
		c := attempt{Request: &Request{Device: uint32(i), Path: path}, seed: 1}
		if c.repairs(4, 200*ms) > 0 {
			hit++
		}
		if got := c.repairs(1000, 200*ms); got != 4*time.Second {
			t.Fatalf("20 of 1,000 packets cost %v", got)
		}
	}
	if share := float64(hit) / n; share < 0.077 || share > 0.083 {
		t.Errorf("%.4f of the transfers of 4 packets lose one, want 0.08", share)
	}
}

// A site behind one address is banned together, its neighbours are not.
func TestBan(t *testing.T) {
	missing := Request{Scheme: "http", Answer: resync.NotFound, Timeout: time.Second}
	for _, test := range []struct {
		answer Refusal
		want   string
	}{
		{Forbidden, "4ms http-status 403 (source address is banned)"},
		{TooManyRequests, "4ms http-status 429 (source address is banned)"},
		{Reset, "2ms refused (source address is banned)"},
		{Silence, "1s timeout (source address is banned)"},
	} {
		t.Run(string(test.answer), func(t *testing.T) {
			s := mustNew(t, small(func(c *Config) {
				c.Ban = Ban{After: 2, Window: time.Minute, For: time.Hour, Answer: test.answer}
			}))
			for _, step := range []struct {
				at     time.Duration
				source uint32
				answer resync.Outcome
				want   string
			}{
				{0, 7, resync.NotFound, "14ms not-found"},
				{1 * time.Minute, 7, resync.NotFound, "14ms not-found"}, // the window is over, this is the first of the next
				{80 * time.Second, 7, resync.None, "14ms"},
				{90 * time.Second, 7, resync.NotFound, "14ms not-found"},
				{91 * time.Second, 7, resync.NotFound, "14ms not-found"},
				{92 * time.Second, 7, resync.None, test.want},
				{93 * time.Second, 8, resync.NotFound, "14ms not-found"},
				{91*time.Second + time.Hour, 7, resync.NotFound, "14ms not-found"},
			} {
				r := missing
				r.Source, r.Answer = step.source, step.answer
				if got := tell(play(t, s, []ask{{step.at, r}})[0]); got != shift(step.want, step.at) {
					t.Errorf("at %v: %s, want %s", step.at, got, shift(step.want, step.at))
				}
			}
			if got := s.Stats(2 * time.Hour); got.Bans != 1 || got.Banned < 1 {
				t.Errorf("%+v", got)
			}
		})
	}
}

// A rate limit counts every request, and a ban without an end has none.
func TestBanOfRequests(t *testing.T) {
	s := mustNew(t, small(func(c *Config) {
		c.Ban = Ban{After: 1, Window: time.Minute, Requests: true, Answer: Forbidden}
	}))
	for i, at := range []time.Duration{0, time.Second, 2 * time.Second, year} {
		if result := s.Arrive(at, &Request{Scheme: "http"}); (result.Status == 403) != (i > 1) {
			t.Errorf("request %d: %+v", i, result)
		}
	}
}

// shift moves the instant at the beginning of what tell returns.
func shift(text string, by time.Duration) string {
	instant, rest, _ := strings.Cut(text, " ")
	d, _ := time.ParseDuration(instant)
	return strings.TrimSpace((d + by).String() + " " + rest)
}

// Whatever the configuration and the requests: every transfer ends once and within its
// time, limits hold, and the same run gives the same results.
func TestConservation(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		cfg, asks := drawConfig(t), drawAsks(t)
		s := mustNew(t, cfg)
		results := play(t, s, asks)
		stats := s.Stats(0)
		if stats.Requests != int64(len(asks)) || stats.InFlight() != 0 {
			t.Errorf("%d transfers, %+v", len(asks), stats)
		}
		for i, f := range results {
			if !f.Done || f.at > asks[i].at+max(asks[i].Timeout, 0)+usualTimeout || f.Bytes < 0 || f.Bytes > asks[i].Size || int(f.Tries) > len(cfg.TFTP.Waits) {
				t.Errorf("transfer %d: %+v", i, f)
			}
			if f.Why == Well && (f.Outcome != asks[i].Answer || f.Outcome == resync.None && f.Bytes != asks[i].Size) {
				t.Errorf("transfer %d went well: %+v", i, f)
			}
		}
		checkLimits(t, cfg, stats)
		again := play(t, mustNew(t, cfg), asks)
		if diff := cmp.Diff(results, again, cmp.AllowUnexported(end{}), cmp.AllowUnexported(Result{})); diff != "" {
			t.Errorf("a second run differs\n%s", diff)
		}
	})
}

func checkLimits(t *rapid.T, cfg Config, s Stats) {
	first := int64(0)
	for _, n := range s.TFTP.AnsweredAt {
		first += n
	}
	for _, limit := range []struct {
		what string
		ok   bool
	}{
		{"workers", s.HTTP.MaxBusy <= cfg.HTTP.Workers},
		{"queue", s.HTTP.MaxWaiting <= cfg.HTTP.Queue},
		{"buffer", s.TFTP.MaxWaiting <= cfg.TFTP.Buffer && s.TFTP.MaxBusy <= 1},
		{"enough", s.TFTP.Dropped == 0 || s.TFTP.Enough > cfg.TFTP.Buffer},
		{"answers", first <= s.Answered},
		{"utilisation", s.HTTP.Utilisation >= -1e-9 && s.HTTP.Utilisation <= 1+1e-9},
		{"integrals", s.HTTP.WaitSeconds >= -1e-6 && s.TFTP.WaitSeconds >= -1e-6},
	} {
		if !limit.ok {
			t.Errorf("%s: %+v", limit.what, s)
		}
	}
}

func drawConfig(t *rapid.T) Config {
	span := func(label string, most time.Duration) time.Duration {
		return time.Duration(rapid.Int64Range(0, int64(most)).Draw(t, label))
	}
	dist := rapid.Custom(func(t *rapid.T) Dist {
		return rapid.SampledFrom([]Dist{
			{}, Fixed(3 * ms), {Shape: Exponential, Mean: 20 * ms}, {Shape: Uniform, Max: time.Second},
			{Shape: LogNormal, Median: 10 * ms, P99: 5 * time.Second}, {Shape: Empirical, Values: []time.Duration{0, ms, time.Minute}},
		}).Draw(t, "dist")
	})
	refusal := rapid.SampledFrom([]Refusal{Silence, Reset, Forbidden, TooManyRequests, Unavailable})
	cfg := Default()
	cfg.Seed, cfg.RoundTrip = rapid.Uint64().Draw(t, "seed"), span("round trip", 300*ms)
	cfg.HTTP = HTTP{
		Workers: rapid.IntRange(1, 4).Draw(t, "workers"), Blocking: rapid.Bool().Draw(t, "blocking"),
		Resync: dist.Draw(t, "resync"), Upgrade: dist.Draw(t, "upgrade"), TLS: dist.Draw(t, "tls"),
		Rate:  rapid.Int64Range(0, 1_000_000).Draw(t, "rate"),
		Queue: rapid.IntRange(0, 20).Draw(t, "queue"), Full: refusal.Draw(t, "full"), Refuse: rapid.Float64Range(0, 1).Draw(t, "refuse"),
		WaitLimit: span("wait limit", time.Second), ServiceLimit: span("service limit", time.Second),
		NoticesHangup: rapid.Bool().Draw(t, "hangup"),
	}
	cfg.TFTP.Buffer, cfg.TFTP.Accept = rapid.IntRange(1, 20).Draw(t, "buffer"), dist.Draw(t, "accept")
	cfg.TFTP.Transfers, cfg.TFTP.Block = rapid.IntRange(0, 10).Draw(t, "transfers"), span("block", 10*ms)
	cfg.Ban = Ban{
		After: rapid.IntRange(0, 5).Draw(t, "after"), Window: 1 + span("window", time.Minute),
		For: span("ban", time.Minute), Answer: refusal.Draw(t, "answer"), Requests: rapid.Bool().Draw(t, "requests"),
	}
	from := time.Duration(0)
	for range rapid.IntRange(0, 4).Draw(t, "outages") {
		o := Outage{From: from + span("from", 20*time.Second), Kind: rapid.SampledFrom([]Failing{Gone, Stopped, Erring, Slow}).Draw(t, "kind")}
		o.Till = o.From + 1 + span("for", 20*time.Second)
		if o.Kind == Slow {
			o.Factor = rapid.Float64Range(0.1, 1e6).Draw(t, "factor")
		}
		cfg.Outages, from = append(cfg.Outages, o), o.Till
	}
	return cfg
}

func drawAsks(t *rapid.T) []ask {
	path := &Path{
		Loss:  rapid.Float64Range(0, 1).Draw(t, "loss"),
		Delay: time.Duration(rapid.Int64Range(0, int64(3*time.Second)).Draw(t, "delay")),
		Rate:  rapid.Int64Range(0, 100_000).Draw(t, "link"),
	}
	return rapid.SliceOfN(rapid.Custom(func(t *rapid.T) ask {
		return ask{time.Duration(rapid.Int64Range(0, int64(30*time.Second)).Draw(t, "at")), Request{
			Device: rapid.Uint32().Draw(t, "device"), Source: rapid.Uint32Range(0, 3).Draw(t, "source"),
			Class:  rapid.SampledFrom(device.Classes()).Draw(t, "class"),
			Scheme: rapid.SampledFrom([]string{"tftp", "http", "https"}).Draw(t, "scheme"),
			Size:   rapid.Int64Range(0, 10_000_000).Draw(t, "size"), Window: rapid.IntRange(0, 64).Draw(t, "blocks"),
			Answer:  rapid.SampledFrom([]resync.Outcome{resync.None, resync.None, resync.NotFound}).Draw(t, "says"),
			Timeout: time.Duration(rapid.Int64Range(-1, int64(time.Minute)).Draw(t, "timeout")),
			Path:    rapid.SampledFrom([]*Path{nil, path}).Draw(t, "path"),
		}}
	}), 0, 60).Draw(t, "asks")
}
