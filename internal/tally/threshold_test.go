package tally_test

import (
	"errors"
	"strings"
	"testing"
	"time"

	"provsim/device"
	"provsim/internal/tally"
	"provsim/resync"
)

// measured is a run in which ten devices need 1 to 10 s, and the last fails.
func measured(t testing.TB) *tally.Totals {
	s := begin(t, whole(10, 2, time.Minute))
	s.up(0, devices(0, 10)...)
	for i := range 9 {
		s.resync(time.Second, time.Duration(i+1)*time.Second, resync.Applied, i)
	}
	s.start(time.Second, time.Second, 9)
	s.add(2*time.Second, 9, device.Event{Kind: device.Transferred, Job: resync.Resync, Outcome: resync.NotFound, Expected: true, Took: time.Second})
	s.done(11*time.Second, device.Event{Outcome: resync.Truncated, Took: 10 * time.Second, Bytes: 5}, 9)
	return s.end(time.Minute)
}

func TestThresholds(t *testing.T) {
	totals := measured(t)
	tests := []struct {
		text, value string
		failed      bool
	}{
		{"p50(fetch) > 4s", "5s", true},
		{"p50(latency)>=6s", "5s", false},
		{"p90(service) < 10s", "9s", true},
		{"p95(fetch) > 9s", "10s", true},
		{"p99(fetch) > 500ms", "10s", true},
		{"p999 ( fetch ) > 11s", "10s", false},
		{"max(fetch) <= 10.1s", "10s", true},
		{"mean(service) > 5s", "5.5s", true},
		{"p99(lag) > 20ms", "0s", false},
		{"peak(1s) > 9", "10", true},
		{"peak(10s) >= 10", "10", true},
		{"peak(1m) != 10", "10", false},
		{"failed == 1", "1", true},
		{"failed > 10%", "10%", false},
		{"failed>9.9%", "10%", true},
		{"provisioned < 100%", "90%", true},
		{"provisioned < 9", "9", false},
		{"missed > 0", "1", true},
		{"missed > 10%", "9.091%", false},
		{"p95(transfer) > 8s", "9s", true},
		{"errors > 0", "1", true},
		{"bans > 0", "0", false},
		{"local > 0", "0", false},
		{"wasted > 0", "1", true},
		{"wasted > 10 %", "", false},
		{"t50(provisioned) > 5s", "6s", true},
		{"t90(provisioned) > 11s", "10s", false},
		{"t99(provisioned) > 10m", "never", true},
		{"t100(provisioned) < 10m", "never", false},
	}
	for _, tt := range tests {
		threshold, err := tally.ParseThreshold(tt.text)
		if tt.value == "" {
			if err == nil {
				t.Errorf("%s: no error", tt.text)
			}
			continue
		}
		if err != nil {
			t.Errorf("%s: %v", tt.text, err)
			continue
		}
		equal(t, tt.text, threshold.Check(totals), tally.Result{Expression: tt.text, Value: tt.value, Known: true, Failed: tt.failed})
	}
}

func TestThresholdsWithNothingToMeasure(t *testing.T) {
	totals := begin(t, whole(0, 0, time.Minute)).end(time.Minute)
	for _, text := range []string{"p99(fetch) > 0s", "p50(dhcp) > 0s", "max(upgrade) > 0s", "failed >= 0%", "provisioned < 100%", "t99(provisioned) > 0s"} {
		threshold, err := tally.ParseThreshold(text)
		if err != nil {
			t.Fatal(err)
		}
		equal(t, text, threshold.Check(totals), tally.Result{Expression: text, Value: "nothing to measure"})
	}
}

// Each error has its column under the place in the text above it.
func TestParseThresholdErrors(t *testing.T) {
	tests := []struct{ text, caret, found, want, hint string }{
		{"", "^", "the end", "one of peak, p50", ""},
		{"p99(fech) > 500ms",
			"    ^", `"fech"`, "one of fetch, latency", `did you mean "fetch"?`},
		{"provisoned < 100%",
			"^", `"provisoned"`, "one of", `did you mean "provisioned"?`},
		{"p99 > 500ms",
			"    ^", `">"`, `"("`, "such as p99(fetch)"},
		{"peak(2s) > 5",
			"     ^", `"2s"`, "one of 1s, 10s, 1m", `did you mean "1s"?`},
		{"peak(10s > 5",
			"         ^", `">"`, `")"`, ""},
		{"t99(failed) > 1m",
			"    ^", `"failed"`, "one of provisioned", ""},
		{"failed => 1",
			"       ^", `"=>"`, "one of >, >=", `did you mean ">="?`},
		{"failed",
			"      ^", "the end", "one of >, >=", ""},
		{"failed >",
			"        ^", "the end", "a number", ""},
		{"failed > many",
			"         ^", `"many"`, "a number", ""},
		{"failed > -1",
			"         ^", `"-1"`, "a number", ""},
		{"failed > NaN",
			"         ^", `"NaN"`, "a number", ""},
		{"errors > 1%",
			"         ^", `"1%"`, "a number without %", "errors is no share of anything"},
		{"p99(fetch) > 500",
			"             ^", `"500"`, "a duration such as 500ms", ""},
		{"p99(fetch) > -5s",
			"             ^", `"-5s"`, "a duration such as 500ms", ""},
		{"bans > 0 or more",
			"         ^", `"or more"`, "the end", ""},
		{"é(fetch) > 1s",
			"^", `"é(fetch)"`, "one of peak", ""},
		{"p99(fetch) é",
			"           ^", `"é"`, "one of >", ""},
	}
	for _, tt := range tests {
		_, err := tally.ParseThreshold(tt.text)
		var at *tally.ThresholdError
		if !errors.As(err, &at) {
			t.Errorf("%q: error %v, want a ThresholdError", tt.text, err)
			continue
		}
		equal(t, tt.text+": column", at.Column, len(tt.caret))
		equal(t, tt.text+": found", at.Found, tt.found)
		if !strings.Contains(at.Want, tt.want) || at.Hint != tt.hint {
			t.Errorf("%q: want %q, hint %q; expected %q in the first, and %q", tt.text, at.Want, at.Hint, tt.want, tt.hint)
		}
	}
}

// FuzzParseThreshold: what parses reads the same after it has been written, and
// measures something; what does not has its column within the text.
func FuzzParseThreshold(f *testing.F) {
	for _, text := range []string{
		"p99(fetch) > 500ms", "failed > 0.1%", "provisioned < 100%", "peak(1s)>=200", "t99(provisioned) > 10m",
		"mean( upgrade )!=1h2m3s", " errors == 0 ", "p99(", "(((", "failed > 1e309", "bans > 0x10p3",
	} {
		f.Add(text)
	}
	totals := measured(f)
	f.Fuzz(func(t *testing.T, text string) {
		threshold, err := tally.ParseThreshold(text)
		if err != nil {
			var at *tally.ThresholdError
			if !errors.As(err, &at) || at.Column < 1 || at.Column > len([]rune(text))+1 {
				t.Fatalf("error %v, want one within the text", err)
			}
			return
		}
		again, err := tally.ParseThreshold(threshold.String())
		if err != nil {
			t.Fatal(err)
		}
		equal(t, "result", again.Check(totals), threshold.Check(totals))
	})
}
