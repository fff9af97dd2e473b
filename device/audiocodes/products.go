package audiocodes

import (
	"maps"
	"slices"
	"strings"

	"provsim/device"
)

// generation is what the firmware of one generation differs in from that of the
// others (AC-ID-2).
type generation struct {
	name         string
	agent        string // the User-Agent, with <VER>, <PLAIN>, <MODEL> and <MAC>
	upperNames   bool   // the MAC in file names is in upper case
	option43     bool
	shortPeriods bool // checks every 5 and 15 minutes
}

var (
	sip2 = generation{name: "sip2", agent: "AUDC-IPPhone/<VER> (<MODEL>G-Rev0; <MAC>)", option43: true}
	uc2  = generation{name: "uc2", agent: "AUDC-IPPhone-<MODEL>_<VER>/1.0.0000.0", option43: true}
	uc3  = generation{name: "uc3", agent: "AUDC/<PLAIN> AUDC-IPPhone-<MODEL>_<VER>/1", upperNames: true, shortPeriods: true}
)

// products are the models, each with its generation and a version that it was
// delivered with.
var products = map[string]struct {
	*generation
	software string
}{
	"405HD":  {&sip2, "2.2.8.61"},
	"420HD":  {&sip2, "2.2.8.61"},
	"440HD":  {&sip2, "2.2.8.61"},
	"430HD":  {&uc2, "UC_2.0.13.121"},
	"450HD":  {&uc3, "UC_3.4.6.604"},
	"C450HD": {&uc3, "UC_3.4.6.604"},
}

// known returns the products of each generation, the youngest first.
func known() []device.Generation {
	all := []device.Generation{{Name: uc3.name}, {Name: uc2.name}, {Name: sip2.name}}
	for _, name := range slices.Sorted(maps.Keys(products)) {
		for i := range all {
			if all[i].Name == products[name].name {
				all[i].Products = append(all[i].Products, name)
			}
		}
	}
	return all
}

// generationOf returns the generation of a phone. That of a model that is not known
// follows from its version.
func generationOf(id device.Identity) *generation {
	if p, known := products[id.Product]; known {
		return p.generation
	}
	switch {
	case strings.HasPrefix(id.Software, "UC_3"):
		return &uc3
	case strings.HasPrefix(id.Software, "UC_"):
		return &uc2
	}
	return &sip2
}

// delivered returns the version that a model is delivered with.
func delivered(product string) string {
	if p, known := products[product]; known {
		return p.software
	}
	return shipped.Software
}

// userAgent returns the User-Agent of all requests (AC-ID-2).
func userAgent(id device.Identity) string {
	return strings.NewReplacer(
		"<VER>", id.Software, "<PLAIN>", strings.TrimPrefix(id.Software, "UC_"), "<MODEL>", id.Product, "<MAC>", id.MAC.Upper(),
	).Replace(generationOf(id).agent)
}

// fileMAC returns the MAC as file names have it (AC-ID-2).
func fileMAC(id device.Identity, q device.Quirks) string {
	upper := generationOf(id).upperNames
	if word, set := q[macCase]; set && word != "generation" {
		upper = word == "upper"
	}
	if upper {
		return id.MAC.Upper()
	}
	return id.MAC.String()
}

// dhcp is what the phones say to DHCP servers (AC-ID-4).
func dhcp(id device.Identity) device.DHCPIdentity {
	return device.DHCPIdentity{
		Class: id.Product, UserClass: []byte(id.Product), Ask: []uint8{1, 3, 6, 15, 42, 43, 66, 67, 160},
	}
}
