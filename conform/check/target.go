package check

import (
	"cmp"
	"errors"
	"fmt"
	"net/netip"
	"time"

	"provsim/device"
	"provsim/device/vendors"
	"provsim/internal/role/ipoffice"
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
	// Server is the URL of the server that phones of any vendor ask, in place of rule and
	// option 66, and Set are further settings, NAME=VALUE.
	Server string   `yaml:"server"`
	Set    []string `yaml:"set"`
	Cipher string   `yaml:"cipher"` // of keyed profiles; empty: encrypt.Default

	Vendor string `yaml:"vendor"` // of the phones, by its name; empty: flyingvoice
	// The product and the versions of the phones; empty: as shipped.
	Product  string `yaml:"product"`
	Hardware string `yaml:"hwver"`
	Software string `yaml:"swver"`
	Agent    string `yaml:"user-agent"`
	// Quirks are those of the phones, NAME or NAME=VALUE, and TLS the range of
	// versions that they speak; empty: 1.2 to 1.3 (FV-TLS-3).
	Quirks []string        `yaml:"quirks"`
	TLS    device.TLSRange `yaml:"tls"`

	// Phones are some that the setup provisions. The first is asked for most;
	// two or more let a check see what one phone gets of another's.
	Phones []Phone `yaml:"phones"`
	// Rest are further phones, whose own files alone are asked for. List is the file that
	// names all of them; empty: no file does.
	Rest []Phone
	List string
	// Address is the phones' own, $IP.
	Address netip.Addr `yaml:"ip"`

	CA PEM `yaml:"ca"` // the authorities that the servers are certified by; empty: the system's
	// Expired is a client certificate of the right authority that has expired.
	Expired Certificate `yaml:"expired-certificate"`

	// The servers, where the rules do not name them, or do not name all of them.
	TFTP  TFTP   `yaml:"tftp"`
	HTTP  string `yaml:"http"`  // such as http://192.0.2.1:8080/
	HTTPS string `yaml:"https"` // such as https://pbx.example/

	DHCP     DHCP     `yaml:"dhcp"`
	IPOffice IPOffice `yaml:"ip-office"`
	Policy   Policy   `yaml:"policy"`

	// Before is a folder of configuration files as they were before the latest
	// change, under the names that the phones ask for; empty: not known.
	Before string `yaml:"before"`
	// Fleet is how many phones the checks of load play at once, 1 to 1000;
	// 0 stands for 50.
	Fleet int `yaml:"fleet"`

	Source Source // where [ReadTarget] has read it; empty: it was made by a program
}

// vendor returns the name of the phones' vendor.
func (t *Target) vendor() string { return cmp.Or(t.Vendor, vendors.Default().Name) }

// defaultFleet is how many phones ask at once where the target says nothing: an
// office whose power comes back.
const defaultFleet = 50

// FleetSize returns how many phones the checks of load play at once.
func (t *Target) FleetSize() int {
	if t.Fleet > 0 {
		return t.Fleet
	}
	return defaultFleet
}

// A Source is the file that a target was read from.
type Source struct {
	File string
	// Lines are those of the keys at the top, from 1.
	Lines map[string]int
}

// A Phone is one that the setup provisions.
type Phone struct {
	MAC         device.MAC  `yaml:"mac"`
	Serial      string      `yaml:"serial"` // empty: made from the address
	Certificate Certificate `yaml:",inline"`
	// Of a list, in place of what the target says; one of server and rule at most.
	Product      string
	Server, Rule string
	Address      netip.Addr
}

// A Certificate is a client certificate with its key. The zero value stands for no certificate.
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

// IPOffice is an IP Office control unit, or a server in its place.
type IPOffice struct {
	Address netip.Addr `yaml:"address"`    // of its LAN1, IPv4
	Base    int        `yaml:"base"`       // the port of configuration; 0: 50804
	Shift   int        `yaml:"port-shift"` // added to every port
}

// validate fills in the base, and says what is wrong with what is given.
func (u *IPOffice) validate() error {
	switch {
	case *u == IPOffice{}:
		return nil
	case !u.Address.Is4():
		return errors.New("ip-office: want the IPv4 address of a unit")
	}
	u.Base = cmp.Or(u.Base, ipoffice.DefaultBase)
	if err := ipoffice.CheckBase(u.Base); err != nil {
		return fmt.Errorf("ip-office, base: %w", err)
	}
	if err := ipoffice.CheckShift(u.Base, u.Shift); err != nil {
		return fmt.Errorf("ip-office, port-shift: %w", err)
	}
	return nil
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
	ByPassword                  // clients with the user and password of the rule
	ByCertificate               // clients with the phone's own certificate
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
