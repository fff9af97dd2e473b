package learn

import (
	"bytes"
	"cmp"
	"math"
	"net/netip"
	"slices"
	"time"
)

// Wave is a burst of boots: what follows when power comes back.
type Wave struct {
	Kind   string    `json:"kind"` // PowerCut or ServerDown
	At     time.Time `json:"at"`   // its first request
	Phones int       `json:"phones"`
	Share  float64   `json:"share"` // of all phones
	// Addresses is how many addresses they asked from. Where it is one, its site may as well
	// have lost its line, or a firewall have dropped its packets.
	Addresses int     `json:"addresses"`
	Spread    Seconds `json:"spread"` // from its first request until the last phone's first
	Power     Seconds `json:"power"`  // over what time the phones that come closest together came: how the power came back
	Peak10    int     `json:"peak10"` // the most runs that began within ten seconds
	// Cut is when the phones went off, as far as is known: between the latest run before and
	// the first poll that did not come. Zero: not known.
	Cut time.Time `json:"cut,omitzero"`
	// Back50, Back90 and Back99 are the times from At until this part of the phones had a
	// configuration; -1: it never had.
	Back50 Seconds `json:"back50"`
	Back90 Seconds `json:"back90"`
	Back99 Seconds `json:"back99"`
	// Begins and Backs are the phones whose run began, and that had a configuration, in each
	// second of the wave.
	Begins []int `json:"begins"`
	Backs  []int `json:"backs"`

	begin, end ticks
	members    []member
	after      map[uint8][]time.Duration // by vendor: when its phones began, since begin, in order
	power      time.Duration             // as Power
}

// member is a phone in a wave.
type member struct {
	*phone
	odd *odd
}

const (
	waveBin   = 10 * time.Second // in which runs are counted to find waves
	quietBins = 3                // as many without a wave's height end it
	mostWaves = 100
	curveEnd  = 3600 // seconds of a wave's curves
)

// waves finds the bursts of boots.
func (l *Learner) waves(f *Findings, phones []*phone, from ticks) {
	var boots []member
	for _, p := range phones {
		for i := range p.odd {
			if o := &p.odd[i]; o.isBoot(p.usual, from) {
				boots = append(boots, member{p, o})
			}
		}
	}
	slices.SortFunc(boots, func(a, b member) int {
		return cmp.Or(cmp.Compare(a.odd.begin, b.odd.begin), bytes.Compare(a.mac[:], b.mac[:]))
	})
	for _, group := range bursts(boots, max(8, len(phones)/200)) {
		f.Waves = append(f.Waves, l.wave(group, len(phones)))
	}
	if len(f.Waves) > mostWaves {
		slices.SortFunc(f.Waves, func(a, b Wave) int { return cmp.Compare(b.Phones, a.Phones) })
		f.Waves = f.Waves[:mostWaves]
		slices.SortFunc(f.Waves, func(a, b Wave) int { return a.At.Compare(b.At) })
	}
}

// bursts returns the parts of boots, in the order of time, that are far denser than the
// rest and have at least the given number of phones.
func bursts(boots []member, least int) (found [][]member) {
	if len(boots) == 0 {
		return nil
	}
	bin := func(m member) int { return int(m.odd.begin / inTicks(waveBin)) }
	counts := map[int]int{}
	for _, b := range boots {
		counts[bin(b)]++
	}
	// The usual number in a bin is that of the bins which are no burst's.
	low := 0
	const busy = 3
	for _, n := range counts {
		if n <= busy {
			low += n
		}
	}
	usual := float64(low) / float64(bin(boots[len(boots)-1])-bin(boots[0])+1)
	high := int(math.Ceil(usual + 5*math.Sqrt(usual) + busy))
	some := int(math.Ceil(usual + 2*math.Sqrt(usual)))
	for i := 0; i < len(boots); {
		if counts[bin(boots[i])] < high {
			i++
			continue
		}
		begin := i
		for begin > 0 && boots[i].odd.begin-boots[begin-1].odd.begin < inTicks(waveBin) && boots[begin].odd.begin-boots[begin-1].odd.begin < inTicks(waveBin/5) {
			begin--
		}
		end, last := i, bin(boots[i])
		for end < len(boots) && bin(boots[end])-last <= quietBins {
			if counts[bin(boots[end])] > some {
				last = bin(boots[end])
			}
			end++
		}
		for end > begin && bin(boots[end-1]) > last {
			end--
		}
		if end-begin >= least {
			found = append(found, boots[begin:end])
		}
		i = max(end, i+1)
	}
	return found
}

