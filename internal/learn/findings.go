package learn

import (
	"bytes"
	"cmp"
	"net/netip"
	"slices"
	"time"

	"provsim/device"
)

// The kinds of names that are missed.
const (
	Expected  = "expected"     // the vendor's phones ask for it, and good servers do not have it
	Never     = "never served" // it was never served to any phone of the vendor
	Real      = "missing"      // some have it
	WrongCase = "wrong case"   // it is there in capitals, or in small letters
	Served    = "served"       // never missed
)

// The causes of a time without answers and of the wave after it.
const (
	PowerCut   = "power cut"   // phones went off: ones came back that were not due
	ServerDown = "server down" // all who came back had been due
)

// at returns an instant as wall time.
func (l *Learner) at(t ticks) time.Time {
	return time.UnixMicro(l.begin).Add(t.duration()).UTC()
}

// Findings ends the learning and sums up.
func (l *Learner) Findings() *Findings {
	f := &Findings{Counts: l.counts, Refused: l.refused, Logs: []Log{}, Vendors: []Vendor{}, Waves: []Wave{}, Outages: []Outage{}, Bans: []Ban{}, Campaigns: []Campaign{}, Names: []Named{}, Sites: []Site{}, Strangers: []Stranger{}, Hours: []HourCounts{}}
	l.server.close()
	phones := l.kept(f)
	for _, p := range phones {
		if p.run.open {
			p.end()
		}
	}
	f.Phones = len(phones)
	first := never
	for _, p := range phones {
		first = min(first, p.first)
	}
	if len(phones) > 0 {
		f.From, f.Until = l.at(first), time.UnixMicro(l.latest).UTC()
	}
	settle(phones, ticks(max(0, l.latest-l.begin)/tick.Microseconds()))
	l.list(f, phones)
	from := newFrom(first, phones)
	l.waves(f, phones, from)
	l.explain(f)
	l.forgive(f, phones)
	l.byVendor(f, phones, from)
	l.namesOf(f)
	l.others(f, phones)
	f.Server = l.server.sum()
	return f
}

// kept returns the phones that are ones, in the order of their addresses.
func (l *Learner) kept(f *Findings) []*phone {
	var phones []*phone
	for _, p := range l.phones {
		switch {
		case p.vendor == 0:
			f.NoVendor++
		case p.served == 0 && !p.byAgent:
			f.Unserved++
		default:
			phones = append(phones, p)
		}
	}
	for _, a := range l.addresses {
		if a.unnamed != nil {
			phones = append(phones, a.unnamed)
			f.Unnamed++
		}
	}
	slices.SortFunc(phones, func(a, b *phone) int {
		if order := bytes.Compare(a.mac[:], b.mac[:]); order != 0 {
			return order
		}
		return a.address.Compare(b.address)
	})
	return phones
}

// settle settles on each phone's period. One that the logs show too little of has that of
// most phones of its vendor, if it has come again once after that time. A time after which
// it then stayed away for longer is no period: phones that only boot show such times
// between two power cuts.
func settle(phones []*phone, end ticks) {
	laps := map[uint8][]ticks{}
	for _, p := range phones {
		p.usual = p.known()
		laps[p.vendor] = append(laps[p.vendor], p.laps[:min(int(p.lap), mostLaps)]...)
		for i := range p.odd {
			if o := &p.odd[i]; o.lap != never && !o.retry && (p.usual > 0 || !p.stayedAway(i, end)) {
				laps[p.vendor] = append(laps[p.vendor], o.lap)
			}
		}
	}
	most := map[uint8]ticks{}
	for vendor, all := range laps {
		most[vendor] = densest(all)
	}
	for _, p := range phones {
		for i := range p.odd {
			if lap, period := p.odd[i].lap, most[p.vendor]; p.usual == 0 && period > 0 && !p.stayedAway(i, end) && (near(lap, period) || shifted(lap, period)) {
				p.usual = period
			}
		}
	}
}

