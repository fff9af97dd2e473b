package scenario

import (
	"encoding/json"
	"fmt"
	"net/netip"
	"slices"

	"provsim/device"
	"provsim/device/vendors"
	"provsim/profile/rule"
)

// PhoneList is a list of phones in memory, made by [ReadPhones]. What phones have in
// common is there once, so that a list of a million costs little. Nothing changes it.
type PhoneList struct {
	file, sum string
	macs      []device.MAC
	addrs     []netip.Addr // empty where no phone has an address of its own
	lines     []int32      // of the file
	kinds     interned[phoneKind]
	leads     interned[PhoneLead]
	serials   interned[string]
	files     interned[[2]string]
}

// phoneKind is what kind of phone a row names, as far as it does.
type phoneKind struct {
	vendor  string
	block   string // the vendor that owns the address, where the row names none
	product string
}

// PhoneLead is where a row leads its phone. The zero value is where the scenario does.
type PhoneLead struct{ Server, Rule string }

// interned is a column whose equal values are kept once.
type interned[T comparable] struct {
	values []T
	of     []int32     // by phone: which of the values
	known  map[T]int32 // while the list is read
}

func (c *interned[T]) add(value T) {
	n, ok := c.known[value]
	if !ok {
		if c.known == nil {
			c.known = map[T]int32{}
		}
		n = int32(len(c.values))
		c.values, c.known[value] = append(c.values, value), n
	}
	c.of = append(c.of, n)
}

func (c *interned[T]) at(i int) T { return c.values[c.of[i]] }

func (l *PhoneList) add(p *Phone, line int) {
	kind := phoneKind{vendor: p.Vendor, product: p.Product}
	if owner, ok := vendors.Of(p.MAC); ok && p.Vendor == "" {
		kind.block = owner.Name
	}
	if p.IP.IsValid() {
		l.addrs = append(l.addrs, make([]netip.Addr, len(l.macs)-len(l.addrs))...)
		l.addrs = append(l.addrs, p.IP)
	}
	l.macs, l.lines = append(l.macs, p.MAC), append(l.lines, int32(line))
	l.kinds.add(kind)
	l.leads.add(PhoneLead{p.Server, p.Rule})
	l.serials.add(p.Serial)
	l.files.add([2]string{p.Cert, p.Key})
}

// Len returns how many phones there are.
func (l *PhoneList) Len() int { return len(l.macs) }

// Phone returns a phone by its place, as its row has it.
func (l *PhoneList) Phone(i int) Phone {
	kind, lead, files := l.kinds.at(i), l.leads.at(i), l.files.at(i)
	return Phone{
		MAC: l.macs[i], Vendor: kind.vendor, Product: kind.product, Serial: l.serials.at(i),
		Server: lead.Server, Rule: lead.Rule, IP: l.Addr(i), Cert: files[0], Key: files[1],
	}
}

// MAC returns the address of a phone; zero where its row has none.
func (l *PhoneList) MAC(i int) device.MAC { return l.macs[i] }

// Addr returns the address of a phone's lease; the zero address where its row has none.
func (l *PhoneList) Addr(i int) netip.Addr {
	if i >= len(l.addrs) {
		return netip.Addr{}
	}
	return l.addrs[i]
}

// Serial returns a phone's serial number; "" where its row has none.
func (l *PhoneList) Serial(i int) string { return l.serials.at(i) }

// HasSerials reports whether a phone has one of its own.
func (l *PhoneList) HasSerials() bool { return len(l.serials.values) > 1 || l.serials.values[0] != "" }

// Kind returns the number of a phone's kind, an index of what [Population.KindsOf]
// returns.
func (l *PhoneList) Kind(i int) int { return int(l.kinds.of[i]) }

// Lead returns where a phone's row leads it, and the number of that among the others.
func (l *PhoneList) Lead(i int) (number int, lead PhoneLead) {
	return int(l.leads.of[i]), l.leads.at(i)
}

// Fault returns what is wrong with a phone, in a column of its row.
func (l *PhoneList) Fault(i int, column, format string, args ...any) Fault {
	return Fault{File: l.file, Line: int(l.lines[i]), Path: column, Text: fmt.Sprintf(format, args...)}
}

// MarshalJSON writes a digest of all rows, for that of the scenario.
func (l *PhoneList) MarshalJSON() ([]byte, error) { return json.Marshal(l.sum) }

// KindsOf returns, for each kind of phone of the list, the products that its phones may
// be: those of the population with the kind's vendor and product, or where there are
// none, a product of that name. The population is filled in.
func (p *Population) KindsOf() [][]Product {
	kinds := make([][]Product, len(p.List.kinds.values))
	for i, kind := range p.List.kinds.values {
		vendor := or(or(kind.vendor, p.Vendor), kind.block)
		kinds[i] = slices.DeleteFunc(slices.Clone(p.Products), func(product Product) bool {
			return vendor != "" && p.VendorOf(&product).Name != vendor || kind.product != "" && product.Name != kind.product
		})
		if len(kinds[i]) == 0 {
			made := Product{Vendor: vendor, Name: kind.product}
			kinds[i] = []Product{made.filled(p.VendorOf(&made))}
		}
	}
	return kinds
}

// checkList refuses a list that has too few phones, and rows that lead phones where
// those of their vendor cannot go. Of equal ones it looks at the first.
func (p *Population) checkList(c *checker, devices int) {
	l := p.List
	if l == nil {
		return
	}
	if devices > l.Len() {
		c.faults.add(faultf("devices", "found %d, want at most %d, the phones of %s", devices, l.Len(), l.file))
	}
	type way struct{ kind, lead int32 }
	seen := map[way]bool{}
	kinds := p.KindsOf()
	for i := range l.Len() {
		w := way{l.kinds.of[i], l.leads.of[i]}
		if l.leads.values[w.lead] == (PhoneLead{}) || seen[w] {
			continue
		}
		seen[w] = true
		for _, product := range kinds[w.kind] {
			vendor := p.VendorOf(&product)
			if column, err := l.leads.values[w.lead].Check(vendor, p.QuirksOf(vendor)); err != nil {
				c.faults.add(l.Fault(i, column, "%v", err))
				break
			}
		}
	}
}

// Check reports what is wrong with where a row leads a phone of a vendor, and in which
// column. The error shows nothing of it.
func (l PhoneLead) Check(vendor *device.Personality, quirks device.Quirks) (column string, err error) {
	settings, _, column, ok := l.Expand(vendor)
	if !ok {
		return column, fmt.Errorf("%s phones are led to their server otherwise: want the other column, or settings and options of the scenario", vendor.Vendor)
	}
	if vendor == vendors.Default() {
		_, err = rule.Parse(l.Rule)
	}
	for _, s := range settings {
		if parameter, known := vendor.Parameters.Find(s.Name); known && err == nil {
			err = vendor.Check(quirks, parameter, s.Value)
		}
	}
	if err != nil {
		return column, fmt.Errorf("want one that %s phones take; 'provsim rule --vendor %s' says what is wrong with it", vendor.Vendor, vendor.Name)
	}
	return column, nil
}

// Expand returns what leads a phone of a vendor there: settings, and the option of its
// lease that takes the server, or 0. Column is the one that says so. It reports false
// where phones of the vendor cannot be led so.
func (l PhoneLead) Expand(vendor *device.Personality) (settings []device.Setting, option uint8, column string, ok bool) {
	if l.Server != "" {
		settings, option, ok = vendor.Expand("server", l.Server)
		return settings, option, "server", ok
	}
	settings, option, ok = vendor.Expand("profile-rule", l.Rule)
	return settings, option, "rule", ok
}
