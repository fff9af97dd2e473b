package tally

import (
	"fmt"
	"math"
	"net/http"
	"slices"
	"sort"
	"time"

	"provsim/device"
	"provsim/internal/journal"
	"provsim/resync"
)

// sites counts the resyncs behind each source address, in cells of time.
type sites struct {
	width     time.Duration // of a cell
	cells     int           // of each site
	addresses []string
	site      []site
	// successes has the cells of the first site, then those of the second, and so
	// on. A count that is full stays full, so that adding is exact.
	successes []uint16
}

// site is one source address.
type site struct {
	vendor     string         // of its devices, in a fleet of several vendors
	banned     *time.Duration // when a modelled server banned it first; nil: not known
	ok, failed uint64
	first      time.Duration // of the successes; never without one
	last       time.Duration
	bad        []badCell // in the order of their cells
}

const never = time.Duration(math.MaxInt64)

// badCell is a cell with failures that a ban may have caused.
type badCell struct {
	cell  int32
	count [numDenials]uint32
	first time.Duration
}

// maxCells bounds the memory of all sites together.
const maxCells = 1 << 20

// cellWidths are the widths that a cell may have. A ban lasts minutes to days,
// so more than a thousand cells tell nothing new.
var cellWidths = []time.Duration{
	time.Second, 2 * time.Second, 5 * time.Second, 10 * time.Second, 30 * time.Second,
	time.Minute, 2 * time.Minute, 5 * time.Minute, 10 * time.Minute, 30 * time.Minute,
	time.Hour, 6 * time.Hour, 24 * time.Hour, MaxDuration + time.Second,
}

func newSites(c Config) sites {
	if c.Sites == 0 {
		return sites{}
	}
	most := min(1500, max(1, maxCells/c.Sites))
	fits := func(i int) bool { return int(c.Duration/cellWidths[i]) < most }
	i := min(sort.Search(len(cellWidths), fits), len(cellWidths)-1)
	s := sitesOf(c.Sites, cellWidths[i], int(min(c.Duration, MaxDuration)/cellWidths[i])+1, c.Address)
	s.vendorsAt(c)
	return s
}

func sitesOf(n int, width time.Duration, cells int, address func(int) string) sites {
	s := sites{
		width: width, cells: cells, site: make([]site, n), addresses: make([]string, n),
		successes: make([]uint16, n*cells),
	}
	for i := range s.site {
		s.site[i].first = never
		if address != nil {
			s.addresses[i] = address(i)
		}
	}
	return s
}

// cell returns the cell of an instant. What comes after the planned end is in
// the last one.
func (s *sites) cell(at time.Duration) int { return min(int(at/s.width), s.cells-1) }

func (s *sites) row(site int) []uint16 { return s.successes[site*s.cells : (site+1)*s.cells] }

// count notes a resync that has ended, or a transfer of one that goes on, as servers ban
// for requests. A transfer that fails and is no denial, such as a file that is not there,
// says that the server answers, and no more. A failure of this machine tells nothing
// about the server.
func (s *sites) count(c Config, index int, r *journal.Record) {
	if len(s.site) == 0 || r.Local {
		return
	}
	number := c.Site(index)
	one, cell := &s.site[number], s.cell(r.T)
	d, isDenial := denied(&r.Event)
	if r.Kind == device.Transferred && r.Outcome != resync.None && !isDenial {
		return
	}
	if r.Outcome.Success() || r.Outcome == resync.None {
		one.ok++
		one.first, one.last = min(one.first, r.T), max(one.last, r.T)
		row := s.row(number)
		row[cell] = saturated(row[cell], 1)
		return
	}
	one.failed++
	if isDenial {
		one.denied(int32(cell), d, r.T)
	}
}

func saturated(a, b uint16) uint16 { return uint16(min(uint32(a)+uint32(b), math.MaxUint16)) }

// denied notes a failure. Cells come nearly in order: only records of one
// instant may be told in any.
func (s *site) denied(cell int32, d denial, at time.Duration) {
	b := s.at(cell)
	b.count[d]++
	b.first = min(b.first, at)
}

// at finds a cell, or makes it.
func (s *site) at(cell int32) *badCell {
	if n := len(s.bad); n > 0 && s.bad[n-1].cell == cell {
		return &s.bad[n-1]
	}
	i := sort.Search(len(s.bad), func(i int) bool { return s.bad[i].cell >= cell })
	if i == len(s.bad) || s.bad[i].cell != cell {
		s.bad = slices.Insert(s.bad, i, badCell{cell: cell, first: never})
	}
	return &s.bad[i]
}

func (s *sites) checkMerge(o *sites) error {
	if s.width != o.width || s.cells != o.cells || !slices.Equal(s.addresses, o.addresses) {
		return fmt.Errorf("%w: found %d sites in %d cells of %v in one, %d in %d of %v in the other, or other addresses",
			ErrOtherRun, len(s.site), s.cells, s.width, len(o.site), o.cells, o.width)
	}
	return nil
}

func (s *sites) merge(o *sites) {
	for i := range s.site {
		s.site[i].merge(&o.site[i])
	}
	for i := range s.successes {
		s.successes[i] = saturated(s.successes[i], o.successes[i])
	}
}

func (s *site) merge(o *site) {
	s.vendor = together(s.vendor, o.vendor)
	if s.banned == nil {
		s.banned = o.banned // all shards of a plan run the same server
	}
	s.ok += o.ok
	s.failed += o.failed
	s.first, s.last = min(s.first, o.first), max(s.last, o.last)
	for i := range o.bad {
		other := &o.bad[i]
		s.at(other.cell).add(other)
	}
}

func (b *badCell) add(o *badCell) {
	b.first = min(b.first, o.first)
	for d := range b.count {
		b.count[d] += o.count[d]
	}
}

// fit puts the counts into cells of the width that o has, because a run that goes
// on may be longer than it was.
func (s *sites) fit(o *sites) {
	if s.width == o.width && s.cells == o.cells || len(s.site) != len(o.site) {
		return
	}
	next := sitesOf(len(s.site), o.width, o.cells, nil)
	next.addresses = s.addresses
	for i := range s.site {
		row := next.row(i)
		for cell, n := range s.row(i) {
			to := next.cell(time.Duration(cell) * s.width)
			row[to] = saturated(row[to], n)
		}
		moved := s.site[i]
		moved.bad = nil
		for _, b := range s.site[i].bad {
			moved.at(int32(next.cell(time.Duration(b.cell) * s.width))).add(&b)
		}
		next.site[i] = moved
	}
	*s = next
}

// denial is a way in which a server, or a firewall before it, keeps a source
// address out.
type denial uint8

const (
	forbidden denial = iota // HTTP 403
	limited                 // HTTP 429
	reset                   // refused, or cut off in the middle
	silence                 // no answer

	numDenials = int(silence) + 1
)

var denialWords = [numDenials]string{forbidden: "403", limited: "429", reset: "reset", silence: "silence"}

// denied reports whether a failure is one that a ban causes.
func denied(e *device.Event) (denial, bool) {
	switch e.Outcome {
	case resync.HTTPStatus:
		return deniedByStatus(e.Status)
	case resync.Refused, resync.Truncated, resync.Unreachable:
		return reset, true
	case resync.Timeout:
		return silence, true
	}
	return 0, false
}

func deniedByStatus(status int) (denial, bool) {
	switch status {
	case http.StatusForbidden:
		return forbidden, true
	case http.StatusTooManyRequests:
		return limited, true
	}
	return 0, false
}
