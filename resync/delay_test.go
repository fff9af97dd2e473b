package resync

import (
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"
)

func TestParseDelays(t *testing.T) {
	s := func(n int) time.Duration { return time.Duration(n) * time.Second }
	tests := []struct {
		text  string
		lists bool
		want  Delays
		fault string // a part of the error's text, for the reader of a failure
	}{
		{text: "3600", want: Every(s(3600))},
		{text: "0", want: Every(0)},
		{text: " 40 ", want: Every(s(40))},
		{text: "2147483647", want: Every(s(2147483647))},
		{text: "2147483648", fault: "whole seconds"},
		{text: "", fault: "whole seconds"},
		{text: "-1", fault: "whole seconds"},
		{text: "1h", fault: "whole seconds"},
		{text: "+5", fault: "whole seconds"},
		// FV-SET-2: lists and random parts only with the quirk.
		{text: "1800,3600", fault: "whole seconds"},
		{text: "3600+600", fault: "whole seconds"},
		{text: "1800,3600,7200", lists: true, want: Delays{{Base: s(1800)}, {Base: s(3600)}, {Base: s(7200)}}},
		{text: "3600+600", lists: true, want: Delays{{Base: s(3600), Spread: s(600)}}},
		{text: "60+5,120", lists: true, want: Delays{{Base: s(60), Spread: s(5)}, {Base: s(120)}}},
		{text: "0", lists: true, want: Every(0)},
		{text: "60,0", lists: true, fault: "delay 2 of the list is 0"},
		{text: "60,,70", lists: true, fault: "delay 2"},
		{text: "60+x", lists: true, fault: "random part of delay 1"},
	}
	for _, tt := range tests {
		got, err := ParseDelays(tt.text, tt.lists)
		switch {
		case tt.fault == "" && err != nil:
			t.Errorf("ParseDelays(%q, %v): %v", tt.text, tt.lists, err)
		case tt.fault != "" && (err == nil || !strings.Contains(err.Error(), tt.fault)):
			t.Errorf("ParseDelays(%q, %v) = %v, %v, want an error about %q", tt.text, tt.lists, got, err, tt.fault)
		case !cmp.Equal(got, tt.want):
			t.Errorf("ParseDelays(%q, %v) = %v, want %v", tt.text, tt.lists, got, tt.want)
		}
	}
}

func TestDelaysPrintWhatTheyParse(t *testing.T) {
	for _, text := range []string{"0", "40", "1800,3600,7200", "3600+600", "1+2,3,4+5"} {
		d, err := ParseDelays(text, true)
		if err != nil || d.String() != text {
			t.Errorf("ParseDelays(%q) prints %q (%v)", text, d, err)
		}
	}
	if got := (Delays{}).String(); got != "0" {
		t.Errorf("no delays print %q, want 0", got)
	}
}

func TestUniformStaysInItsRange(t *testing.T) {
	if lo, hi := Uniform(0, 40*time.Second), Uniform(1<<64-1, 40*time.Second); lo != 0 || hi != 40*time.Second {
		t.Errorf("the ends of the range are %v and %v, want 0 and 40s", lo, hi)
	}
	rapid.Check(t, func(t *rapid.T) {
		limit := time.Duration(rapid.Int64Range(0, maxSeconds*int64(time.Second)).Draw(t, "limit"))
		if d := Uniform(rapid.Uint64().Draw(t, "rand"), limit); d < 0 || d > limit {
			t.Fatalf("%v is not within 0..%v", d, limit)
		}
	})
}

func FuzzParseDelays(f *testing.F) {
	f.Add("1800,3600+600,7200", true)
	f.Add("40", false)
	f.Fuzz(func(t *testing.T, text string, lists bool) {
		d, err := ParseDelays(text, lists)
		if err != nil {
			return
		}
		again, err := ParseDelays(d.String(), true)
		if err != nil || !cmp.Equal(again, d) {
			t.Fatalf("%q prints %q, which reads as %v (%v)", text, d, again, err)
		}
	})
}

// The words are a contract: the journal, the command line and scripts use them.
func TestWordsReadBack(t *testing.T) {
	for _, o := range append(Outcomes(), None) {
		var back Outcome
		if err := back.UnmarshalText([]byte(o.String())); err != nil || back != o {
			t.Errorf("outcome %q reads back as %q (%v)", o, back, err)
		}
	}
	for c := NoCause; c <= Lease; c++ {
		var back Cause
		if err := back.UnmarshalText([]byte(c.String())); err != nil || back != c {
			t.Errorf("cause %q reads back as %q (%v)", c, back, err)
		}
	}
	for j := NoJob; j <= DHCP; j++ {
		var back Job
		if err := back.UnmarshalText([]byte(j.String())); err != nil || back != j {
			t.Errorf("job %q reads back as %q (%v)", j, back, err)
		}
	}
	var o Outcome
	var c Cause
	var j Job
	for _, unmarshal := range []func([]byte) error{o.UnmarshalText, c.UnmarshalText, j.UnmarshalText} {
		if err := unmarshal([]byte("teapot")); err == nil {
			t.Error("the word teapot is accepted")
		}
	}
}

// The first three of FV-OUT-1, and a keep-alive that was sent, count as successes for the timers (FV-RS-5).
func TestSuccess(t *testing.T) {
	for _, o := range Outcomes() {
		if want := o == Applied || o == Unchanged || o == Unversioned || o == Sent; o.Success() != want {
			t.Errorf("%v: success is %v", o, o.Success())
		}
	}
	if None.Success() {
		t.Error("a job that has not ended is a success")
	}
}
