package learn

import (
	"cmp"
	"slices"
	"time"
)

// outages finds the times in which the server gave no answer of use: it gave errors
// alone, or no phone came although several were due. Phones are due a period after
// their latest run, so silence between two polls of a fleet is no outage.
type outages struct {
	last  ticks // the latest entry with an answer of use
	any   ticks // the latest entry
	begun bool
	wrong int   // errors since then
	first ticks // of these errors
	due   map[uint32]int32
	list  []gap
}

// gap is a time without an answer of use.
type gap struct {
	begin, end ticks
	due        int // phones that should have come
	errors     int
	down       bool // the server's doing
}

// mostGaps bounds how many are remembered, those in which the most phones were due.
const mostGaps = 256

// expect notes when a phone is due that has begun a run.
func (o *outages) expect(p *phone) {
	if o.due == nil {
		o.due = map[uint32]int32{}
	}
	if p.due != 0 {
		if o.due[p.due]--; o.due[p.due] <= 0 {
			delete(o.due, p.due)
		}
	}
	p.due = 0
	if p.sure > 1 {
		p.due = uint32((p.run.begin + p.period).duration() / time.Second)
		o.due[p.due]++
	}
}

// missing returns how many phones were due between two instants, well off their ends,
// and when the first of them was.
func (o *outages) missing(from, until ticks) (n int, first ticks) {
	const margin = 5
	low, high := uint32(from.duration()/time.Second)+margin, uint32(until.duration()/time.Second)-margin
	earliest := high
	for second, due := range o.due {
		if second >= low && second < high {
			n += int(due)
			earliest = min(earliest, second)
		}
	}
	return n, ticks(earliest) * inTicks(time.Second)
}

// count takes an entry with its answer.
func (o *outages) count(now ticks, useful bool) {
	if !o.begun {
		o.begun, o.last, o.any = true, now, now
	}
	if now < o.any { // late
		return
	}
	o.any = now
	if !useful {
		if o.wrong == 0 {
			o.first = now
		}
		o.wrong++
		return
	}
	from := o.last
	if o.wrong > 0 {
		from = o.first
	}
	const errors, silence, erring, phones = 10, 30 * time.Second, 5 * time.Second, 5
	between := (now - from).duration()
	g := gap{begin: from, end: now, errors: o.wrong}
	if o.wrong == 0 && between >= silence {
		var first ticks
		if g.due, first = o.missing(from, now); g.due > 0 {
			g.begin = max(from, first)
		}
	}
	if o.wrong >= errors && between >= erring || g.due >= phones {
		o.list = append(o.list, g)
		if len(o.list) > mostGaps {
			slices.SortFunc(o.list, func(a, b gap) int { return cmp.Compare(b.due+b.errors, a.due+a.errors) })
			o.list = o.list[:mostGaps]
		}
	}
	o.wrong, o.last = 0, now
}
