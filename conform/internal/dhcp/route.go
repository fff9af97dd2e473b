package dhcp

import (
	"fmt"
	"net/netip"
	"slices"

	"provsim/conform/check"
	"provsim/internal/dhcp"
)

var nameResolvable = question{
	Check: check.Check{
		ID:          "dhcp/11",
		Title:       "a name in option 66 comes with DNS servers",
		Requirement: "A lease whose option 66 is a name has DNS servers, which the phone asks for the address.",
		Source:      "RFC 2132 section 3.8; FV-SRC-3",
		Level:       check.Must,
		Advice: check.Advices{
			check.AnyServer: {Text: "write the server's address into option 66, or offer option 6 as well"},
			check.Dnsmasq:   {Config: "dhcp-option=option:dns-server,192.0.2.53"},
			check.Kea:       {In: "Dhcp4", Config: `"option-data": [ { "name": "domain-name-servers", "data": "192.0.2.53" } ]`},
			check.ISCDHCP:   {Config: "option domain-name-servers 192.0.2.53;"},
		},
	},
	led: true,
	judge: each("option 6 beside a name", func(_ *check.Probe, l dhcp.Lease) string {
		rule, ok := server(l)
		if _, err := netip.ParseAddr(rule.Host); ok && err != nil && len(l.DNS) == 0 {
			return "a name and no DNS server"
		}
		return ""
	}),
}

var serverRouted = question{
	Check: check.Check{
		ID:          "dhcp/12",
		Title:       "the server of option 66 can be reached from the lease",
		Requirement: "A lease whose option 66 is an address of another network has a router, by which the phone gets there.",
		Source:      "RFC 2132 sections 3.3 and 3.5; RFC 1122 section 3.3.1.1",
		Level:       check.Must,
		Advice: check.Advices{
			check.Dnsmasq: {Config: "dhcp-option=option:router,192.0.2.1"},
			check.Kea:     {In: "Dhcp4", Config: `"option-data": [ { "name": "routers", "data": "192.0.2.1" } ]`},
			check.ISCDHCP: {Config: "option routers 192.0.2.1;"},
		},
	},
	led: true,
	judge: each("a router, or a server in the phone's own network", func(_ *check.Probe, l dhcp.Lease) string {
		rule, ok := server(l)
		addr, err := netip.ParseAddr(rule.Host)
		if !ok || err != nil || !l.Prefix.IsValid() || l.Prefix.Contains(addr) || l.Router.IsValid() {
			return ""
		}
		return fmt.Sprintf("the network %v, option 66 outside of it and no router", l.Prefix.Masked())
	}),
}

var option150Agrees = question{
	Check: check.Check{
		ID:          "dhcp/13",
		Title:       "options 66 and 150 name the same server",
		Requirement: "A lease with option 150 names the server of option 66 there too: some vendors' phones read one option, some the other.",
		Source:      "RFC 5859; FV-SRC-1",
		Level:       check.Info,
		Advice: check.Advices{
			check.AnyServer: {Text: "offer option 150 only to the phones that belong to another server"},
			check.Dnsmasq:   {Config: "dhcp-option=tag:others,150,192.0.2.2"},
		},
	},
	led: true,
	judge: each("the address of option 66 in option 150", func(_ *check.Probe, l dhcp.Lease) string {
		rule, ok := server(l)
		addr, err := netip.ParseAddr(rule.Host)
		if ok && err == nil && l.Offer.Has(150) && !slices.Contains(l.Offer.Addrs(150), addr) {
			return "option 150 without it"
		}
		return ""
	}),
}
