package fleet

import (
	"fmt"
	"net/http"
	"slices"
	"strings"
	"testing"
)

// What a query finds, by the numbers of the devices. 120 devices: 0 to 59 in
// offices of 10, 60 to 119 at home, each at a site of its own.
func TestSearch(t *testing.T) {
	s := start(t, "town").login()
	for _, c := range []struct {
		why, query string
		total      int
		first      []int
	}{
		{"everybody", "", 120, []int{0, 1, 2}},
		{"a device's number, and addresses with these digits", "q=45", 2, []int{45, 69}},
		{"a whole address", "q=0021f2000011", 1, []int{17}},
		{"an address in pairs", "q=00:21:F2:00:00:11", 1, []int{17}},
		{"an address in fours", "q=0021.f200.0011", 1, []int{17}},
		{"a part of an address across its groups", "q=2:00:00:1", 16, []int{16, 17}},
		{"no hex digits", "q=phone", 0, nil},
		{"longer than an address", "q=0021f20000110", 0, nil},
		{"failed devices", "state=failed", 18, []int{0, 7, 14}},
		{"by outcome", "outcome=http-status", 18, []int{0, 7}},
		{"by state and outcome that exclude each other", "state=failed&outcome=applied", 0, nil},
		{"a kind of site", "site=home", 60, []int{60, 61}},
		{"a site's number", "site=3", 10, []int{30, 31}},
		{"a site that is not there", "site=garden", 0, nil},
		{"failed devices of one site", "site=3&state=failed", 1, []int{35}},
		{"the last page", "page=3", 120, []int{100, 101}},
		{"a page behind the last", "page=4", 120, nil},
		{"a page far behind the last", "page=4611686018427387904", 120, nil},
	} {
		var l listing
		s.json("/api/devices?"+c.query, &l)
		var numbers []int
		for _, d := range l.Devices {
			numbers = append(numbers, d.Number)
		}
		if l.Total != c.total || len(numbers) < len(c.first) || len(c.first) == 0 && len(numbers) > 0 {
			t.Errorf("%s: found %d: %v, want %d", c.why, l.Total, numbers, c.total)
			continue
		}
		if !slices.Equal(numbers[:len(c.first)], c.first) {
			t.Errorf("%s: found %v, want %v first", c.why, numbers, c.first)
		}
	}
}

// The pages of a query hold each device that it finds once, in their order.
func TestPages(t *testing.T) {
	s := start(t, "town").login()
	for _, query := range []string{"", "q=00", "site=home", "state=failed"} {
		var seen []int
		for page, pages := 1, 1; page <= pages; page++ {
			var l listing
			s.json(fmt.Sprintf("/api/devices?%s&page=%d", query, page), &l)
			pages = l.Pages
			if page < pages && len(l.Devices) != pageSize {
				t.Errorf("%q: page %d has %d devices", query, page, len(l.Devices))
			}
			for _, d := range l.Devices {
				seen = append(seen, d.Number)
			}
			if page == pages && len(seen) != l.Total {
				t.Errorf("%q: found %d devices on all pages, want %d", query, len(seen), l.Total)
			}
		}
		if !slices.IsSorted(seen) || len(slices.Compact(slices.Clone(seen))) != len(seen) {
			t.Errorf("%q: the devices are %v", query, seen)
		}
	}
}

// What is no query is refused, on the page and in the API.
func TestBadQueries(t *testing.T) {
	s := start(t, "town").login()
	for _, query := range []string{"state=asleep", "outcome=fine", "page=0", "page=-1", "page=x", "q=" + strings.Repeat("a", 65), "site=" + strings.Repeat("a", 65)} {
		for _, path := range []string{"/devices?", "/api/devices?"} {
			if status, _ := s.ask("GET", path+query, ""); status != http.StatusBadRequest {
				t.Errorf("%s%s answers %d", path, query, status)
			}
		}
	}
	for _, mac := range []string{"0021f2ffffff", "0021f2000078", "0023f2000000", "x", "ffffffffffff", "..%2f..%2fetc"} {
		for _, path := range []string{"/devices/", "/api/devices/"} {
			if status, _ := s.ask("GET", path+mac, ""); status != http.StatusNotFound {
				t.Errorf("%s%s answers %d", path, mac, status)
			}
		}
	}
}

// A device's page has its whole journal, the newest first.
func TestDeviceJournal(t *testing.T) {
	s := start(t, "town").login()
	var d struct {
		State, Outcome, Kind string
		Older                bool
		Records              []struct {
			Event, Device, URL, Note string
			Seq                      int
		}
	}
	s.json("/api/devices/0021f2000007", &d)
	if d.State != "failed" || d.Outcome != "http-status" || d.Kind != "office" || d.Older || len(d.Records) < 5 {
		t.Fatalf("the device is %+v", d)
	}
	for i, r := range d.Records {
		if r.Seq != d.Records[0].Seq-i || r.Device != "0021f2000007" {
			t.Errorf("record %d is %+v", i, r)
		}
	}
	if r := d.Records[0]; r.Event != "resync.done" || r.URL != "http://192.0.2.1/0021f2000007.cfg" || r.Note != "403 "+evil {
		t.Errorf("the newest record is %+v", r)
	}
	if page := s.get("/devices/00-21-F2-00-00-07"); !strings.Contains(page, "http://192.0.2.1/0021f2000007.cfg") || !strings.Contains(page, "<code>boot</code>") {
		t.Errorf("the page is\n%s", page)
	}
}
