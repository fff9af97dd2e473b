package tally

import (
	"encoding/json"
	"fmt"
	"io"
	"math"
	"time"
)

// siteFile is a file of sites. Cells in which nothing happened are left out.
type siteFile struct {
	Format int        `json:"format"`
	Width  Seconds    `json:"width"` // of a cell
	Cells  int        `json:"cells"` // of each site
	Sites  []siteLine `json:"sites"`
}

type siteLine struct {
	Address   string     `json:"address"`
	Vendor    string     `json:"vendor,omitempty"` // of its devices
	Banned    *Seconds   `json:"banned,omitempty"` // when a modelled server banned it first
	Successes uint64     `json:"successes"`
	Failures  uint64     `json:"failures"`
	First     *Seconds   `json:"first,omitempty"` // of the successes
	Last      Seconds    `json:"last,omitempty"`
	Served    [][2]int   `json:"served,omitempty"` // cell, successes in it (at most 65535)
	Denied    []deniedIn `json:"denied,omitempty"`
}

// deniedIn is a cell with failures that a ban may have caused.
type deniedIn struct {
	Cell      int     `json:"cell"`
	Forbidden uint32  `json:"403,omitempty"`
	Limited   uint32  `json:"429,omitempty"`
	Reset     uint32  `json:"reset,omitempty"`
	Silence   uint32  `json:"silence,omitempty"`
	First     Seconds `json:"first"`
}

// Sites returns how many sites there are.
func (t *Totals) Sites() int { return len(t.sites.site) }

// WriteSites writes the sites as JSON.
func (t *Totals) WriteSites(w io.Writer) error {
	s := &t.sites
	f := siteFile{Format: Format, Width: Seconds(s.width), Cells: s.cells, Sites: make([]siteLine, len(s.site))}
	for i := range s.site {
		f.Sites[i] = s.line(i)
	}
	return json.NewEncoder(w).Encode(f)
}

func (s *sites) line(number int) siteLine {
	one := &s.site[number]
	l := siteLine{Address: s.addresses[number], Vendor: one.vendor, Banned: (*Seconds)(one.banned), Successes: one.ok, Failures: one.failed, Last: Seconds(one.last)}
	if one.ok > 0 {
		l.First = (*Seconds)(&one.first)
	}
	for cell, n := range s.row(number) {
		if n > 0 {
			l.Served = append(l.Served, [2]int{cell, int(n)})
		}
	}
	for _, b := range one.bad {
		l.Denied = append(l.Denied, deniedIn{
			Cell: int(b.cell), Forbidden: b.count[forbidden], Limited: b.count[limited],
			Reset: b.count[reset], Silence: b.count[silence], First: Seconds(b.first),
		})
	}
	return l
}

// ReadSites reads what WriteSites wrote, in place of the sites of t.
func (t *Totals) ReadSites(r io.Reader) error {
	var f siteFile
	if err := json.NewDecoder(r).Decode(&f); err != nil {
		return err
	}
	switch {
	case f.Format != Format:
		return fmt.Errorf("found format %d, want %d", f.Format, Format)
	case f.Width < Seconds(time.Second) || f.Cells < 1 || f.Cells > max(1, maxCells/max(1, len(f.Sites))):
		return fmt.Errorf("found %d sites with %d cells of %v, want at most %d cells of a second or more", len(f.Sites), f.Cells, f.Width, maxCells)
	}
	s := sitesOf(len(f.Sites), time.Duration(f.Width), f.Cells, func(i int) string { return f.Sites[i].Address })
	for i := range f.Sites {
		if err := s.read(i, &f.Sites[i]); err != nil {
			return fmt.Errorf("site %d: %w", i, err)
		}
	}
	t.sites = s
	return nil
}

func (s *sites) read(number int, l *siteLine) error {
	one := &s.site[number]
	one.vendor, one.ok, one.failed, one.last = l.Vendor, l.Successes, l.Failures, time.Duration(l.Last)
	one.banned = (*time.Duration)(l.Banned)
	if l.First != nil {
		one.first = time.Duration(*l.First)
	}
	row := s.row(number)
	for _, c := range l.Served {
		if c[0] < 0 || c[0] >= s.cells || c[1] < 0 || c[1] > math.MaxUint16 {
			return fmt.Errorf("found %d successes in cell %d, want up to %d in a cell under %d", c[1], c[0], math.MaxUint16, s.cells)
		}
		row[c[0]] = uint16(c[1])
	}
	for _, d := range l.Denied {
		if d.Cell < 0 || d.Cell >= s.cells {
			return fmt.Errorf("found failures in cell %d, want one under %d", d.Cell, s.cells)
		}
		*one.at(int32(d.Cell)) = badCell{
			cell: int32(d.Cell), first: time.Duration(d.First),
			count: [numDenials]uint32{forbidden: d.Forbidden, limited: d.Limited, reset: d.Reset, silence: d.Silence},
		}
	}
	return nil
}
