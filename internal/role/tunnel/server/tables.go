package server

import (
	"cmp"
	"fmt"
	"strconv"
	"time"

	"provsim/internal/role"
	"provsim/internal/role/tunnel"
	"provsim/internal/role/tunnel/link"
)

// totals are counts over all tunnels.
type totals struct {
	link.Counts
	Spoofed, Elsewhere int64
}

// Tunnels returns how many there are.
func (s *Server) Tunnels() int {
	s.mu.Lock()
	defer s.mu.Unlock()
	return len(s.tunnels)
}

// mostRows is how many tunnels a page shows.
const mostRows = 200

func (s *Server) tunnelTable(most int) role.Table {
	all := s.all()
	table := role.Table{
		Title: "Tunnels", Columns: []string{"Device", "Address", "From", "Codec", "Age", "Last in", "Bytes in", "Bytes out", "Dropped", "Spoofed"},
		Empty: "No device has a tunnel.", Note: fmt.Sprintf("%d tunnels", len(all)),
	}
	for _, t := range all[:min(most, len(all))] {
		address := "not known yet"
		if i := t.number.Load(); i >= 0 {
			address = tunnel.Address(int(i)).String()
		}
		c := t.link.Counts()
		table.Rows = append(table.Rows, []string{
			cmp.Or(t.device, "not said"), address, t.from.String(), t.link.CodecName(), time.Since(t.opened).Round(time.Second).String(), t.link.Since().Round(time.Second).String(),
			strconv.FormatInt(c.BytesIn, 10), strconv.FormatInt(c.BytesOut, 10), strconv.FormatInt(c.Dropped, 10), strconv.FormatInt(t.spoofed.Load(), 10),
		})
	}
	return table
}

// Tables returns what the server holds and has done, for a page.
func (s *Server) Tables() []role.Table {
	sum := s.Totals()
	counts := role.Table{Title: "Messages and packets", Columns: []string{"What", "Count"}}
	for _, row := range []struct {
		what  string
		count int64
	}{
		{"messages in", sum.MessagesIn}, {"bytes in", sum.BytesIn}, {"messages out", sum.MessagesOut}, {"bytes out", sum.BytesOut},
		{"dropped, the queue was full", sum.Dropped}, {"of another source than the tunnel's address", sum.Spoofed}, {"to another target than the server", sum.Elsewhere},
		{"larger than the MTU", sum.TooLarge}, {"IPv6", sum.IPv6}, {"broken", sum.Broken}, {"of no known codec", sum.Unknown},
	} {
		counts.Rows = append(counts.Rows, []string{row.what, strconv.FormatInt(row.count, 10)})
	}
	return []role.Table{s.tunnelTable(mostRows), s.behind.table(), counts, s.options.Log.Table()}
}

// Totals returns the counts of all tunnels.
func (s *Server) Totals() (sum totals) {
	s.mu.Lock()
	defer s.mu.Unlock()
	sum = s.ended
	for t := range s.tunnels {
		sum.Add(t.link.Counts())
		sum.Spoofed += t.spoofed.Load()
		sum.Elsewhere += t.elsewhere.Load()
	}
	return sum
}
