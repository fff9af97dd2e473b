package activator

import (
	"fmt"
	"net/netip"
	"slices"
	"time"

	"provsim/device"
)

type miss struct {
	first time.Time
	count int
}

// guess is one unknown number that an address has asked for.
type guess struct {
	number string
	at     time.Time
}

type guesser struct {
	recent []guess
	told   time.Time
}

// Get says which tree a request below the web root may read (ACT-GET-1, -2). It
// reports false for all that gets the one answer 404.
func (m *Machine) Get(now time.Time, from netip.Addr, number, name string) (file string, ok bool, acts []Action) {
	t, live := m.trees[number]
	if live && m.config.Life > 0 && !now.Before(t.Published.Add(m.config.Life)) {
		m.finish(now, t, "expired")
		live = false
	}
	if live {
		file, ok = t.file(name)
		return file, ok, m.take()
	}
	m.missed(now, from.Unmap(), number)
	return "", false, m.take()
}

// missed remembers that an unknown number was asked for (ACT-GET-3, ACT-SEC-1).
func (m *Machine) missed(now time.Time, from netip.Addr, number string) {
	if !isNumber(number) {
		return
	}
	if e, ok := m.ended.get(number); ok && e.word == "expired" {
		m.tell(now, "expired", e.mac, fmt.Sprintf("asked for %.0f s after its tree ended", now.Sub(e.at).Seconds()))
	}
	known, ok := m.misses.get(number)
	if !ok || now.Sub(known.first) > missLife {
		known = &miss{first: now}
		m.misses.put(number, known)
	}
	known.count++
	g, ok := m.sources.get(from)
	if !ok {
		g = &guesser{}
		m.sources.put(from, g)
	}
	g.recent = slices.DeleteFunc(g.recent, func(old guess) bool { return now.Sub(old.at) > guessWindow || old.number == number })
	g.recent = append(g.recent, guess{number, now})
	if len(g.recent) >= guesses && (g.told.IsZero() || now.Sub(g.told) >= guessWindow) {
		g.told = now
		m.tell(now, "guessing", device.MAC{}, fmt.Sprintf("%v asked for %d different unknown numbers within a minute", from, len(g.recent)))
	}
	if len(g.recent) > guesses {
		g.recent = slices.Delete(g.recent, 0, len(g.recent)-guesses)
	}
}

// Put says whether a phone may put a file (ACT-PUT-1): 201 for a new one, 204
// for one that is there, 403 for another name or too many, 404 without a tree.
func (m *Machine) Put(now time.Time, from netip.Addr, number, name string) (file string, status int, acts []Action) {
	t := m.trees[number]
	if t == nil {
		m.missed(now, from.Unmap(), number)
		return "", 404, m.take()
	}
	file, ok := t.upload(name)
	switch {
	case !ok:
		return "", 403, nil
	case slices.Contains(t.Uploads, file):
		return file, 204, nil
	case len(t.Uploads) == mostUploads:
		return "", 403, nil
	}
	t.Uploads = append(t.Uploads, file)
	return file, 201, nil
}

// Lost takes that a file that was new could not be kept.
func (m *Machine) Lost(number, file string) {
	if t := m.trees[number]; t != nil {
		t.Uploads = slices.DeleteFunc(t.Uploads, func(known string) bool { return known == file })
	}
}