// stayedAway reports whether a phone without polls came later after an odd run, or by the
// end of the logs not yet, than it had come with that run.
func (p *phone) stayedAway(i int, end ticks) bool {
	o, next := &p.odd[i], end
	if i+1 < len(p.odd) {
		next = p.odd[i+1].begin
	}
	away := max(next, o.begin) - o.begin
	return o.lap != never && away > o.lap && !near(away, o.lap)
}

// densest returns the time that most of all are near to; 0: there is no time that a quarter
// of them is.
func densest(all []ticks) (found ticks) {
	slices.Sort(all)
	most := max(5, len(all)/4)
	for i, j := 0, 0; j < len(all); j++ {
		for !near(all[i], all[j]) {
			i++
		}
		if n := j - i + 1; n > most {
			most, found = n, all[(i+j)/2]
		}
	}
	return found
}

// known returns the phone's period; 0: it is not known.
func (p *phone) known() ticks {
	if n := min(int(p.lap), mostLaps); n >= 2 {
		laps := slices.Clone(p.laps[:n])
		slices.Sort(laps)
		for _, lap := range laps[:(n+1)/2] { // times with missing runs between are longer
			if near(lap, laps[(n-1)/2]) {
				return laps[(n-1)/2]
			}
		}
	}
	if p.lap == 1 {
		return p.laps[0]
	}
	return 0
}

func (l *Learner) list(f *Findings, phones []*phone) {
	f.List = make([]Phone, len(phones))
	for i, p := range phones {
		f.List[i] = Phone{
			MAC: p.mac, Named: p.named, Vendor: l.vendorOf(p), Product: l.texts[p.product], Software: l.texts[p.software],
			Address: p.address, Period: p.usual.duration(), Web: p.web,
		}
	}
}

// forgive takes an odd run for a retry if the phone was due before it in a time without
// answers: the server's log does not show that attempt. The runs of the wave after a
// power cut stay.
func (l *Learner) forgive(f *Findings, phones []*phone) {
	for _, p := range phones {
		period := p.usual
		for i := range p.odd {
			o := &p.odd[i]
			cut := slices.ContainsFunc(f.Waves, func(w Wave) bool { return w.Kind == PowerCut && o.begin >= w.begin && o.begin <= w.end })
			if o.lap == never || period == 0 || cut {
				continue
			}
			due := o.begin - o.lap + period
			for _, g := range l.outages.list {
				if g.down && due+inTicks(mostDelay) >= g.begin && due <= g.end && o.begin >= g.end {
					o.retry = true
				}
			}
		}
	}
}

// isBoot reports whether a run off the schedule is a boot: it is no retry, and no poll
// from before the period was known.
func (o *odd) isBoot(period, newFrom ticks) bool {
	switch {
	case o.retry:
		return false
	case o.lap == never:
		return o.begin >= newFrom
	case period == 0:
		return true
	}
	if o.late && shifted(o.lap, period) {
		return false
	}
	return !near(o.lap, period) && !skips(o.lap, period)
}

// newFrom is the instant from which a phone that is seen first is new: the longest usual
// period after the begin of the log, and at most a day.
func newFrom(first ticks, phones []*phone) ticks {
	longest := time.Duration(0)
	for _, p := range phones {
		if period := p.usual.duration(); period < 25*time.Hour {
			longest = max(longest, period)
		}
	}
	if longest == 0 {
		longest = 24 * time.Hour
	}
	return first + inTicks(longest+longest/10)
}

// namesOf sums up the names that were missed.
func (l *Learner) namesOf(f *Findings) {
	for number, names := range l.names[1:] {
		served := map[string]bool{}
		for form, n := range names {
			if n.served > 0 {
				served[lower(form)] = true
			}
		}
		for form, n := range names {
			kind := Served
			switch {
			case n.missed == 0:
			case n.is.Missing:
				kind = Expected
			case n.served > 0:
				kind = Real
			case served[lower(form)]:
				kind = WrongCase
			case n.is.Own && n.is.Class == device.ConfigClass && n.is.Known:
				kind = Real
			default:
				kind = Never
			}
			f.Names = append(f.Names, Named{l.vendors[number].Name, shown(form, n.is.Known), n.is.Class.String(), kind, n.served, n.missed, n.failed, n.is.Known})
		}
	}
	slices.SortFunc(f.Names, func(a, b Named) int {
		return cmp.Or(cmp.Compare(b.Missed, a.Missed), cmp.Compare(b.Served, a.Served), cmp.Compare(a.Vendor, b.Vendor), cmp.Compare(a.Name, b.Name))
	})
	const most = 500
	f.Names = f.Names[:min(most, len(f.Names))]
}

