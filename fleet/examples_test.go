package fleet

import (
	"os"
	"slices"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"provsim/device"
	"provsim/internal/journal"
	"provsim/internal/tally"
	"provsim/resync"
)

// keeps reports whether a run keeps the thresholds of its scenario.
func keeps(t *testing.T, r *Result) {
	t.Helper()
	for _, text := range r.Scenario.Thresholds {
		threshold, err := tally.ParseThreshold(text)
		if err != nil {
			t.Fatal(err)
		}
		if v := threshold.Check(r.Tally.Totals()); v.Failed || !v.Known {
			t.Errorf("threshold %s: %s", v.Expression, v.Value)
		}
	}
}

// resyncs returns how many resyncs start between two instants.
func resyncs(r *Result, from, to time.Duration) (n int) {
	for p := range r.Tally.Totals().Curve {
		if at := time.Duration(p.Second) * time.Second; at >= from && at < to {
			n += p.Starts
		}
	}
	return n
}

func failures(r *Result, from, to time.Duration) (n int) {
	for p := range r.Tally.Totals().Curve {
		if at := time.Duration(p.Second) * time.Second; at >= from && at < to {
			n += p.Failures
		}
	}
	return n
}

// waveAfter returns the wave that follows a mark.
func waveAfter(t *testing.T, r *Result, kind tally.MarkKind) tally.Wave {
	t.Helper()
	for _, w := range r.Tally.Totals().Summary(r.Run(), nil).Waves {
		if w.Kind == kind {
			return w
		}
	}
	t.Fatalf("no wave follows a mark of kind %v", kind)
	return tally.Wave{}
}

// The power comes back at 85 minutes; within Resync Random Delay everybody has
// resynced, and the wave overruns the receive buffer where the delay is 0.
func TestPowerCutExample(t *testing.T) {
	s := small(t, "power-cut", 3000)
	r := plan(t, s, Options{})
	keeps(t, r)
	back := 85 * time.Minute
	if n := resyncs(r, 75*time.Minute+time.Second, back); n != 0 {
		t.Errorf("%d resyncs without power", n)
	}
	if n := resyncs(r, back, back+41*time.Second); n != 3000 {
		t.Errorf("%d resyncs in the 40 s after the power came back, want 3000", n)
	}
	for p := range r.Tally.Totals().Curve {
		if at := time.Duration(p.Second) * time.Second; at > 75*time.Minute && at < back && p.States[tally.Off] != 3000 {
			t.Fatalf("%d devices are off at %v, want all", p.States[tally.Off], at)
		}
	}
	if n := r.Server.TFTP.Dropped; n != 0 {
		t.Errorf("%d read requests were dropped, want none with a random delay", n)
	}
	if wave := waveAfter(t, r, tally.PowerBack); wave.T100 == nil || time.Duration(*wave.T100) < 39*time.Second || time.Duration(*wave.T100) > 45*time.Second {
		t.Errorf("all are ready %v after the power came back, want about 40s", wave.T100)
	}
	setRandomDelay(s, 0)
	if r := plan(t, s, Options{}); r.Server.TFTP.Dropped < 2000 || r.Tally.Totals().Answered[1] == 0 {
		t.Errorf("without a delay %d read requests were dropped, want most of 3000", r.Server.TFTP.Dropped)
	}
}

// All phones end with the new firmware, fetched once, and not all at once.
func TestRollingUpgradeExample(t *testing.T) {
	s := small(t, "rolling-upgrade", 200)
	records := &journal.Memory{}
	r := plan(t, s, Options{Journal: records})
	keeps(t, r)
	upgrades := map[device.MAC]int{}
	first, last := s.Duration, time.Duration(0)
	for _, e := range records.Records {
		if e.Kind == device.UpgradeDone && e.Outcome == resync.Applied {
			upgrades[e.Device]++
			first, last = min(first, e.T), max(last, e.T)
			if want := map[string]bool{"IP542N-v3.4.0": true, "G504N-v3.4.0": true}; !want[e.Version] {
				t.Fatalf("upgrade to %q", e.Version)
			}
		}
	}
	if len(upgrades) != 200 || first < time.Hour || last-first < 90*time.Minute {
		t.Errorf("%d phones upgraded from %v to %v, want 200 spread over 2 hours after the first", len(upgrades), first, last)
	}
	for mac, n := range upgrades {
		if n != 1 {
			t.Errorf("%v upgraded %d times", mac, n)
		}
	}
	calls := 0
	for _, e := range records.Records {
		if e.Kind == device.LineChanged {
			calls++
		}
	}
	// 200 lines for almost 6 hours, a call and its end each hour and 3 minutes
	if want := 200 * 6 * 2 * 60 / 63; calls < want*8/10 || calls > want*11/10 {
		t.Errorf("%d begins and ends of calls, want about %d", calls, want)
	}
}

