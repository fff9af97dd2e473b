package files

import (
	"context"
	"fmt"
	"net/netip"
	"strings"

	"provsim/conform/check"
)

var accountOwn = check.Check{
	ID:          "files/30",
	Title:       "no two phones share an account",
	Requirement: "Each phone has accounts of its own at a SIP server: many servers forget the first of two phones that register the same account.",
	Source:      "RFC 3261 section 10.3, by which the server decides how many contacts an account may have",
	Level:       check.Should,
	Needs:       []check.Need{check.AFile, check.SecondPhone},
	Advice:      check.Advices{check.AnyServer: {Text: "give each phone an account, and join them to a group in the PBX where they should ring together"}},
	Run: ownFormat(allFiles("accounts of their own", func(_ context.Context, _ *check.Probe, files []*file) ([]string, error) {
		return shared(files, func(a, b line) string {
			if sameAccount(a, b) {
				return fmt.Sprintf("account %.40q", b.account)
			}
			return ""
		}), nil
	})),
}

func sameAccount(a, b line) bool {
	return a.account != "" && strings.EqualFold(a.account, b.account) && strings.EqualFold(a.server, b.server)
}

var linesComplete = check.Check{
	ID:          "files/31",
	Title:       "a line that is on is complete",
	Requirement: "A configuration that turns a line on names its account, its password and the SIP server.",
	Source:      "FV-SET-4; provisioning guide, section 5",
	Level:       check.Must,
	Needs:       []check.Need{check.AFile},
	Advice:      check.Advices{check.AnyServer: {Text: "DBID_SIP_ENABLE has 1 for the lines that are set up and 0 for the others, with a TAB between them, as have the accounts and passwords"}},
	Run: ownFormat(eachFile("account, password and server for each line that is on", eachLine(func(_ *file, l line) string {
		switch {
		case !l.on:
			return ""
		case l.account == "":
			return "is on and has no account"
		case l.password == "":
			return "is on and has no password"
		case blank(l.server):
			return "is on and there is no SIP server"
		}
		return ""
	}))),
}

var addressOwn = check.Check{
	ID:          "files/32",
	Title:       "no two phones share a static address",
	Requirement: "A static address in a configuration is that of one phone.",
	Source:      "RFC 5227 section 1; provisioning guide, section 5, whose example many files are copied from",
	Level:       check.Should,
	Needs:       []check.Need{check.AFile, check.SecondPhone},
	Advice:      check.Advices{check.AnyServer: {Text: "leave DBID_FIXED_IP_ADDR out and reserve addresses in the DHCP server, by hardware address"}},
	Run: allFiles("addresses of their own", func(_ context.Context, _ *check.Probe, files []*file) (faults []string, err error) {
		first := map[netip.Addr]*file{}
		for _, f := range files {
			value, _ := f.Config.Get("DBID_FIXED_IP_ADDR")
			addr, err := netip.ParseAddr(value)
			if err != nil || addr.IsUnspecified() {
				continue // none, or files/6
			}
			if other, taken := first[addr]; taken {
				faults = append(faults, fmt.Sprintf("%s and %s have %v", other, f, addr))
				continue
			}
			first[addr] = f
		}
		return faults, nil
	}),
}
