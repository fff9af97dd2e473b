package check

import (
	"net/netip"
	"time"

	"provsim/device"
)

// A Target describes the server setup that is asked, as its administrator
// knows it. What is left out is either not needed or leads to skipped checks,
// which say what they miss. [ReadTarget] reads one from a file.
type Target struct {
	// The settings of the phones, as on their web page. ProfileRule turns
	// Option 66 off; where it is empty, Option66 says where phones look.
	ProfileRule    string `yaml:"profile-rule"`
	Option66       string `yaml:"option66"`
	ConfigFileName string `yaml:"config-file-name"` // empty: the firmware's default
	UpgradeRule    string `yaml:"upgrade-rule"`
	Cipher         string `yaml:"cipher"` // of keyed profiles; empty: encrypt.Default

	// What the phones are; empty: as shipped.
	Product  string `yaml:"product"`
	Hardware string `yaml:"hwver"`
	Software string `yaml:"swver"`
	Agent    string `yaml:"user-agent"`

	// Phones are some that the setup provisions. The first is asked for most;
	// two or more let a check see what one phone gets of another's.
	Phones []Phone `yaml:"phones"`
	// Address is the phones' own, $IP.
	Address netip.Addr `yaml:"ip"`

	CA PEM `yaml:"ca"` // the authorities that the servers are certified by; empty: the system's
	// Expired is a client certificate of the right authority that has expired.
	Expired Certificate `yaml:"expired-certificate"`

	// The servers, where the rules do not name them, or do not name all of them.
	TFTP  TFTP   `yaml:"tftp"`
	HTTP  string `yaml:"http"`  // such as http://192.0.2.1:8080/
	HTTPS string `yaml:"https"` // such as https://pbx.example/

	DHCP   DHCP   `yaml:"dhcp"`
	Policy Policy `yaml:"policy"`

	// Before is a folder of configuration files as they were before the latest
	// change, under the names that the phones ask for; empty: not known.
	Before string `yaml:"before"`
	// Fleet is how many phones the checks of load play at once, 1 to 1000;
	// 0 stands for 50.
	Fleet int `yaml:"fleet"`
}

// A Phone is one that the setup provisions.
type Phone struct {
	MAC         device.MAC  `yaml:"mac"`
	Serial      string      `yaml:"serial"` // empty: made from the address
	Certificate Certificate `yaml:",inline"`
}

// A Certificate is a client certificate with its key. The zero value is none.
type Certificate struct {
	Cert PEM    `yaml:"cert"`
	Key  PEM    `yaml:"key"`
	Pass string `yaml:"key-pass"` // a secret
}

// Given reports whether there is one.
func (c Certificate) Given() bool { return len(c.Cert) > 0 }

// PEM is the text of a PEM file. In a target file it is the name of the file,
// relative to the target file's folder, or the text itself.
type PEM []byte

// TFTP is what is known of the TFTP server beyond the rules. The files are some
// that it serves, beside the phones' own; a check that needs one is skipped
// without it.
type TFTP struct {
	Server string `yaml:"server"` // host or host:port
	Empty  string `yaml:"empty"`  // a file of 0 bytes
	Large  string `yaml:"large"`  // a file of more than 524,288 bytes, which is 65,536 blocks of 8
	Text   string `yaml:"text"`   // a text file with LF line ends, no CR
}

// DHCP is where and how the phones get their lease: on an interface, or through
// a relay agent on this machine.
type DHCP struct {
	Interface string        `yaml:"interface"` // where this machine can send as a client; needs CAP_NET_RAW
	Relay     string        `yaml:"relay"`     // server:port to relay to
	Listen    string        `yaml:"listen"`    // the relay agent's own address, port 67 unless it names one
	Class     string        `yaml:"class"`     // the phones' vendor class, option 60
	Servers   []netip.Addr  `yaml:"servers"`   // those that may answer; empty: one, whichever
	Private   bool          `yaml:"private"`   // option 66 is for the phones' class only
	Lease     time.Duration `yaml:"lease"`     // what a lease should last at least; 0: as long as a periodic resync
}

// Policy is what the administrator says that the setup does on purpose.
type Policy struct {
	// Access says who may read a phone's configuration over HTTP and HTTPS.
	Access Access `yaml:"access"`
	// LegacyPhones says that phones are served that know no TLS 1.2.
	LegacyPhones bool `yaml:"legacy-phones"`
}

// Access says who may read a phone's configuration.
type Access uint8

// The kinds of access.
const (
	Undeclared    Access = iota // not said; checks of it are skipped
	Open                        // anybody
	ByPassword                  // who knows user and password, which the rule holds
	ByCertificate               // who has the phone's own certificate
)

var accessWords = []string{Undeclared: "", Open: "open", ByPassword: "password", ByCertificate: "certificate"}

// String returns the word of target files, "" for Undeclared.
func (a Access) String() string { return word(accessWords, a) }

// MarshalText returns the word of String.
func (a Access) MarshalText() ([]byte, error) { return []byte(a.String()), nil }

// UnmarshalText reads a word of String.
func (a *Access) UnmarshalText(text []byte) (err error) {
	*a, err = find[Access](accessWords, "access", string(text))
	return err
}