// On a steady day the rate is devices divided by the period, and calls put
// resyncs off.
func TestSteadyDayExample(t *testing.T) {
	s := small(t, "steady-day", 1000)
	r := plan(t, s, Options{})
	keeps(t, r)
	totals := r.Tally.Totals()
	missing := float64(totals.Outcomes[resync.Resync][resync.NotFound])
	ended, _ := totals.Outcomes.Ended(resync.Resync)
	if share := missing / float64(ended); share <= 0 || share > 0.02 {
		t.Errorf("%.4f of the resyncs find no file, want some", share)
	}
	if applied := totals.Outcomes[resync.Resync][resync.Applied]; applied < 1000 || applied > 1100 {
		t.Errorf("%d files were applied, want one for each phone and for those that were new", applied)
	}
	// After the day's calls and the 4 hours of Forced Resync Delay the rate is that
	// of the periods: 9 in 10 phones each hour, 1 in 10 each 10 minutes.
	if n := resyncs(r, 20*time.Hour, 23*time.Hour); n < 3*1400 || n > 3*1600 {
		t.Errorf("%d resyncs from 20 h to 23 h, want about %d", n, 3*1500)
	}
	// Lines with 2 calls an hour are never idle for 4 hours.
	if quiet, busy := resyncs(r, 20*time.Hour, 23*time.Hour), resyncs(r, 7*time.Hour, 10*time.Hour); busy > quiet/10 {
		t.Errorf("%d resyncs in 3 hours of calls, %d in 3 without", busy, quiet)
	}
}

// The wave is there again after each period, and lower each time, because the
// period has a random part.
func TestEchoExample(t *testing.T) {
	s := small(t, "echo", 5000)
	r := plan(t, s, Options{})
	keeps(t, r)
	summary := r.Tally.Totals().Summary(r.Run(), nil)
	echoes := summary.Waves[0].Echoes
	if len(echoes) < 5 {
		t.Fatalf("%d echoes in 8 hours, want 5 or more", len(echoes))
	}
	for i := 1; i < 5; i++ {
		if echoes[i].Peak10s >= echoes[i-1].Peak10s {
			t.Errorf("echo %d has a peak of %d after %d, want a lower one", i, echoes[i].Peak10s, echoes[i-1].Peak10s)
		}
	}
	// Without the random part it does not fade: only the network spreads it.
	s.Population.Settings[0].Set["Resync Periodic"] = "3600"
	r = plan(t, s, Options{})
	echoes = r.Tally.Totals().Summary(r.Run(), nil).Waves[0].Echoes
	if last := echoes[len(echoes)-2]; last.Height < 0.9 {
		t.Errorf("without a random part the last whole echo has %.2f of the wave's height, want all", last.Height)
	}
	for hour := range 7 {
		at := time.Duration(hour) * time.Hour
		if n := resyncs(r, at, at+45*time.Second); n != 5000 {
			t.Errorf("%d resyncs in the first 45 s of hour %d, want all 5000", n, hour)
		}
	}
}

// No phone opens the file, none applies anything, and all come again.
func TestBadKeyExample(t *testing.T) {
	s := small(t, "bad-key", 100)
	r := plan(t, s, Options{})
	keeps(t, r)
	outcomes := r.Tally.Totals().Outcomes[resync.Resync]
	// At about 0, 30, 60, 90, 120 and 150 minutes.
	if outcomes[resync.BadKey] != 6*100 {
		t.Errorf("%d resyncs end with bad-key, want 600", outcomes[resync.BadKey])
	}
	if all, failed := r.Tally.Totals().Outcomes.Ended(resync.Resync); failed != all || outcomes[resync.Applied] != 0 {
		t.Errorf("%d of %d resyncs failed, %d applied a file; want all and none", failed, all, outcomes[resync.Applied])
	}
	s.Configuration.Key = "right"
	if got := plan(t, s, Options{}).Tally.Totals().Outcomes[resync.Resync]; got[resync.Applied] != 100 || got[resync.BadKey] != 0 {
		t.Errorf("with the right key %d apply the file, want 100", got[resync.Applied])
	}
}

