package manager

import (
	"context"
	"fmt"
	"net"
	"net/netip"
	"strings"
)

// MostSearched is how many addresses a search list has at most (MGR-2).
const MostSearched = 4096

// ParseSearch reads a search list: addresses, ranges FIRST-LAST and names, with
// semicolons between them. Broadcast addresses are refused; inside of a range they are
// skipped (MGR-14). Networks are those of the Manager. The error names the column.
func ParseSearch(ctx context.Context, text string, networks []netip.Prefix) ([]netip.Addr, error) {
	var list []netip.Addr
	seen := map[netip.Addr]bool{}
	o := Options{networks: networks}
	add := func(a netip.Addr) {
		if !seen[a] {
			seen[a] = true
			list = append(list, a)
		}
	}
	column := 1
	for entry := range strings.SplitSeq(text, ";") {
		at := column + len(entry) - len(strings.TrimLeft(entry, " \t"))
		column += len(entry) + 1
		entry = strings.TrimSpace(entry)
		if entry == "" {
			continue
		}
		first, last, err := entryOf(ctx, entry)
		if err != nil {
			return nil, fmt.Errorf("column %d: %w", at, err)
		}
		if first == last && o.isBroadcast(first) {
			return nil, fmt.Errorf("column %d: %v is a broadcast address, which TCP cannot use; give it as the Unit/Broadcast address", at, first)
		}
		for a := first; a.Compare(last) <= 0 && a.IsValid(); a = a.Next() {
			if !o.isBroadcast(a) {
				add(a)
			}
			if len(list) > MostSearched {
				return nil, fmt.Errorf("column %d: the list has more than %d addresses", at, MostSearched)
			}
		}
	}
	return list, nil
}

// entryOf reads an address, a range or a name.
func entryOf(ctx context.Context, entry string) (first, last netip.Addr, err error) {
	from, to, ranged := strings.Cut(entry, "-")
	if first, err = netip.ParseAddr(strings.TrimSpace(from)); err == nil && first.Is4() {
		if last = first; ranged {
			last, err = netip.ParseAddr(strings.TrimSpace(to))
		}
		if err != nil || !last.Is4() || last.Less(first) {
			return first, last, fmt.Errorf("found the range %.64q, want FIRST-LAST, two IPv4 addresses of which the last is not the smaller one", entry)
		}
		return first, last, nil
	}
	if strings.Trim(entry, "0123456789.-") == "" || len(entry) > 255 || strings.ContainsAny(entry, "/:, \t\"") {
		return first, last, fmt.Errorf("found %.64q, want an IPv4 address, a range FIRST-LAST, or a name", entry)
	}
	addrs, err := net.DefaultResolver.LookupNetIP(ctx, "ip4", entry)
	if err != nil || len(addrs) == 0 {
		return first, last, fmt.Errorf("the name %.64q has no address", entry)
	}
	return addrs[0].Unmap(), addrs[0].Unmap(), nil
}
