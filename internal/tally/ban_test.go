package tally_test

import (
	"testing"
	"time"

	"provsim/device"
	"provsim/internal/tally"
	"provsim/resync"
)

// sites is a run of 40 devices behind four addresses, device i behind address
// i mod 4, that ask every minute for ten minutes. answer says how a resync of a
// site ends in a minute.
func sites(t *testing.T, answer func(site, minute int) device.Event) *tally.Totals {
	s := begin(t, whole(40, 4, 10*time.Minute))
	s.up(0, devices(0, 40)...)
	for minute := range 10 {
		for i := range 40 {
			at := time.Duration(minute)*time.Minute + time.Duration(i)*time.Second
			s.start(at, at, i)
			s.done(at, answer(i%4, minute), i)
		}
	}
	return s.end(10 * time.Minute)
}

var (
	served    = device.Event{Outcome: resync.Unchanged}
	forbidden = device.Event{Outcome: resync.HTTPStatus, Status: 403}
	limited   = device.Event{Outcome: resync.HTTPStatus, Status: 429}
	broken    = device.Event{Outcome: resync.HTTPStatus, Status: 500}
	refused   = device.Event{Outcome: resync.Refused}
	cutOff    = device.Event{Outcome: resync.Truncated, Bytes: 9}
	silent    = device.Event{Outcome: resync.Timeout}
	local     = device.Event{Outcome: resync.Unreachable, Local: true}
)

func TestBans(t *testing.T) {
	from := func(minute int, bad device.Event) func(site, m int) device.Event {
		return func(site, m int) device.Event {
			if site == 2 && m >= minute {
				return bad
			}
			return served
		}
	}
	// The first device behind the third address asks at second 2.
	ban := func(how string) []tally.Ban {
		return []tally.Ban{{Site: 2, Address: "10.0.0.3", At: tally.Seconds(4*time.Minute + 2*time.Second), How: how, Count: 60}}
	}
	tests := []struct {
		rule   string
		answer func(site, minute int) device.Event
		want   []tally.Ban
	}{
		{"403 for one address", from(4, forbidden), ban("403")},
		{"429 for one address", from(4, limited), ban("429")},
		{"connections refused", from(4, refused), ban("reset")},
		{"connections cut off", from(4, cutOff), ban("reset")},
		{"silence", from(4, silent), ban("silence")},
		{"another status is the server's fault", from(4, broken), nil},
		{"this machine's fault is no ban", from(4, local), nil},
		{"an address that was never served is not banned", from(0, forbidden), nil},
		{"an outage is no ban", func(_, m int) device.Event {
			if m >= 4 {
				return silent
			}
			return served
		}, nil},
		{"a server that fails most devices bans none", func(site, m int) device.Event {
			if m >= 4 && (site == 2 || m%3 > 0) {
				return silent
			}
			return served
		}, nil},
		{"a ban that ends", func(site, m int) device.Event {
			if site == 2 && m == 4 {
				return silent
			}
			return served
		}, []tally.Ban{{Site: 2, Address: "10.0.0.3", At: tally.Seconds(4*time.Minute + 2*time.Second),
			Until: tally.Seconds(5*time.Minute + 2*time.Second), How: "silence", Count: 10}}},
	}
	for _, tt := range tests {
		totals := sites(t, tt.answer)
		equal(t, tt.rule, totals.Bans(), tt.want)
	}
}

func TestFailuresAmongSuccessesAreNoBan(t *testing.T) {
	n := 0
	totals := sites(t, func(site, _ int) device.Event {
		if n++; site == 2 && n%8 < 4 {
			return silent
		}
		return served
	})
	equal(t, "bans", totals.Bans(), []tally.Ban(nil))
}

func TestFailuresAndSuccessesInOneSecondAreNoBan(t *testing.T) {
	s := begin(t, whole(40, 4, 10*time.Minute))
	s.up(0, devices(0, 40)...)
	for minute := range time.Duration(10) {
		for i := range 40 {
			answer := served
			if i%4 == 2 && i < 30 && minute == 5 {
				answer = silent
			}
			s.start(minute*time.Minute, minute*time.Minute, i)
			s.done(minute*time.Minute+time.Duration(i)*time.Millisecond, answer, i)
			s.start(minute*time.Minute, minute*time.Minute, i)
			s.done(minute*time.Minute+time.Second+time.Duration(i)*time.Millisecond, served, i)
		}
	}
	equal(t, "bans", s.end(10*time.Minute).Bans(), []tally.Ban(nil))
}

func TestUnservedSites(t *testing.T) {
	totals := sites(t, func(site, _ int) device.Event {
		if site == 1 {
			return forbidden
		}
		return served
	})
	equal(t, "addresses", totals.Summary(tally.Run{}, nil).Unserved, []string{"10.0.0.2"})
}
