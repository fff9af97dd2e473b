// Package ciscospa is the firmware of Cisco SPA phones and adapters, and of those
// that Sipura and Linksys built before: SPA3xx, 5xx, 9xx, 1xx, 2102, 3102, 8000,
// PAP2T. [Personality] is the whole of it; package device runs it.
//
// A resync evaluates four rules in their order. Each may have alternatives with
// conditions, set parameters, and fetch a file, which is applied before the next
// rule is evaluated. The behaviour is that of the provisioning guides; where they
// are silent it is our reading, and the rule IDs in the comments lead to the
// reason. The compiled form of a profile (SPC) is not public and is not emulated.
package ciscospa

import (
	"fmt"
	"strings"

	"provsim/device"
	"provsim/encrypt"
	"provsim/macro"
	"provsim/profile"
)

// shipped is the phone of the specification's examples.
var shipped = device.Identity{Product: "SPA504G", Hardware: "1.0.2", Software: "7.5.5"}

// Personality is the Cisco SPA firmware.
var Personality = device.Personality{
	Name:   "cisco-spa",
	Vendor: "Cisco SPA",
	Sources: []string{
		"Linksys SPA Provisioning Guide, version 3",
		"Cisco Small Business IP Telephony Provisioning Guide",
		"Cisco SPA100 Series administration guide",
		"templates of wazo-provd and FusionPBX",
	},
	Shipped:    shipped,
	Products:   generations,
	OUIs:       ouis,
	Serial:     func(mac device.MAC) string { return "CCQ" + mac.Upper()[4:] },
	Parameters: profile.NewTable(parameters()),
	Quirks:     quirks,
	Parse:      grammar.Parse,
	Lint:       lint,
	Looks:      device.Looks{Other: `(?m:^\w+[!?]?[ \t]+"[^"\n]*"[ \t]*;)`, Roots: grammar.Roots},
	// A rule takes any text: the phone stores what it is given, and fails when it uses it.
	Check:  func(_ device.Quirks, p profile.Parameter, value string) error { return p.Check(value) },
	Cipher: func() encrypt.Cipher { return encrypt.Ciphers()[0] },
	Macros: func(device.Quirks) macro.Syntax { return macro.Sipura },
	Vars: func(id device.Identity, lease device.Lease) macro.Vars {
		return &vars{Vars: device.Vars{Identity: id, Lease: lease}}
	},
	Agent:   userAgent,
	DHCP:    dhcp,
	Subject: "OU=$PN,L=$SN,S=$MA", // SPA-ID-4
	Servers: serverOptions,
	Explain: explain,
	Notify:  notify,
	Syslog:  message,
	Paths: map[string]device.InputKind{
		"/admin/resync": device.AskResync, "/admin/upgrade": device.AskUpgrade, // SPA-TRG-1, SPA-UP-3
	},
	NotifyFrom: notifyFrom,
	Tree:       tree,
	Boot:       vendor.Boot,
	TakesImage: true,

	RandomDelay:     resyncRandomDelay,
	RandomDelayUnit: delayUnit,
	Period:          []device.Setting{{Name: "Resync Periodic"}},

	Shorthands: []device.Shorthand{
		{Name: "option66", Option: 66},
		{Name: "server", Option: 66},
		{Name: "profile-rule", Settings: []device.Setting{{Name: "Profile Rule"}}},
		{Name: "upgrade-rule", Settings: []device.Setting{{Name: "Upgrade Rule"}}},
	},
}

// The names of the quirks.
const (
	autodetect    = "spcp-autodetect"
	retryZero     = "retry-zero"
	forcedResync  = "forced-resync"
	reportPut     = "report-put"
	httpsUpgrade  = "https-upgrade"
	tlsNoVerify   = "tls-no-verify"
	tlsNoHostname = "tls-no-hostname"
	tlsRSA        = "tls-rsa"
	tlsSHA1       = "tls-sha1"
)

var quirks = []device.Quirk{
	{Name: autodetect, Rule: "SPA-SRC-5", Meaning: "ask for SEP<MAC>.cnf.xml and XMLDefault.cnf.xml first, as SPA3xx and 5xx do as shipped",
		Source: "wazo-provd, installers' reports"},
	{Name: retryZero, Values: []string{"never", "at-once"}, Rule: "SPA-TRG", Meaning: "what Resync Error Retry Delay 0 means",
		Source: "the guides disagree"},
	{Name: forcedResync, Values: []string{"deadline", "idle"}, Rule: "FV-RS-8",
		Meaning: "Forced Resync Delay is the most that a due resync waits for the end of a call, or the time that lines must have been idle",
		Source:  "SPA administration guides"},
	{Name: reportPut, Rule: "SPA-REP-1", Meaning: "send a report by PUT, as the phones that came after do", Source: "6800 and 8800 MPP guides"},
	{Name: httpsUpgrade, Rule: "SPA-UP-2", Meaning: "allow https in Upgrade Rule", Source: "later phones of the family"},
	{Name: tlsNoVerify, Rule: "SPA-ID-5", Meaning: "accept any server certificate", Source: "firmware without certificate checks"},
	{Name: tlsNoHostname, Rule: "SPA-ID-5", Meaning: "accept a trusted server certificate for any name", Source: "firmware without name checks"},
	{Name: tlsRSA, Rule: "FV-TLS-3", Meaning: "offer RSA key exchange too", Source: "phones of the guides' age"},
	{Name: tlsSHA1, Rule: "FV-TLS-3", Meaning: "accept certificates that are signed with SHA-1", Source: "phones of the guides' age"},
}

// notify reads the event of a NOTIFY (SPA-TRG-2).
func notify(_ profile.Config, event string) (device.InputKind, bool) {
	switch name, _, _ := strings.Cut(event, ";"); strings.TrimSpace(name) {
	case "resync", "check-sync":
		return device.AskResync, true
	case "reboot_now", "restart_now":
		return device.AskReboot, true
	case "report":
		return device.AskReport, true
	}
	return 0, false
}

// notifyFrom says who must send a NOTIFY: the account of the line whose user it names,
// or else of the first, unless that line's Auth Resync-Reboot is off (SPA-TRG-2).
func notifyFrom(d *device.Device, user string) (from *device.Account, takes bool) {
	read := func(name string, line int) string {
		if line > 0 {
			name = fmt.Sprintf("%s_%d_", name, line)
		}
		return d.Model().Parameters.Value(d.Stored().Config, name)
	}
	line := 1
	for n := 1; n <= device.Lines; n++ {
		if user != "" && read("User_ID", n) == user {
			line = n
			break
		}
	}
	switch {
	case read("Resync_From_SIP", 0) == "No":
		return nil, false
	case read("Auth_Resync-Reboot", line) == "No":
		return nil, true
	case read("Use_Auth_ID", line) == "Yes":
		return &device.Account{User: read("Auth_ID", line), Password: read("Password", line)}, true
	}
	return &device.Account{User: read("User_ID", line), Password: read("Password", line)}, true
}
