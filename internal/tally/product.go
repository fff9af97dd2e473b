package tally

import (
	"cmp"
	"slices"

	"provsim/internal/journal"
)

// Kind is a vendor and one of its products.
type Kind struct {
	Vendor  string `json:"vendor"`
	Product string `json:"product"`
}

// Product sums up the devices of one product in a fleet of several, or of all
// products of a vendor.
type Product struct {
	Kind
	Devices     int    `json:"devices"`
	Provisioned int    `json:"provisioned"` // at the end of the run
	Boots       uint64 `json:"boots"`
	Requests    uint64 `json:"requests"` // transfers of all classes
	Missed      uint64 `json:"missed"`   // of them: failed as expected, the vendor's normal case
	Failed      uint64 `json:"failed"`   // the others that failed

	provision Histogram // from a device's power to its configuration
}

// Provision returns the times from the power of each device until it was provisioned
// first.
func (p *Product) Provision() *Histogram { return &p.provision }

// productsOf returns the counts of a new tally.
func productsOf(c Config) []Product {
	if len(c.Kinds) < 2 {
		return nil
	}
	list := make([]Product, len(c.Kinds))
	for i, kind := range c.Kinds {
		list[i].Kind = kind
	}
	for i := range c.Devices {
		list[c.Kind(i)].Devices++
	}
	return list
}

// product returns the counts of a device's product, or nil.
func (t *Tally) product(index int) *Product {
	if len(t.totals.Products) == 0 {
		return nil
	}
	return &t.totals.Products[t.config.Kind(index)]
}

func (p *Product) count(transfer *journal.Transfer) {
	p.Requests++
	switch {
	case transfer.Failed() && transfer.Expected:
		p.Missed++
	case transfer.Failed():
		p.Failed++
	}
}

// endProducts counts the devices that are provisioned.
func (t *Tally) endProducts() {
	for i := range t.totals.Products {
		t.totals.Products[i].Provisioned = 0
	}
	for i := range t.phones {
		if p := t.product(i); p != nil && t.phones[i].flags&provisioned != 0 {
			p.Provisioned++
		}
	}
}

// sameProducts reports whether two shards have the same products.
func sameProducts(a, b []Product) bool {
	return slices.EqualFunc(a, b, func(a, b Product) bool { return a.Kind == b.Kind })
}

// merge adds the counts of o. The shards' histograms are merged by their names.
func (p *Product) merge(o *Product) {
	p.Devices += o.Devices
	p.Provisioned += o.Provisioned
	p.Boots += o.Boots
	p.Requests += o.Requests
	p.Missed += o.Missed
	p.Failed += o.Failed
}

// Vendors sums up the products of each vendor, in the order of their first ones.
func (t *Totals) Vendors() (list []Product) {
	for i := range t.Products {
		p := &t.Products[i]
		at := slices.IndexFunc(list, func(v Product) bool { return v.Vendor == p.Vendor })
		if at < 0 {
			at = len(list)
			list = append(list, Product{Kind: Kind{Vendor: p.Vendor}})
		}
		list[at].merge(p)
		list[at].provision.Merge(&p.provision)
	}
	return list
}

// SeveralVendors stands for the vendors of a site whose devices are not all of one vendor.
const SeveralVendors = "several"

// vendorsAt lists for each site the vendors of its devices, in a fleet of several products.
func (s *sites) vendorsAt(c Config) {
	if len(s.site) == 0 || len(c.Kinds) < 2 {
		return
	}
	for i := range c.Devices {
		one := &s.site[c.Site(i)]
		one.vendor = together(one.vendor, c.Kinds[c.Kind(i)].Vendor)
	}
}

// together returns the vendor of devices of which some are of one and some of another.
func together(a, b string) string {
	switch {
	case a == "" || a == b:
		return b
	case b == "":
		return a
	}
	return SeveralVendors
}

// CutOff says how many addresses a server stopped to serve at which only devices of one
// vendor stand.
type CutOff struct {
	Vendor    string  `json:"vendor"` // "several" for addresses with devices of several
	Addresses int     `json:"addresses"`
	Banned    int     `json:"banned"` // of them: at least once
	First     Seconds `json:"first"`  // when the first of them was
}

// CutOffs returns the vendors of banned addresses, the one that was banned first before
// the others; nil in a fleet of one vendor.
func (t *Totals) CutOffs(bans []Ban) (list []CutOff) {
	seen := map[int]bool{}
	for _, b := range bans {
		vendor := t.sites.site[b.Site].vendor
		if vendor == "" || seen[b.Site] {
			continue
		}
		seen[b.Site] = true
		at := slices.IndexFunc(list, func(c CutOff) bool { return c.Vendor == vendor })
		if at < 0 {
			at = len(list)
			list = append(list, CutOff{Vendor: vendor, First: b.At})
			for i := range t.sites.site {
				if t.sites.site[i].vendor == vendor {
					list[at].Addresses++
				}
			}
		}
		list[at].Banned++
		list[at].First = min(list[at].First, b.At)
	}
	slices.SortStableFunc(list, func(a, b CutOff) int { return cmp.Compare(a.First, b.First) })
	return list
}