// A phone that fails in the outage comes again after each Resync Error Retry Delay, until
// the server is back. Then no phone fails any more.
func TestServerOutageExample(t *testing.T) {
	s := small(t, "server-outage", 1800)
	r := plan(t, s, Options{})
	keeps(t, r)
	from, to := time.Hour, 90*time.Minute
	if n := failures(r, 0, from); n != 0 {
		t.Errorf("%d failures before the outage", n)
	}
	if n := failures(r, to+2*time.Minute, s.Duration); n != 0 {
		t.Errorf("%d failures after it", n)
	}
	// All phones resync within the half hour; those that did in its first ten
	// minutes fail three times.
	if n := failures(r, from, to+2*time.Minute); n < 1800 || n > 3*1800 {
		t.Errorf("%d failures of 1800 phones in the outage, want one to three for each", n)
	}
	wave := waveAfter(t, r, tally.OutageEnd)
	if wave.T100 == nil || time.Duration(*wave.T100) > 12*time.Minute {
		t.Errorf("wave %+v, want all well again within the retry delay of 10 minutes", wave)
	}
}

// A server that bans for misses cuts off first the phones that rightly miss most, and the
// others never (YL-PLAN-6, GS-PLAN-1).
func TestBanOn404Example(t *testing.T) {
	r := plan(t, small(t, "ban-on-404", 400), Options{})
	summary := r.Tally.Totals().Summary(r.Run(), nil)
	var order []string
	for _, c := range summary.CutOffs {
		order = append(order, c.Vendor)
		if c.Banned != c.Addresses {
			t.Errorf("%+v, want all addresses banned", c)
		}
	}
	if diff := cmp.Diff([]string{"polycom", "yealink", "flyingvoice-fip", "audiocodes", "grandstream"}, order); diff != "" {
		t.Errorf("cut off (-want +got):\n%s", diff)
	}
	if polycom, yealink := summary.CutOffs[0].First, summary.CutOffs[1].First; hour(polycom) != 1 || hour(yealink) != 5 {
		t.Errorf("polycom at %v and yealink at %v, want in the second and sixth boot", polycom, yealink)
	}
	for _, v := range r.Tally.Totals().Vendors() {
		if banned := slices.Contains(order, v.Vendor); banned == (v.Provisioned > 0) {
			t.Errorf("%s: %d of %d provisioned at the end, want all or none", v.Vendor, v.Provisioned, v.Devices)
		}
	}
}

func hour(s tally.Seconds) int { return int(time.Duration(s).Hours()) }

// After the power cut the keep-alives of all phones come within seconds, and again each
// hour (AC-KA-3, DM-TOP-4).
func TestKeepAlivesExample(t *testing.T) {
	const phones = 600
	var records journal.Memory
	r := plan(t, small(t, "keep-alives", phones), Options{Journal: &records})
	keeps(t, r)
	told := func(from, to time.Duration) (n int) {
		for _, r := range records.Records {
			if r.Kind == device.KeepAliveDone && r.T >= from && r.T < to {
				n++
			}
		}
		return n
	}
	const back = 2*time.Hour + 10*time.Minute
	if n := told(90*time.Minute, 2*time.Hour); n < phones*45/100 || n > phones*55/100 {
		t.Errorf("in half an hour before the cut %d keep-alives, want half of %d", n, phones)
	}
	for hour := time.Hour; hour < 4*time.Hour; hour += time.Hour {
		if wave, calm := told(back+hour, back+hour+time.Minute), told(back+hour+time.Minute, back+hour+30*time.Minute); wave != phones || calm != 0 {
			t.Errorf("%v after the power is back %d keep-alives in a minute, and %d in the half hour after it; want %d and 0", hour, wave, calm, phones)
		}
	}
}

// The office of examples/office keeps its thresholds. A server that bans for half as many
// misses bans the office, although nothing is wrong with its phones.
func TestOfficeExample(t *testing.T) {
	const folder = "../examples/office/"
	text, err := os.ReadFile(folder + "office.yaml")
	if err != nil {
		t.Fatal(err)
	}
	s, err := ParseScenario("office.yaml", text)
	if err != nil {
		t.Fatal(err)
	}
	file, err := os.Open(folder + s.Population.Phones)
	if err != nil {
		t.Fatal(err)
	}
	defer file.Close()
	if s.Population.List, err = ReadPhones(s.Population.Phones, file); err != nil {
		t.Fatal(err)
	}
	r := plan(t, s, Options{})
	keeps(t, r)
	if products := r.Tally.Totals().Products; r.Devices != 800 || len(products) != 10 {
		t.Errorf("%d devices of %d products, want 800 of 10", r.Devices, len(products))
	}
	half := *s
	half.Server.Ban.After /= 2
	cut := plan(t, &half, Options{}).Tally.Totals()
	list := cut.Summary(r.Run(), nil).CutOffs
	if len(list) != 1 || list[0].Vendor != tally.SeveralVendors || cut.Outcomes[resync.Resync][resync.HTTPStatus] == 0 {
		t.Errorf("with half of the limit: cut off %+v, %v", list, cut.Outcomes[resync.Resync])
	}
}
