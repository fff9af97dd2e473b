package ciscospa

import (
	"slices"
	"strings"

	"provsim/device"
	"provsim/profile"
)

// generations are the products whose requests servers are known to recognise, the phone
// of the examples first. Linksys' have another User-Agent and read option 66 alone.
var generations = []device.Generation{
	{Name: "Cisco", Products: []string{
		"SPA504G", "SPA502G", "SPA501G", "SPA508G", "SPA509G", "SPA512G", "SPA514G", "SPA525G", "SPA525G2", "SPA301", "SPA303",
		"SPA112", "SPA122", "SPA232D",
	}},
	{Name: "Linksys", Products: []string{
		"SPA901", "SPA921", "SPA922", "SPA941", "SPA942", "SPA962", "SPA8000", "SPA2102", "SPA3102", "PAP2T",
	}},
}

// linksys reports whether a product is of the generation before Cisco's. One that is not
// known is taken for a phone of Cisco's.
func linksys(product string) bool { return slices.Contains(generations[1].Products, product) }

// classes are what products say in DHCP option 60 that are unlike their generation
// (SPA-ID-3).
var classes = map[string]string{
	"SPA525G": "Cisco SPA525g", "SPA112": "CISCO SPA112", "SPA122": "CISCO SPA122", "SPA232D": "CISCO SPA232D",
	"SPA2102": "", "SPA3102": "", "PAP2T": "",
}

// ouis are the address blocks of the family's makers (SPA-ID-1).
var ouis = []device.OUI{
	{0x00, 0x0e, 0x08}, {0x00, 0x0f, 0x66}, {0x00, 0x12, 0x17}, {0x00, 0x18, 0x39}, {0x00, 0x25, 0x9c}, {0x20, 0xaa, 0x4b},
	{0x58, 0x6d, 0x8f}, {0x68, 0x7f, 0x74}, {0x00, 0x26, 0x99}, {0x50, 0x3d, 0xe5}, {0x00, 0xe1, 0x6d}, {0x10, 0xbd, 0x18},
}

// psn returns the product's short name: SPA504G is 504G, and PAP2T stays as it is
// (SPA-ID-1).
func psn(name string) string { return strings.TrimPrefix(name, "SPA") }

// factoryRule returns the Profile Rule that a product is delivered with (SPA-SRC-1).
func factoryRule(name string) string {
	if strings.HasPrefix(name, "PAP2T") {
		return "/init.cfg"
	}
	return "/spa$PSN.cfg"
}

// linksysName returns how a product of Linksys names itself: SPA942 is SPA-942.
func linksysName(product string) string {
	if short, ok := strings.CutPrefix(product, "SPA9"); ok {
		return "SPA-9" + short
	}
	return product
}

// userAgent is what the product sends (SPA-ID-2).
func userAgent(id device.Identity) string {
	head, mac := "Cisco/"+id.Product, "("+id.MAC.Upper()+")"
	switch {
	case linksys(id.Product):
		head, mac = "Linksys/"+linksysName(id.Product), ""
	case id.Product == "SPA525G" || id.Product == "SPA525G2":
		mac = ""
	}
	return head + "-" + id.Software + " " + mac + "(" + id.Serial + ")"
}

// serverOptions are those that may name the server (SPA-SRC-4).
var serverOptions = []uint8{66, 160, 159, 150}

// dhcp is what the product says to DHCP servers (SPA-ID-3).
func dhcp(id device.Identity) device.DHCPIdentity {
	class, servers := "Cisco "+id.Product, serverOptions
	if linksys(id.Product) {
		class, servers = "LINKSYS "+linksysName(id.Product), servers[:1]
	}
	if other, ok := classes[id.Product]; ok {
		class = other
	}
	return device.DHCPIdentity{Class: class, Ask: append([]uint8{1, 3, 6, 15, 42}, servers...)}
}

// tree is what a server has. The file of the factory rule is for all phones of a
// model, a file of any other name is for the phone whose rule names it. The files of
// the other firmware are rightly missing (SPA-SRC-1, SPA-SRC-5).
var tree = &device.Tree{
	Files: []device.TreeFile{
		{Name: "spa$PSN.cfg", Common: true},
		{Name: "init.cfg", Common: true},
		{Name: "SEP$MAU.cnf.xml", Missing: true},
		{Name: "XMLDefault.cnf.xml", Missing: true},
		{Common: true, Own: true},
		{Class: device.ImageClass},
	},
	Sample: []device.Setting{{Name: "User_ID_1_", Value: "$MA"}},
	Write: func(version string, settings profile.Config, own []device.Setting) []byte {
		return device.WriteXML(grammar.Roots, version, settings, own)
	},
	Pad:    device.PadXML,
	Sealed: true,
}
