package check

import (
	"path"

	"provsim/device"
	"provsim/device/vendors"
)

// A Need is something that a target must have for a check to apply.
type Need uint8

// The needs.
const (
	AFile              Need = iota // a phone, and a rule or option 66 that leads to its file
	SecondPhone                    // two phones
	TFTPServer                     // named by a rule or in the target
	HTTPServer                     // plain HTTP
	HTTPSServer                    //
	WebServer                      // HTTP or HTTPS
	ClientCertificate              // of the first phone
	SecondCertificate              // of the second phone
	ExpiredCertificate             //
	AnUpgradeRule                  //
	DHCPServer                     // reached on an interface or through a relay agent
	IPOfficeUnit                   // Target.IPOffice
	DeclaredAccess                 // Policy.Access
	LegacyPhones                   // Policy.LegacyPhones
	EarlierFiles                   // Target.Before
	EmptyFile                      // TFTP.Empty
	LargeFile                      // TFTP.Large
	TextFile                       // TFTP.Text
	Heavy                          // permission to load the server as a busy day would
	Login                          // permission to log in with wrong passwords
	Destructive                    // permission to try what may change or stop the server
)

// needs says for each need whether a probe's target has it, and what to do
// about it otherwise. They are in the order of the constants.
var needs = [...]struct {
	name   string
	remedy string
	met    func(*Probe) bool
}{
	AFile:              {"file", "needs a phone and a rule that leads to its file: --mac, and --profile-rule, --option66 or --server", func(p *Probe) bool { _, err := p.first(); return err == nil }},
	SecondPhone:        {"second phone", "needs two phones: a second --mac", func(p *Probe) bool { return len(p.Target.Phones) > 1 }},
	TFTPServer:         {"tftp server", "needs a TFTP server: a rule with tftp, or --tftp", func(p *Probe) bool { return p.hasServer("tftp") }},
	HTTPServer:         {"http server", "needs an HTTP server: a rule with http, or --http", func(p *Probe) bool { return p.hasServer("http") }},
	HTTPSServer:        {"https server", "needs an HTTPS server: a rule with https, or --https", func(p *Probe) bool { return p.hasServer("https") }},
	WebServer:          {"web server", "needs a web server: a rule with http or https, --http or --https", func(p *Probe) bool { return p.hasServer("http") || p.hasServer("https") }},
	ClientCertificate:  {"client certificate", "needs the phone's client certificate: --cert and --key", func(p *Probe) bool { return p.certificates() > 0 }},
	SecondCertificate:  {"second certificate", "needs two phones with a client certificate each: --target", func(p *Probe) bool { return p.certificates() > 1 }},
	ExpiredCertificate: {"expired certificate", "needs an expired client certificate: expired-certificate in --target", func(p *Probe) bool { return p.Target.Expired.Given() }},
	AnUpgradeRule:      {"upgrade rule", "needs an upgrade rule: --upgrade-rule", func(p *Probe) bool { return p.Target.UpgradeRule != "" }},
	DHCPServer:         {"dhcp server", "needs a way to a DHCP server: --dhcp or --dhcp-relay", func(p *Probe) bool { return p.Target.DHCP.Interface != "" || p.Target.DHCP.Relay != "" }},
	IPOfficeUnit:       {"ip office unit", "needs an IP Office unit: --ip-office", func(p *Probe) bool { return p.Target.IPOffice.Address.IsValid() }},
	DeclaredAccess:     {"declared access", "needs to know who may read the files: --access open, password or certificate", func(p *Probe) bool { return p.Target.Policy.Access != Undeclared }},
	LegacyPhones:       {"legacy phones", "needs phones without TLS 1.2: --legacy-phones", func(p *Probe) bool { return p.Target.Policy.LegacyPhones }},
	EarlierFiles:       {"earlier files", "needs the files as they were before a change: before in --target", func(p *Probe) bool { return p.Target.Before != "" }},
	EmptyFile:          {"empty file", "needs an empty file on the TFTP server: tftp.empty in --target", func(p *Probe) bool { return p.Target.TFTP.Empty != "" }},
	LargeFile:          {"large file", "needs a large file on the TFTP server: tftp.large in --target", func(p *Probe) bool { return p.Target.TFTP.Large != "" }},
	TextFile:           {"text file", "needs a text file on the TFTP server: tftp.text in --target", func(p *Probe) bool { return p.Target.TFTP.Text != "" }},
	Heavy:              {"allow heavy", "loads the server: --allow heavy", func(p *Probe) bool { return p.allow.Heavy }},
	Login:              {"allow login", "logs in with wrong passwords, which counts against users: --allow login", func(p *Probe) bool { return p.allow.Login }},
	Destructive:        {"allow destructive", "may change or stop the server: --allow destructive", func(p *Probe) bool { return p.allow.Destructive }},
}

// String returns a few words, for lists.
func (n Need) String() string {
	if int(n) < len(needs) {
		return needs[n].name
	}
	return "unknown need"
}

// Allow is what the administrator permits a check to do to the server.
type Allow struct {
	Heavy       bool // load it as a busy day would
	Login       bool // log in with wrong passwords, which may lock a user
	Destructive bool // try what may change or stop it
}

// Foreign returns the vendor whose phones a check is about where the target has phones
// of another one, else nil. The group of such a check is the vendor's name; the checks of
// group files are about the default vendor's.
func (p *Probe) Foreign(c Check) *device.Personality {
	group := path.Dir(c.ID)
	if group == "files" {
		group = vendors.Default().Name
	}
	by, err := vendors.Lookup(group)
	if err != nil || by.Name == p.Target.vendor() {
		return nil
	}
	return by
}

// Lacks returns why a check does not apply to the probe's target, in words that
// say what to do, or "" where it does.
func (p *Probe) Lacks(c Check) string {
	if by := p.Foreign(c); by != nil {
		return "is about the files of " + by.Vendor + " phones, and these are phones of vendor " + p.Target.vendor()
	}
	for _, n := range c.Needs {
		if !needs[n].met(p) {
			return needs[n].remedy
		}
	}
	return ""
}
