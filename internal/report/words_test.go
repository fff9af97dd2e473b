package report_test

import (
	"bytes"
	"encoding/json"
	"strings"
	"testing"
	"time"

	"provsim/device"
	"provsim/internal/journal"
	"provsim/internal/report"
	"provsim/internal/tally"
	"provsim/resync"
)

// told is a run of ten devices that lasts an hour, as a test tells it.
type told struct {
	t   *testing.T
	run *tally.Tally
}

func tell(t *testing.T, sites int) *told {
	return &told{t, tally.New(tally.Config{
		Devices: 10, Index: func(m device.MAC) int { return int(m[5]) }, Duration: time.Hour,
		Sites: sites, Site: func(i int) int { return i % sites }, Address: func(int) string { return "" },
	})}
}

func (s *told) add(at time.Duration, i int, e device.Event) {
	s.t.Helper()
	if err := s.run.Add(&journal.Record{T: at, Device: device.MAC{0, 0x21, 0xf2, 0, 0, byte(i)}, Event: e}); err != nil {
		s.t.Fatal(err)
	}
}

// resync ends a resync of the devices numbered from from to to-1 at an instant. Those
// without power get it.
func (s *told) resync(at time.Duration, o resync.Outcome, from, to int) *told {
	for i := from; i < to; i++ {
		if state, _ := s.run.Device(i); state == tally.Off {
			s.add(at, i, device.Event{Kind: device.Booted, Cause: resync.PowerOn})
			s.add(at, i, device.Event{Kind: device.Leased})
		}
		s.add(at, i, device.Event{Kind: device.ResyncStart, Job: resync.Resync, Due: at})
		s.add(at, i, device.Event{Kind: device.ResyncDone, Job: resync.Resync, Outcome: o, URL: "http://192.0.2.1/x.cfg", Note: "no such <file>"})
	}
	return s
}

func (s *told) results(r tally.Run) *report.Results {
	s.run.End(time.Hour)
	return report.New(r, s.run.Totals(), nil)
}

// unwrapped is the text of a report without the ends of its lines.
func unwrapped(t *testing.T, r *report.Results) string {
	return strings.Join(strings.Fields(form(t, r.Text)), " ")
}

func TestWords(t *testing.T) {
	for _, tt := range []struct {
		what         string
		run          *told
		says, unsaid string
	}{
		{"nothing was provisioned", tell(t, 0).resync(0, resync.NotFound, 0, 10), "None of 10 devices was provisioned.", "99 % of"},
		{"the start", tell(t, 0).resync(9*time.Second, resync.Applied, 0, 10), "99 % of 10 devices were provisioned 9 s after the start, all of them after 9 s.", "At the end"},
		{"a part", tell(t, 0).resync(9*time.Second, resync.Applied, 0, 4), "4 of 10 devices were provisioned after the start. At the end 4 of 10 devices were provisioned (40 %).", "99 % of"},
		{"a failure later on", tell(t, 0).resync(time.Second, resync.Applied, 0, 10).resync(time.Minute, resync.Timeout, 0, 1),
			"99 % of 10 devices were provisioned 1 s after the start. At the end 9 of 10 devices were provisioned (90 %).", ""},
		{"no version", tell(t, 0).resync(0, resync.Unversioned, 0, 10), "10 resyncs fetched a file without a version, of which nothing is applied.", "99 % of"},
		{"a server that was switched off", tell(t, 0).resync(0, resync.Applied, 0, 10).resync(time.Minute, resync.Timeout, 0, 10), "10 of 20 resyncs failed", "would have been enough"},
		{"two sites that were never served", tell(t, 4).resync(0, resync.Applied, 0, 2).resync(0, resync.Refused, 2, 4), "Never served: site 2, site 3.", "addresss"},
		{"many that were never served", tell(t, 10).resync(0, resync.Refused, 0, 10), "10 sites were never served, among them site 0, site 1, site 2, site 3, site 4.", ", ,"},
	} {
		text := unwrapped(t, tt.run.results(tally.Run{Scenario: "told"}))
		if !strings.Contains(text, tt.says) || tt.unsaid != "" && strings.Contains(text, tt.unsaid) {
			t.Errorf("%s: found %s\nwant %q, and not %q", tt.what, text, tt.says, tt.unsaid)
		}
	}
}

// The first sentence after a power cut says how long after the power came back the
// devices were provisioned, and that after an outage how long after its end.
func TestFirstSentenceIsAboutTheReturn(t *testing.T) {
	s := tell(t, 0).resync(time.Second, resync.Applied, 0, 10)
	for i := range 10 {
		s.run.Off(i, 10*time.Minute)
	}
	s.run.Mark(tally.Mark{At: tally.Seconds(20 * time.Minute), Kind: tally.PowerBack, Name: "power back"})
	s.resync(20*time.Minute+7*time.Second, resync.Unchanged, 0, 10)
	_, after, _ := strings.Cut(unwrapped(t, s.results(tally.Run{})), "- ")
	if want := "99 % of 10 devices were provisioned 7 s after the power came back at 0:20:00, all of them after 7 s."; !strings.HasPrefix(after, want) {
		t.Errorf("found %.200q, want %q first", after, want)
	}
}

