package check

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
	DeclaredAccess                 // Policy.Access
	LegacyPhones                   // Policy.LegacyPhones
	EarlierFiles                   // Target.Before
	EmptyFile                      // TFTP.Empty
	LargeFile                      // TFTP.Large
	TextFile                       // TFTP.Text
	Heavy                          // permission to load the server as a busy day would
	Destructive                    // permission to try what may change or stop the server
)

// needs says of each need whether a probe's target has it, and what to do
// about it otherwise. They are in the order of the constants.
var needs = [...]struct {
	name   string
	remedy string
	met    func(*Probe) bool
}{
	AFile:              {"file", "no phone, or no rule that leads to its file: give a MAC and a profile rule or option 66", func(p *Probe) bool { _, err := p.first(); return err == nil }},
	SecondPhone:        {"second phone", "needs two phones: give a second MAC", func(p *Probe) bool { return len(p.Target.Phones) > 1 }},
	TFTPServer:         {"tftp server", "no TFTP server is known: give a rule with tftp, or the server", func(p *Probe) bool { return p.hasServer("tftp") }},
	HTTPServer:         {"http server", "no HTTP server is known: give a rule with http, or its URL", func(p *Probe) bool { return p.hasServer("http") }},
	HTTPSServer:        {"https server", "no HTTPS server is known: give a rule with https, or its URL", func(p *Probe) bool { return p.hasServer("https") }},
	WebServer:          {"web server", "no web server is known: give a rule with http or https, or its URL", func(p *Probe) bool { return p.hasServer("http") || p.hasServer("https") }},
	ClientCertificate:  {"client certificate", "no client certificate is given", func(p *Probe) bool { return p.certificates() > 0 }},
	SecondCertificate:  {"second certificate", "needs two phones with a client certificate each", func(p *Probe) bool { return p.certificates() > 1 }},
	ExpiredCertificate: {"expired certificate", "no expired client certificate is given", func(p *Probe) bool { return p.Target.Expired.Given() }},
	AnUpgradeRule:      {"upgrade rule", "no upgrade rule is given", func(p *Probe) bool { return p.Target.UpgradeRule != "" }},
	DHCPServer:         {"dhcp server", "no way to a DHCP server is given: give an interface, or a server to relay to", func(p *Probe) bool { return p.Target.DHCP.Interface != "" || p.Target.DHCP.Relay != "" }},
	DeclaredAccess:     {"declared access", "it is not declared who may read the files: give policy access open, password or certificate", func(p *Probe) bool { return p.Target.Policy.Access != Undeclared }},
	LegacyPhones:       {"legacy phones", "no phones without TLS 1.2 are declared", func(p *Probe) bool { return p.Target.Policy.LegacyPhones }},
	EarlierFiles:       {"earlier files", "no folder of earlier files is given", func(p *Probe) bool { return p.Target.Before != "" }},
	EmptyFile:          {"empty file", "no empty file on the TFTP server is named", func(p *Probe) bool { return p.Target.TFTP.Empty != "" }},
	LargeFile:          {"large file", "no large file on the TFTP server is named", func(p *Probe) bool { return p.Target.TFTP.Large != "" }},
	TextFile:           {"text file", "no text file on the TFTP server is named", func(p *Probe) bool { return p.Target.TFTP.Text != "" }},
	Heavy:              {"allow heavy", "loads the server: allow heavy checks", func(p *Probe) bool { return p.allow.Heavy }},
	Destructive:        {"allow destructive", "may change or stop the server: allow destructive checks", func(p *Probe) bool { return p.allow.Destructive }},
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
	Destructive bool // try what may change or stop it
}

// Lacks returns why a check does not apply to the probe's target, in words that
// say what to do, or "" where it does.
func (p *Probe) Lacks(c Check) string {
	for _, n := range c.Needs {
		if !needs[n].met(p) {
			return needs[n].remedy
		}
	}
	return ""
}
