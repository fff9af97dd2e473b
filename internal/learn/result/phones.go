package result

import (
	"io"

	"provsim/fleet/scenario"
	"provsim/internal/learn"
)

// Phones writes the list of phones: those of vendors whose phones a plan knows.
func Phones(w io.Writer, f *learn.Findings) error {
	var list []scenario.Phone
	for _, p := range planned(f) {
		list = append(list, scenario.Phone{MAC: p.MAC, Vendor: p.Vendor.Name, Product: p.Product})
	}
	return scenario.WritePhones(w, list)
}

// planned returns the phones that a plan can play.
func planned(f *learn.Findings) (list []learn.Phone) {
	for _, p := range f.List {
		if p.Vendor.Tree != nil {
			list = append(list, p)
		}
	}
	return list
}
