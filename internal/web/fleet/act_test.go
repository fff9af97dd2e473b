package fleet

import (
	"net/http"
	"net/url"
	"strings"
	"testing"
)

// Power that is cut goes at once, comes back after its time, and takes what the
// devices remembered of their last resync.
func TestPowerCut(t *testing.T) {
	s := start(t, "town").login()
	if states := s.states(); states["failed"] != 18 || states["idle"] != 102 {
		t.Errorf("before, the devices are %v", states)
	}
	status, _ := s.post("/power-cut", url.Values{"percent": {"100"}, "site": {"office"}, "for": {"1"}, "over": {""}})
	if status != http.StatusSeeOther {
		t.Fatalf("a power cut answers %d", status)
	}
	page := s.get("/overview")
	if !strings.Contains(page, "The power of 100 % of the sites of kind &#34;office&#34; is cut for 1 s.") {
		t.Errorf("the page does not say so:\n%s", page)
	}
	if states := s.states(); states["off"] != 60 {
		t.Errorf("in the power cut the devices are %v, want the 60 of offices off", states)
	}
	s.resyncs(60)
	var r standing
	s.fresh()
	s.json("/api/run", &r)
	names := []string{}
	for _, w := range r.Summary.Waves {
		names = append(names, w.Name)
	}
	if got := strings.Join(names, ", "); got != "start, power-cut, power back" || r.States["off"] != 0 {
		t.Errorf("the marks are %q and the devices %v", got, r.States)
	}
}

// Part of the devices is asked, and what makes no sense is refused in words.
func TestAsk(t *testing.T) {
	s := start(t, "town").login()
	for body, want := range map[string]string{
		`{"percent":0}`:                   "want more than 0 up to 100",
		`{"percent":101}`:                 "want more than 0 up to 100",
		`{"over":-1}`:                     "want 0 to 86400",
		`{"over":86401}`:                  "want 0 to 86400",
		`{"site":"garden"}`:               "no such kind of site",
		`{"percent":50,"colour":"green"}`: "unknown field",
	} {
		if status, answer := s.ask("POST", "/api/resync", body); status != http.StatusBadRequest || !strings.Contains(answer, want) {
			t.Errorf("%s answers %d %s, want 400 with %q", body, status, answer, want)
		}
	}
	if status, answer := s.ask("POST", "/api/power-cut", `{"for":0}`); status != http.StatusBadRequest || !strings.Contains(answer, "want 1 to 86400") {
		t.Errorf("a power cut of no length answers %d %s", status, answer)
	}
	if status, answer := s.ask("POST", "/api/resync", `{"site":"home"}`); status != http.StatusOK || !strings.Contains(answer, "kind") {
		t.Errorf("a resync answers %d %s", status, answer)
	}
	s.resyncs(60)
}

// A run is stopped by who says so twice, and only once.
func TestStop(t *testing.T) {
	s := start(t, "town").login()
	if status, _ := s.ask("POST", "/api/stop", `{}`); status != http.StatusBadRequest {
		t.Errorf("an end that is not confirmed answers %d", status)
	}
	s.post("/stop", url.Values{})
	select {
	case <-s.stopped:
		t.Fatal("the run was stopped by a form without its tick")
	default:
	}
	for range 2 {
		if status, body := s.ask("POST", "/api/stop", `{"confirm":true}`); status != http.StatusOK {
			t.Errorf("the end answers %d: %s", status, body)
		}
	}
	<-s.stopped
}