// shown returns a name for people: without what may be a secret, which is a long word of
// letters and digits, or a value.
func shown(form string, known bool) string {
	const long = 20
	run, digits, letters := 0, false, false
	for _, c := range []byte(form) {
		switch {
		case c >= '0' && c <= '9':
			run, digits = run+1, true
		case c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z':
			run, letters = run+1, true
		case c == '-' || c == '_':
			run++
		case c == '=' || c == '@' || c == '&':
			return "{hidden}"
		default:
			run, digits, letters = 0, false, false
		}
		if run >= long && digits && letters && !known {
			return "{hidden}"
		}
	}
	return form
}

// lower returns a form in small letters.
func lower(form string) string {
	b := []byte(form)
	for i, c := range b {
		if c >= 'A' && c <= 'Z' {
			b[i] = c + 'a' - 'A'
		}
	}
	return string(b)
}

// others sums up what is left.
func (l *Learner) others(f *Findings, phones []*phone) {
	behind := map[netip.Addr]int{}
	campaigns := map[[4]uint16]*Campaign{}
	for _, p := range phones {
		if p.served == 0 || p.ownMissed > 0 && p.ownServed == 0 {
			f.NoFile++
		}
		behind[p.address]++
		if p.before == 0 {
			continue
		}
		key := [4]uint16{uint16(p.vendor), p.product, p.before, p.software}
		c := campaigns[key]
		if c == nil {
			c = &Campaign{Vendor: l.vendorOf(p).Name, Product: l.texts[p.product], Before: l.texts[p.before], After: l.texts[p.software], From: l.at(p.changed), Until: l.at(p.changed)}
			campaigns[key] = c
		}
		c.Phones++
		if at := l.at(p.changed); at.Before(c.From) {
			c.From = at
		} else if at.After(c.Until) {
			c.Until = at
		}
	}
	for _, c := range campaigns {
		f.Campaigns = append(f.Campaigns, *c)
	}
	slices.SortFunc(f.Campaigns, func(a, b Campaign) int {
		return cmp.Or(a.From.Compare(b.From), cmp.Compare(a.After, b.After), cmp.Compare(a.Before, b.Before), cmp.Compare(a.Product, b.Product), cmp.Compare(a.Vendor, b.Vendor))
	})
	sites := map[int]int{}
	for _, n := range behind {
		sites[n]++
	}
	for n, addresses := range sites {
		f.Sites = append(f.Sites, Site{n, addresses})
	}
	slices.SortFunc(f.Sites, func(a, b Site) int { return cmp.Compare(a.Devices, b.Devices) })
	for agent, n := range l.strangers {
		f.Strangers = append(f.Strangers, Stranger{agent, n})
	}
	slices.SortFunc(f.Strangers, func(a, b Stranger) int {
		return cmp.Or(cmp.Compare(b.Requests, a.Requests), cmp.Compare(a.Agent, b.Agent))
	})
	for _, b := range l.bans {
		lasted := time.Duration(0)
		if b.end != never {
			lasted = (b.end - b.begin).duration()
		}
		f.Bans = append(f.Bans, Ban{l.at(b.begin), seconds(lasted), int(b.after), b.status})
	}
	for number, h := range l.hours {
		f.Hours = append(f.Hours, HourCounts{time.UnixMicro(number * time.Hour.Microseconds()).UTC(), *h})
	}
	slices.SortFunc(f.Hours, func(a, b HourCounts) int { return a.At.Compare(b.At) })
}
