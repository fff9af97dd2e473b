package who

import (
	"path"
	"slices"
	"strings"

	"provsim/device"
)

// Name is what a file is to the phones that ask for it.
type Name struct {
	Class   device.Class
	Known   bool // the vendor's tree has the name
	Missing bool // rightly: good servers do not have it
	Own     bool // it is of one phone alone
	Common  bool // it is of all phones of a vendor or a product
}

// nameForm is a name that phones of a vendor ask for, as Form writes it.
type nameForm struct {
	vendor  *device.Personality
	product string
	form    string
}

// nameForms notes by which names alone a vendor's phones can be recognised: those that
// no address and no other vendor's stand in.
func (r *Recogniser) nameForms(p *device.Personality) {
	if p.Tree == nil {
		return
	}
	for _, g := range p.Products {
		for _, product := range g.Products {
			id := identity(p, product)
			for i := range p.Tree.Files {
				f := &p.Tree.Files[i]
				if f.Name == "" || f.Class == device.ImageClass {
					continue
				}
				if form := Form([]byte(p.TreeName(f, id))); strings.ContainsAny(form, "0123456789") && strings.Contains(strings.ToLower(form), strings.ToLower(product)) {
					r.byName = append(r.byName, nameForm{p, product, form})
				}
			}
		}
	}
}

// ByName returns whose file a name is that says a product, such as spa504G.cfg.
func (r *Recogniser) ByName(form string) Who {
	i := slices.IndexFunc(r.byName, func(n nameForm) bool { return n.form == form })
	if i < 0 {
		return Who{}
	}
	return Who{Vendor: r.byName[i].vendor, Product: r.byName[i].product}
}

// images and logs are how the names of firmware and of what phones write end.
var (
	images = []string{".rom", ".bin", ".ld", ".img", ".fw", ".z", ".pkg", ".zip"}
	logs   = []string{".log"}
)

// NameOf says what a file is by its form, to phones of a vendor and product. Write is for
// one that the phone sends.
func NameOf(vendor *device.Personality, product, form string, write bool) Name {
	n := Name{Class: device.ConfigClass, Own: strings.Contains(form, "{")}
	switch ext := strings.ToLower(path.Ext(form)); {
	case write || slices.Contains(logs, ext):
		n.Class = device.LogClass
	case slices.Contains(images, ext):
		n.Class = device.ImageClass
	}
	if vendor != nil && vendor.Tree != nil {
		n = inTree(vendor, product, form, n)
	}
	return n
}

// inTree looks for a name in a vendor's tree.
func inTree(vendor *device.Personality, product, form string, n Name) Name {
	id := identity(vendor, product)
	if product == "" {
		id = identity(vendor, vendor.Shipped.Product)
	}
	name := strings.ReplaceAll(strings.ReplaceAll(form, "{mac}", id.MAC.String()), "{MAC}", id.MAC.Upper())
	any := -1
	for i := range vendor.Tree.Files {
		f := &vendor.Tree.Files[i]
		switch {
		case f.Name == "" && f.Class == n.Class && any < 0:
			any = i
		case f.Name != "" && vendor.TreeName(f, id) == name:
			return Name{Class: f.Class, Known: true, Missing: f.Missing, Own: f.Own || n.Own, Common: f.Common}
		}
	}
	if any >= 0 {
		f := &vendor.Tree.Files[any]
		n.Common, n.Missing = f.Common && !n.Own, f.Missing
	}
	return n
}
