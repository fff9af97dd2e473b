package dhcp

import (
	"fmt"
	"net/netip"
	"strconv"
	"time"

	"provsim/conform/check"
	"provsim/device/vendors"
	"provsim/internal/dhcp"
)

var addressUsable = question{
	Check: check.Check{
		ID:          "dhcp/2",
		Title:       "phones are offered a usable address",
		Requirement: "A phone is offered an address that a host can have: unicast, neither the network's own nor the server's or router's.",
		Source:      "RFC 2131 sections 3.1 and 4.3.1; RFC 1122 section 3.2.1.3",
		Level:       check.Must,
		Advice: check.Advices{
			check.AnyServer: {Text: "if there is no offer at all, see whether the pool has a free address, and whether the server knows the network that the phone or the relay agent is in"},
			check.Dnsmasq:   {Config: "dhcp-range=192.0.2.100,192.0.2.199,255.255.255.0,12h"},
			check.Kea:       {In: "Dhcp4", Config: `"subnet4": [ { "id": 1, "subnet": "192.0.2.0/24", "pools": [ { "pool": "192.0.2.100 - 192.0.2.199" } ] } ]`},
			check.ISCDHCP:   {Config: "subnet 192.0.2.0 netmask 255.255.255.0 { range 192.0.2.100 192.0.2.199; }"},
		},
	},
	all: func(p *check.Probe, offers []dhcp.Reply) check.Finding {
		const want = "an offer of an address that a host can have"
		if len(offers) == 0 {
			return check.Fail(want, "no offer").With("waited for %v", p.Patience)
		}
		for _, o := range offers {
			if what := unusable(o); what != "" && mayAnswer(p, offers, o) {
				return check.Fail(want, "server %s offers %v, %s", o.Server, o.Lease.Addr, what)
			}
		}
		return check.Pass("%d offers", len(offers))
	},
}

// unusable says why no host can have the address of an offer.
func unusable(o dhcp.Reply) string {
	l := o.Lease
	switch {
	case !l.Addr.IsValid() || l.Addr.IsUnspecified():
		return "which is no address"
	case l.Addr.IsLoopback() || l.Addr.IsMulticast() || l.Addr.As4()[0] >= 240:
		return "which is no unicast address of a network"
	case l.Addr.IsLinkLocalUnicast():
		return "which hosts give themselves"
	case l.Addr == o.Server:
		return "which is the server's own"
	case l.Addr == l.Router:
		return "which is the router's"
	case edge(l.Prefix):
		return "which is the network's own or its broadcast address"
	}
	return ""
}

// edge reports whether an address is the first or the last of its network
// (networks of two addresses have neither, RFC 3021).
func edge(p netip.Prefix) bool {
	if !p.IsValid() || p.Bits() >= 31 {
		return false
	}
	return p.Addr() == p.Masked().Addr() || !p.Contains(p.Addr().Next())
}

var leaseLong = question{
	Check: check.Check{
		ID:          "dhcp/6",
		Title:       "leases last from one resync to the next",
		Requirement: "A lease lasts as long as it takes a phone to come back to its server, or as long as the target declares.",
		Source:      "RFC 2131 section 3.3; FV-RS-5; every half lease each phone asks anew",
		Level:       check.Should,
		Tags:        []check.Tag{check.Performance},
		Advice: check.Advices{
			check.Dnsmasq: {Config: "dhcp-range=192.0.2.100,192.0.2.199,255.255.255.0,12h"},
			check.Kea:     {In: "Dhcp4", Config: `"valid-lifetime": 43200`},
			check.ISCDHCP: {Config: "default-lease-time 43200;"},
		},
	},
	judge: each("a lease as long as declared, or as a periodic resync", func(p *check.Probe, l dhcp.Lease) string {
		if least := leastLease(p); l.Duration < least {
			return fmt.Sprintf("%v, less than %v", l.Duration, least)
		}
		return ""
	}),
}

// leastLease returns what a lease should last: what the target says, or the
// Resync Periodic of phones as shipped.
func leastLease(p *check.Probe) time.Duration {
	if declared := p.Target.DHCP.Lease; declared > 0 {
		return declared
	}
	periodic, _ := vendors.Default().Parameters.Find("Resync Periodic")
	seconds, _ := strconv.Atoi(periodic.Default) // the table's tests hold that it is a number
	return time.Duration(seconds) * time.Second
}

var timersOrdered = question{
	Check: check.Check{
		ID:          "dhcp/7",
		Title:       "a lease is renewed before it ends",
		Requirement: "T1, the time of renewal, comes before T2, and T2 before the end of the lease.",
		Source:      "RFC 2131 section 4.4.5; RFC 2132 sections 9.11 and 9.12",
		Level:       check.Should,
		Advice: check.Advices{
			check.AnyServer: {Text: "leave options 58 and 59 out: clients take half of the lease and seven eighths of it"},
			check.Kea:       {Text: "remove renew-timer and rebind-timer", In: "Dhcp4", Config: `"calculate-tee-times": true`},
			check.Dnsmasq:   {Text: "remove dhcp-option=option:T1 and dhcp-option=option:T2"},
		},
	},
	judge: each("T1 before T2 before the lease's end", func(_ *check.Probe, l dhcp.Lease) string {
		switch {
		case l.T1 > 0 && l.T2 > 0 && l.T1 >= l.T2:
			return fmt.Sprintf("T1 after %v and T2 after %v", l.T1, l.T2)
		case max(l.T1, l.T2) >= l.Duration:
			return fmt.Sprintf("a renewal after %v and a lease of %v", max(l.T1, l.T2), l.Duration)
		}
		return ""
	}),
}
