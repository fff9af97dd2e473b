package learn

import (
	"cmp"
	"slices"
	"time"
)

// byVendor sums up what the phones of each vendor do.
func (l *Learner) byVendor(f *Findings, phones []*phone, from ticks) {
	groups := map[uint8][]*phone{}
	for _, p := range phones {
		groups[p.vendor] = append(groups[p.vendor], p)
	}
	for number, group := range groups {
		v := Vendor{Name: l.vendors[number-1].Name, Phones: len(group), personality: l.vendors[number-1]}
		l.productsOf(&v, group)
		var periods, retries []time.Duration
		var daily []time.Duration
		dailyPhones := 0
		for _, p := range group {
			v.Polls += int(p.polls)
			if p.usual > 0 {
				periods = append(periods, p.usual.duration())
			}
			times := l.timesOfDay(p)
			if times != nil {
				dailyPhones++
				daily = append(daily, times...)
			}
			for i := range p.odd {
				o := &p.odd[i]
				switch {
				case o.retry:
					v.Retries++
					retries = append(retries, o.lap.duration())
				case times != nil && o.lap != never && daysApart(o.lap.duration()):
					v.Polls++
				case o.isBoot(p.usual, from):
					v.Boots++
				case o.lap != never:
					v.Polls++
				}
			}
		}
		v.NoPeriod = v.Phones - len(periods) - dailyPhones
		v.Periods = periodsOf(periods)
		if len(retries) > 0 {
			slices.Sort(retries)
			v.Retry = seconds(retries[len(retries)/2])
		}
		if dailyPhones > 0 {
			slices.Sort(daily)
			v.Daily = &Daily{seconds(daily[len(daily)/100]), seconds(daily[len(daily)-1-len(daily)/100]), dailyPhones}
		}
		v.Delay = l.delayOf(f, number)
		f.Vendors = append(f.Vendors, v)
	}
	slices.SortFunc(f.Vendors, func(a, b Vendor) int { return cmp.Or(cmp.Compare(b.Phones, a.Phones), cmp.Compare(a.Name, b.Name)) })
}

func (l *Learner) productsOf(v *Vendor, group []*phone) {
	products := map[uint16]*Product{}
	for _, p := range group {
		product := products[p.product]
		if product == nil {
			product = &Product{Name: l.texts[p.product], Software: map[string]int{}}
			for _, g := range v.personality.Products {
				product.Known = product.Known || slices.Contains(g.Products, product.Name)
			}
			products[p.product] = product
		}
		product.Phones++
		if p.software != 0 {
			product.Software[l.texts[p.software]]++
		}
	}
	for _, p := range products {
		v.Products = append(v.Products, *p)
	}
	slices.SortFunc(v.Products, func(a, b Product) int { return cmp.Or(cmp.Compare(b.Phones, a.Phones), cmp.Compare(a.Name, b.Name)) })
}

const day = 24 * time.Hour

// daysApart reports whether a time between two runs is whole days, give or take the
// window of a time of day.
func daysApart(d time.Duration) bool {
	const window = 5 * time.Hour
	rest := (d + window) % day
	return d > day-window && rest <= 2*window
}

// timesOfDay returns the times of day of a phone's runs, where it has no period and its
// runs are days apart.
func (l *Learner) timesOfDay(p *phone) (times []time.Duration) {
	if p.usual > 0 {
		return nil
	}
	all := 0
	for i := range p.odd {
		o := &p.odd[i]
		if o.lap == never || o.retry {
			continue
		}
		all++
		if daysApart(o.lap.duration()) {
			times = append(times, time.Duration(l.at(o.begin).UnixNano())%day)
		}
	}
	if len(times) < 2 || 2*len(times) < all {
		return nil
	}
	return times
}

// periodsOf groups the periods of phones that are within a few percent of each other.
func periodsOf(all []time.Duration) (list []Period) {
	slices.Sort(all)
	for begin := 0; begin < len(all); {
		end := begin
		for end < len(all) && float64(all[end]) <= 1.04*float64(all[max(begin, end-1)]) {
			end++
		}
		group := all[begin:end]
		n := len(group)
		list = append(list, Period{seconds(rounded(group[n/2])), seconds(group[n*9/10] - group[n/10]), n})
		begin = end
	}
	slices.SortFunc(list, func(a, b Period) int { return cmp.Compare(b.Phones, a.Phones) })
	return list
}

// rounded returns whole minutes where a time is as near to them as logs can tell: runs
// take a while themselves.
func rounded(d time.Duration) time.Duration {
	whole := d.Round(time.Minute)
	if (d-whole).Abs() <= max(2*time.Second, d/200) && whole > 0 {
		return whole
	}
	return d.Round(time.Second)
}