// wave sums up a burst.
func (l *Learner) wave(group []member, phones int) Wave {
	begin := group[0].odd.begin
	seen := map[*phone]bool{}
	w := Wave{At: l.at(begin), begin: begin, end: group[len(group)-1].odd.begin}
	var backs []time.Duration
	for _, m := range group {
		if seen[m.phone] { // it boots again, as after a new configuration
			continue
		}
		seen[m.phone] = true
		w.members = append(w.members, m)
		back := time.Duration(math.MaxInt64)
		if m.odd.back != never {
			back = (m.odd.begin + m.odd.back - begin).duration()
		}
		backs = append(backs, back)
	}
	w.Phones = len(w.members)
	addresses := map[netip.Addr]bool{}
	for _, m := range w.members {
		addresses[m.address] = true
	}
	w.Addresses = len(addresses)
	w.Share = float64(w.Phones) / float64(phones)
	w.Spread = seconds((w.end - begin).duration())
	slices.Sort(backs)
	part := func(q float64) Seconds {
		back := backs[min(len(backs)-1, int(math.Ceil(q*float64(len(backs))))-1)]
		if back == math.MaxInt64 {
			return -1
		}
		return seconds(back)
	}
	w.Back50, w.Back90, w.Back99 = part(0.5), part(0.9), part(0.99)
	for i, j := 0, 0; j < len(w.members); j++ {
		for w.members[j].odd.begin-w.members[i].odd.begin >= inTicks(10*time.Second) {
			i++
		}
		w.Peak10 = max(w.Peak10, j-i+1)
	}
	w.after = map[uint8][]time.Duration{}
	for _, m := range w.members {
		at := (m.odd.begin - begin).duration()
		w.after[m.vendor] = append(w.after[m.vendor], at)
		count(&w.Begins, at)
		if m.odd.back != never {
			count(&w.Backs, (m.odd.begin + m.odd.back - begin).duration())
		}
	}
	w.power = powerOf(w.after)
	w.Power = seconds(w.power)
	w.Cut = l.cut(&w)
	return w
}

// explain says for each time without answers and for the wave after it whether the phones
// or the server were down.
func (l *Learner) explain(f *Findings) {
	for i := range f.Waves {
		f.Waves[i].Kind = PowerCut
	}
	for i := range l.outages.list {
		g := &l.outages.list[i]
		o := Outage{ServerDown, l.at(g.begin), l.at(g.end), g.due, g.errors}
		for i := range f.Waves {
			w := &f.Waves[i]
			const soon = 2 * time.Minute
			if g.errors > 0 || w.begin+inTicks(soon) < g.end || w.begin > g.end+inTicks(soon) {
				continue
			}
			due := 0
			for _, m := range w.members {
				if period := m.usual; period > 0 && m.odd.lap != never && m.odd.begin-m.odd.lap+period <= g.end {
					due++
				}
			}
			if 10*due >= 9*len(w.members) {
				w.Kind = ServerDown
			} else {
				o.Kind = PowerCut
			}
		}
		g.down = o.Kind == ServerDown
		f.Outages = append(f.Outages, o)
	}
	slices.SortFunc(f.Outages, func(a, b Outage) int { return a.From.Compare(b.From) })
}

// count counts something in its second.
func count(curve *[]int, at time.Duration) {
	second := int(at / time.Second)
	if second >= curveEnd {
		return
	}
	for len(*curve) <= second {
		*curve = append(*curve, 0)
	}
	(*curve)[second]++
}

// cut returns when the phones of a wave went off.
func (l *Learner) cut(w *Wave) time.Time {
	latest, due := ticks(0), never
	for _, m := range w.members {
		if m.odd.lap == never {
			continue
		}
		before := m.odd.begin - m.odd.lap
		latest = max(latest, before)
		if period := m.usual; period > 0 && before+period < w.begin {
			due = min(due, before+period)
		}
	}
	if latest == 0 || due == never {
		return time.Time{}
	}
	return l.at(latest/2 + max(due, latest)/2)
}

// delayOf returns over what time the phones of a vendor spread themselves in the largest
// wave, beyond the others' spread; -1: none shows it.
func (l *Learner) delayOf(f *Findings, vendor uint8) Seconds {
	if l.vendors[vendor-1].RandomDelay == "" {
		return -1
	}
	most, best := 0, Seconds(-1)
	for i := range f.Waves {
		w := &f.Waves[i]
		own := w.after[vendor]
		if len(own) <= most || len(own) < enoughPhones || w.Kind != PowerCut {
			continue
		}
		most = len(own)
		spread := between(own)
		if w.power < spread { // else no other vendor's phones tell
			spread -= w.power
		}
		best = seconds(spread.Round(time.Second))
	}
	return best
}

// powerOf returns over what time the power came back, as the vendor shows whose phones
// come closest together.
func powerOf(after map[uint8][]time.Duration) time.Duration {
	least := time.Duration(math.MaxInt64)
	for _, all := range after {
		if len(all) >= enoughPhones {
			least = min(least, between(all))
		}
	}
	if least == math.MaxInt64 {
		return 0
	}
	return least
}

// enoughPhones is how many phones tell a spread.
const enoughPhones = 10

// between returns the length of an even spread from the middle nine tenths of it: the n
// times of one part it into n+1 equal parts. The times are in order, of enough phones.
func between(all []time.Duration) time.Duration {
	n := len(all)
	low, high := n/20, n-1-n/20
	return time.Duration(float64(all[high]-all[low]) * float64(n+1) / float64(high-low))
}
