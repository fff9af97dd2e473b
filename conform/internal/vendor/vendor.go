// Package vendor checks what the phones of each vendor ask a server for, and the answers
// that mislead them. The checks of group phone are for phones of any vendor. Each other
// group has the name of a vendor and applies to this vendor's phones only.
package vendor

import (
	"context"
	"slices"
	"strings"

	"provsim/conform/check"
	"provsim/resync"
)

// Checks returns the checks of all groups of this package, in the order of groups and
// numbers.
func Checks() []check.Check {
	return slices.Concat(phone, yealink, flyingvoiceFIP, grandstream, snom, fanvil, ciscoSPA, polycom)
}

// onFiles makes a check's function of one that finds faults in what a phone gets. It is
// asked about each phone of the target. Expected is what the finding says then.
func onFiles(expected string, faults func(context.Context, *check.Probe, *check.File) ([]string, error)) func(context.Context, *check.Probe) check.Finding {
	return func(ctx context.Context, p *check.Probe) check.Finding {
		var all []string
		for _, ph := range p.Target.Phones {
			file, err := p.Provision(ctx, ph.MAC)
			if err != nil {
				return check.Errorf("as the phone: %w", err)
			}
			found, err := faults(ctx, p, &file)
			if err != nil {
				return check.Errorf("as the phone: %w", err)
			}
			for _, f := range found {
				if !slices.Contains(all, f) {
					all = append(all, f)
				}
			}
		}
		if len(all) > 0 {
			return check.Fail(expected, "%s", strings.Join(all, "; "))
		}
		return check.Pass("%s", expected)
	}
}

// onTransfers is onFiles for what shows in one transfer alone. The function returns ""
// where it finds no fault.
func onTransfers(expected string, fault func(*check.Transfer) string) func(context.Context, *check.Probe) check.Finding {
	return onFiles(expected, func(_ context.Context, _ *check.Probe, f *check.File) (faults []string, _ error) {
		for i := range f.Transfers {
			if what := fault(&f.Transfers[i]); what != "" {
				faults = append(faults, f.Transfers[i].Name()+": "+what)
			}
		}
		return faults, nil
	})
}

// onFault is onTransfers for files that come whole and that the firmware refuses for one
// reason.
func onFault(expected string, reason resync.Outcome) func(context.Context, *check.Probe) check.Finding {
	return onTransfers(expected, func(t *check.Transfer) string {
		if t.Fault == reason {
			return t.Note
		}
		return ""
	})
}

// like returns a check that asks the same of phones of another vendor.
func like(c check.Check, id, source string) check.Check {
	c.ID, c.Source = id, source
	return c
}
