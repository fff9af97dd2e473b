package dhcp

import (
	"context"
	"slices"
	"strings"

	"provsim/conform/check"
	"provsim/device"
	"provsim/internal/dhcp"
)

var noRogue = question{
	Check: check.Check{
		ID:          "dhcp/8",
		Title:       "no unexpected DHCP server answers",
		Requirement: "Only the declared servers offer leases, or only one where none is declared: phones take the first offer, and with it any server's option 66.",
		Source:      "RFC 2131 sections 3.1 and 7",
		Level:       check.Must,
		Tags:        []check.Tag{check.Security},
		Advice: check.Advices{
			check.AnyServer: {Text: "find the other server by its address and turn it off; switches with DHCP snooping let offers in from the server's port only; declare both servers of a pair"},
		},
	},
	all: func(p *check.Probe, offers []dhcp.Reply) check.Finding {
		var strangers []string
		for _, o := range offers {
			if !mayAnswer(p, offers, o) {
				strangers = append(strangers, o.Server.String())
			}
		}
		slices.Sort(strangers)
		if strangers = slices.Compact(strangers); len(strangers) > 0 {
			return check.Fail("offers of the declared servers, or of one", "%s offers leases too", strings.Join(strangers, ", "))
		}
		return check.Pass("%d offers", len(offers))
	},
}

var serversAgree = question{
	Check: check.Check{
		ID:          "dhcp/9",
		Title:       "all servers offer the same option 66",
		Requirement: "All servers that may answer a phone offer it the same option 66: it takes the lease that comes first.",
		Source:      "RFC 2131 section 3.1; FV-SRC-5",
		Level:       check.Should,
		Advice:      check.Advices{check.AnyServer: {Text: "configure the option on both servers of a pair: failover copies leases, no options"}},
	},
	judge: func(_ context.Context, _ *check.Probe, offers []dhcp.Reply) check.Finding {
		for _, o := range offers[1:] {
			if o.Lease.Option66 != offers[0].Lease.Option66 {
				return check.Fail("one option 66", "servers %s and %s offer different ones",
					min(o.Server.String(), offers[0].Server.String()), max(o.Server.String(), offers[0].Server.String()))
			}
		}
		return check.Pass("%d offers", len(offers))
	},
}

// other is a client that is no phone: an address for documentation (RFC 7042
// section 2.1.2), and the class of Windows.
var other = dhcp.Client{MAC: device.MAC{0x00, 0x00, 0x5e, 0x00, 0x53, 0x66}, Class: "MSFT 5.0"}

var option66Private = question{
	Check: check.Check{
		ID:          "dhcp/10",
		Title:       "option 66 is for phones only",
		Requirement: "Where option 66 is declared private, a client that is no phone is not offered it: the option may hold a password, and leads to the files.",
		Source:      "RFC 2132 section 9.13; RFC 2131 section 7",
		Level:       check.Should,
		Tags:        []check.Tag{check.Security},
		Advice: check.Advices{
			check.Dnsmasq: {Config: `dhcp-mac=set:phones,00:21:f2:*:*:*
dhcp-option=tag:phones,66,192.0.2.1`},
			check.Kea: {In: "Dhcp4", Config: `"client-classes": [ {
    "name": "phones",
    "test": "substring(pkt4.mac,0,3) == 0x0021f2",
    "option-data": [ { "name": "tftp-server-name", "data": "192.0.2.1" } ]
} ]`},
			check.ISCDHCP: {Config: `class "phones" {
    match if substring (hardware, 1, 3) = 00:21:f2;
    option tftp-server-name "192.0.2.1";
}`},
		},
	},
	judge: func(ctx context.Context, p *check.Probe, phones []dhcp.Reply) check.Finding {
		if !p.Target.DHCP.Private {
			return check.Skip("option 66 is not declared private")
		}
		offers, err := p.Offers(ctx, other)
		if err != nil {
			return check.Errorf("%w", err)
		}
		for _, o := range offers {
			ours := slices.ContainsFunc(phones, func(phone dhcp.Reply) bool { return phone.Server == o.Server })
			if ours && (o.Lease.Option66 != "" || o.Lease.Offer.Has(150)) {
				return check.Fail("no option 66 for other clients", "server %s offers it to a client of class %q", o.Server, other.Class)
			}
		}
		return check.Pass("%d offers to another client", len(offers))
	},
}
