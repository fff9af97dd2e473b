package tally

import "time"

// When failures count as a ban.
const (
	minDenied = 5  // failures of the site in a row, without a success between them
	minServed = 10 // successes of other sites meanwhile, which must outnumber their failures
)

// Ban is a source address that a server stopped to serve while it served others.
type Ban struct {
	Site    int     `json:"site"`
	Address string  `json:"address"` // or the name of the site
	At      Seconds `json:"at"`      // of the first failure, or of the ban where that is known
	// Until is when the site was served again, to the width of a cell of time;
	// 0: it was not.
	Until Seconds `json:"until,omitempty"`
	How   string  `json:"how"`   // 403, 429, reset or silence: what most failures were
	Count uint64  `json:"count"` // the failures
}

// spell is a time in which a site has failures and no success.
type spell struct {
	from, to int // its cells; to is the first with a success again, or the end
	first    time.Duration
	count    [numDenials]uint64
}

// Banned notes that a modelled server has banned a site, and when it did so first.
func (t *Tally) Banned(site int, at time.Duration) {
	if site < len(t.totals.sites.site) {
		t.totals.sites.site[site].banned = &at
	}
}

// known returns the bans of sites of which a modelled server has said that it banned
// them: of each the first, as far as its devices met it.
func (s *sites) known() (bans []Ban) {
	for i := range s.site {
		at := s.site[i].banned
		if at == nil {
			continue
		}
		for _, sp := range s.spells(i) {
			if sp.to > s.cell(*at) {
				b := s.ban(i, sp)
				b.At = Seconds(*at)
				bans = append(bans, b)
				break
			}
		}
	}
	return bans
}

// Bans names the sites that were served, then not, while others were. A modelled server
// knows which it has banned.
func (t *Totals) Bans() []Ban {
	s := &t.sites
	if bans := s.known(); bans != nil {
		return bans
	}
	if len(s.site) < 2 {
		return nil
	}
	served, failed := s.everybody()
	var bans []Ban
	for i := range s.site {
		for _, sp := range s.spells(i) {
			if sp.first < s.site[i].first || sp.total() < minDenied || !s.othersServed(i, sp, served, failed) {
				continue
			}
			bans = append(bans, s.ban(i, sp))
		}
	}
	return bans
}

// everybody returns the successes of all sites in each cell, and the failures.
func (s *sites) everybody() (served, failed []uint64) {
	served, failed = make([]uint64, s.cells), make([]uint64, s.cells)
	for i := range s.site {
		for cell, n := range s.row(i) {
			served[cell] += uint64(n)
		}
		for j := range s.site[i].bad {
			failed[s.site[i].bad[j].cell] += s.site[i].bad[j].total()
		}
	}
	return served, failed
}

// spells returns the spells of a site. The cell in which one begins may have
// successes before the first failure.
func (s *sites) spells(site int) (all []spell) {
	row := s.row(site)
	for i := range s.site[site].bad {
		bad := &s.site[site].bad[i]
		cell := int(bad.cell)
		if n := len(all); n > 0 && cell < all[n-1].to {
			all[n-1].add(bad)
			continue
		}
		to := cell + 1
		for to < s.cells && row[to] == 0 {
			to++
		}
		if row[cell] > 0 && to == cell+1 && s.site[site].last > bad.first {
			continue // nothing but failures among successes
		}
		all = append(all, spell{from: cell, to: to, first: bad.first})
		all[len(all)-1].add(bad)
	}
	return all
}

func (s *sites) othersServed(site int, sp spell, served, failed []uint64) bool {
	var ok, bad uint64
	row := s.row(site)
	for cell := sp.from; cell < sp.to; cell++ {
		ok += served[cell] - uint64(row[cell])
		bad += failed[cell]
	}
	bad -= sp.total()
	return ok >= minServed && ok >= bad
}

func (s *sites) ban(site int, sp spell) Ban {
	b := Ban{Site: site, Address: s.name(site), At: Seconds(sp.first), Count: sp.total()}
	if sp.to < s.cells {
		b.Until = Seconds(time.Duration(sp.to) * s.width)
	}
	most := 0
	for d, n := range sp.count {
		if n > sp.count[most] {
			most = d
		}
	}
	b.How = denialWords[most]
	return b
}

func (s *spell) add(b *badCell) {
	for d, n := range b.count {
		s.count[d] += uint64(n)
	}
}

func (s *spell) total() (n uint64) {
	for _, one := range s.count {
		n += one
	}
	return n
}

func (b *badCell) total() (n uint64) {
	for _, one := range b.count {
		n += uint64(one)
	}
	return n
}
