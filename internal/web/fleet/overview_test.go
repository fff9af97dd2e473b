package fleet

import (
	"strings"
	"testing"

	"provsim/internal/report"
	"provsim/internal/tally"
)

// A run that goes on has not failed yet, although no phone may be provisioned so far.
func TestRunUnderWayHasNoVerdict(t *testing.T) {
	s := start(t, "town").login()
	if page := s.get("/overview"); !strings.Contains(page, ">running</span>") || !strings.Contains(page, "If it ended now: failed.") {
		t.Errorf("the page of a run with failures says %s", page)
	}
}

// Without a ban and without a site that was never served nothing is red.
func TestSitesCard(t *testing.T) {
	for want, s := range map[card]*tally.Summary{
		{Title: "Sites not served", Value: "none", Note: "no site was banned"}:               {},
		{Title: "Sites not served", Value: "2", Note: "0 banned, 2 never served", Bad: true}: {Unserved: []string{"site 1", "site 2"}},
		{Title: "Sites not served", Value: "2", Note: "1 banned, 1 never served", Bad: true}: {Bans: make([]tally.Ban, 1), Unserved: []string{"site 1"}},
	} {
		if got := (&view{results: &report.Results{Summary: s}}).sitesCard(); got != want {
			t.Errorf("found %+v, want %+v", got, want)
		}
	}
}
