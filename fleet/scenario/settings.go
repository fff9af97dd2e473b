package scenario

import (
	"fmt"
	"maps"
	"slices"
	"strings"

	"provsim/device"
	"provsim/profile"
)

// checkSettings holds values against the parameters that devices of a population
// know. A name that is unknown to all its vendors is refused.
func checkSettings(c *checker, p *Population, set map[string]string) {
	all := p.Vendors()
	for _, name := range slices.Sorted(maps.Keys(set)) {
		known := slices.ContainsFunc(all, func(vendor *device.Personality) bool {
			_, ok := vendor.Parameters.Find(name)
			return ok
		})
		if !known {
			hint := ""
			if near, ok := all[0].Parameters.Nearest(name); ok {
				hint = fmt.Sprintf(", did you mean %q?", near)
			}
			c.fault(name, "is unknown to the device%s", hint)
		}
		if known && strings.ContainsAny(set[name], "\n") {
			c.fault(name, "found a line end, want one line")
		}
	}
	for _, vendor := range all {
		checkVendorSettings(c, p, vendor, set)
	}
}

// checkVendorSettings holds values against those parameters that one vendor knows.
// It does so where the vendors of the phones are known.
func checkVendorSettings(c *checker, p *Population, vendor *device.Personality, set map[string]string) {
	if p.unread() {
		return
	}
	quirks := p.QuirksOf(vendor)
	for _, name := range slices.Sorted(maps.Keys(set)) {
		parameter, ok := vendor.Parameters.Find(name)
		if !ok {
			continue
		}
		if err := vendor.Check(quirks, parameter, set[name]); err != nil {
			c.fault(name, "%v", err)
		}
	}
}

// Apply puts values, by web name or file name, on a configuration of a vendor. The
// names and values are those of a scenario that has been checked; names that the
// vendor does not know are another vendor's.
func Apply(vendor *device.Personality, config profile.Config, set map[string]string) (profile.Config, error) {
	for _, name := range slices.Sorted(maps.Keys(set)) {
		p, ok := vendor.Parameters.Find(name)
		if !ok {
			continue
		}
		next, err := config.With(p.Name, set[name])
		if err != nil {
			return config, err
		}
		config = next
	}
	return config, nil
}
