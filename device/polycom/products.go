package polycom

import (
	"strings"

	"provsim/device"
	"provsim/macro"
)

// product is what is known about one product (PC-GEN-1, PC-ID-2).
type product struct {
	name     string // SPIP_450
	family   string // SoundPointIP
	part     string
	ucs      bool   // the younger generation
	software string // of the application, as shipped
	loader   string // version of the bootROM or the Updater
}

const (
	soundPoint   = "SoundPointIP"
	soundStation = "SoundStationIP"
	vvx          = "VVX"

	sip3Software, sip3Loader = "3.2.3.1734", "4.2.2.0710"
	ucsSoftware, ucsLoader   = "5.9.7.4477", "5.9.7.47435"
)

// products are those whose part numbers are public, the phone of Figure 9 first.
var products = []product{
	{"SPIP_450", soundPoint, "2345-12450-001", false, sip3Software, sip3Loader},
	{"SPIP_550", soundPoint, "2345-12500-001", false, sip3Software, sip3Loader},
	{"SPIP_601", soundPoint, "2345-11605-001", false, sip3Software, sip3Loader},
	{"SPIP_650", soundPoint, "2345-12600-001", false, sip3Software, sip3Loader},
	{"SSIP_6000", soundStation, "3111-15600-001", false, sip3Software, sip3Loader},
	{"VVX_311", vvx, "3111-48350-001", true, ucsSoftware, ucsLoader},
	{"VVX_450", vvx, "3111-48840-001", true, ucsSoftware, ucsLoader},
	{"VVX_500", vvx, "3111-44500-001", true, ucsSoftware, ucsLoader},
}

var shipped = device.Identity{Product: products[0].name, Hardware: "1", Software: sip3Software}

// productNames returns the names of a generation's products.
func productNames(ucs bool) []string {
	var names []string
	for _, p := range products {
		if p.ucs == ucs {
			names = append(names, p.name)
		}
	}
	return names
}

// productOf returns what is known about the product of a device, with the software
// that it runs. A product that is not known is taken for a phone of the generation
// that its software is of.
func productOf(id device.Identity) product {
	p := product{name: id.Product, family: soundPoint, part: products[0].part, software: id.Software, loader: sip3Loader}
	if p.ucs = id.Software >= "4"; p.ucs {
		p.family, p.part, p.loader = vvx, products[len(products)-1].part, ucsLoader
	}
	for _, known := range products {
		if known.name == id.Product {
			p = known
		}
	}
	if id.Software != "" && id.Software != shipped.Software { // shipped is what commands give every product
		p.software = id.Software
	}
	return p
}

// model is the name in master files: SPIP450 (PC-FILE-4).
func (p *product) model() string { return strings.ReplaceAll(p.name, "_", "") }

// agent returns the User-Agent of the application, or of the bootROM or Updater
// (PC-ID-3).
func agent(id device.Identity, loader, serial bool) string {
	p := productOf(id)
	text, version := "FileTransport Polycom"+p.family+"-"+p.name+"-UA/", p.software
	if loader {
		version = p.loader
	}
	text += version
	if serial {
		text += " (SN:" + id.MAC.String() + ")"
	}
	switch {
	case p.ucs && loader:
		text += " Type/Updater"
	case p.ucs:
		text += " Type/Application"
	}
	return text
}

// built is the date in option 60 (PC-ID-4).
const built = "01-Jan-10 00:00"

// dhcp returns options 60 and 55 (PC-ID-4 to PC-ID-6).
func dhcp(id device.Identity) device.DHCPIdentity {
	p := productOf(id)
	switch {
	case p.ucs && strings.HasPrefix(p.software, "4."):
		return device.DHCPIdentity{Class: "Polycom-" + p.model(), Ask: []uint8{1, 28, 160, 66, 43, 3, 4, 42, 2, 6, 15, 7}}
	case p.ucs:
		return device.DHCPIdentity{Class: "Polycom-" + p.model(), Ask: []uint8{1, 2, 3, 4, 6, 15, 42, 54, 7, 160, 66}}
	}
	loader := "BR/" + p.loader + "/" + built
	class := func(runs string) string {
		var tlvs []byte
		for i, text := range []string{"Polycom", p.family + "-" + p.name, p.part + "," + id.Hardware, runs, loader} {
			text = text[:min(len(text), 255)]
			tlvs = append(append(tlvs, byte(i+1), byte(len(text))), text...)
		}
		return "\x00\x00\x36\x3d" + string([]byte{byte(min(len(tlvs), 255))}) + string(tlvs)
	}
	return device.DHCPIdentity{
		Class: class(loader), Application: class("SIP/" + p.software + "/" + built),
		Ask: []uint8{1, 28, 160, 66, 3, 4, 42, 2, 6, 15},
	}
}

// vars are the values of brackets in master files (PC-FILE-5).
func vars(id device.Identity) macro.Vars {
	p := productOf(id)
	mac := id.MAC.String()
	return macro.Map{"PHONE_MAC_ADDRESS": mac, "MACADDRESS": mac, "PHONE_PART_NUMBER": p.part, "PHONE_MODEL": p.model()}
}