// A wave comes back where resyncs do, and not where the period alone has passed.
func TestEchoesThatCame(t *testing.T) {
	for _, came := range []bool{true, false} {
		s := tell(t, 0)
		s.run.Mark(tally.Mark{Kind: tally.Start, Name: "start", Period: tally.Seconds(20 * time.Minute)})
		s.resync(time.Second, resync.Applied, 0, 10)
		if came {
			s.resync(20*time.Minute+time.Second, resync.Unchanged, 0, 5)
		}
		if text := unwrapped(t, s.results(tally.Run{})); strings.Contains(text, "came back") != came {
			t.Errorf("with an echo %t: found %s", came, text)
		}
	}
}

func TestRunWithoutAName(t *testing.T) {
	r := tell(t, 0).resync(0, resync.Applied, 0, 10).results(tally.Run{})
	if text := form(t, r.Text); !strings.HasPrefix(text, "10 devices, 1 h ") {
		t.Errorf("the text begins with %.40q, want the number of devices", text)
	}
	if page := form(t, r.HTML); !strings.Contains(page, "<title>A run of 10 devices: provsim report</title>") {
		t.Errorf("the page's title is %.300q", page)
	}
	if suite := form(t, r.JUnit); !strings.Contains(suite, `name="provsim"`) {
		t.Errorf("the suite is %.200q", suite)
	}
}

// A run without thresholds is held to the default rule, in each form, and also after
// it was saved and read.
func TestDefaultRuleInAllForms(t *testing.T) {
	const rule = "no phone's last job failed, and at least one was provisioned"
	failed := tell(t, 0).resync(0, resync.NotFound, 0, 10).results(tally.Run{Scenario: "told", Shards: 1})
	again, err := report.Read(written(t, failed))
	if err != nil {
		t.Fatal(err)
	}
	for what, r := range map[string]*report.Results{"as it ended": failed, "as it was read": again} {
		if word, text := r.Verdict(); word != "failed" || !strings.Contains(text, rule) || !r.Failed() {
			t.Errorf("%s: %s: %s", what, word, text)
		}
		suite, quoted := form(t, r.JUnit), strings.ReplaceAll(rule, "'", "&#39;")
		if !strings.Contains(suite, `failures="1"`) || !strings.Contains(suite, `name="`+quoted+`"`) {
			t.Errorf("%s: JUnit says %s", what, suite)
		}
		for name, text := range map[string]string{"text": form(t, r.Text), "HTML": form(t, r.HTML), "JSON": asJSON(t, r)} {
			text = strings.NewReplacer("&#39;", "'", `\u003c`, "<").Replace(text)
			if !strings.Contains(text, rule) || !strings.Contains(text, "10 failed, 0 of 10 provisioned") {
				t.Errorf("%s, %s: the rule or what was found is missing", what, name)
			}
		}
		r.Check(thresholds(t, "failed > 100%"))
		if r.Failed() {
			t.Errorf("%s: a threshold does not take the place of the default rule", what)
		}
	}
	passed := tell(t, 0).resync(0, resync.Applied, 0, 1).results(tally.Run{})
	if word, text := passed.Verdict(); word != "passed" || text != "The run is valid: "+rule+"." {
		t.Errorf("%s: %s", word, text)
	}
}

func TestExamplesInAllForms(t *testing.T) {
	r := tell(t, 0).resync(0, resync.NotFound, 0, 10).results(tally.Run{})
	for name, text := range map[string]string{"text": form(t, r.Text), "HTML": form(t, r.HTML), "JSON": asJSON(t, r)} {
		text = strings.NewReplacer("&lt;", "<", "&gt;", ">", `\u003c`, "<", `\u003e`, ">").Replace(text)
		for _, want := range []string{"0021f2000000", "0021f2000002", "http://192.0.2.1/x.cfg", "no such <file>"} {
			if !strings.Contains(text, want) {
				t.Errorf("%s: %q is missing", name, want)
			}
		}
		if strings.Contains(text, "0021f2000003") {
			t.Errorf("%s: there is a fourth example", name)
		}
	}
	var s struct {
		Counts struct{ Examples []tally.Example }
	}
	var b bytes.Buffer
	if err := r.JSON(&b); err != nil {
		t.Fatal(err)
	}
	if err := json.Unmarshal(b.Bytes(), &s); err != nil || len(s.Counts.Examples) != 3 {
		t.Errorf("error %v, %d examples in JSON, want 3", err, len(s.Counts.Examples))
	}
}

// A modelled server knows the addresses that it bans. For a real one the report names the
// evidence.
func TestBanRestsOnWhatTheRunKnows(t *testing.T) {
	for virtual, want := range map[bool]string{true: "was banned at 0:20:55: ", false: "was banned at 0:20:55 while others were served: "} {
		s := newMorning(40, 1).results(t).Summary
		s.Virtual = virtual
		if text := strings.Join(report.Answer(s), "\n"); !strings.Contains(text, want) {
			t.Errorf("virtual %v: %q is not in\n%s", virtual, want, text)
		}
	}
}
