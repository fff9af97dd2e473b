package gateway

import (
	"encoding/hex"
	"fmt"
	"net/netip"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"
)

// How long the lists are (SMG-CFG-1).
const (
	servers = 4
	alerts  = 10
	filters = 10
)

// Settings are those of the gateway. [Defaults] is a new one's (SMG-CFG-2).
type Settings struct {
	Servers [servers]ServerEntry
	Alerts  [alerts]Alert
	Filters [filters]Filter

	EventForwarding bool // the event system is on
	Discriminator   bool // the filters are on
	LogByDefault    bool // what no filter matches goes to the gateway's own log
	LogSeverity     int  // the least severe event that the default action logs
	LogSize         int  // entries
	LogActivator    bool // what goes to the Activator is logged too
	LogDiffserv     bool // stored only

	HTTPClient    bool
	FileServer    string // address of the Activator, with a port if need be
	DownloadPath  string
	EventsPath    string // a path, or an http or https URL
	ActivatorPath string // of downloads, likewise
	Timeout       time.Duration
	Retries       int
	Secure        bool

	// Settings for which the document has no name.
	Serial  string
	Digits  int // of the random number (SMG-C-1)
	First   netip.Addr
	Last    netip.Addr
	Bits    int // of the network's mask
	Router  netip.Addr
	LeaseOf time.Duration
}

// ServerEntry is one entry of option 66.
type ServerEntry struct {
	Off  bool // "Configured: no"
	Text string
}

// Alert is a MAC alert (SMG-MAC-1).
type Alert struct {
	Enabled       bool
	Name          string
	Address, Mask digits
	Randomise     bool
}

// digits are up to six bytes as they were typed, and how many of their hex
// digits were given.
type digits struct {
	text  string
	value [6]byte
	given int
}

// Filter is an entry of the event filter (SMG-EVT-2).
type Filter struct {
	Class     string // empty: the entry is not configured
	Subclass  int    // 0: 67 for DHCP, else any (SMG-EVT-9)
	Target    string // activator, log, manager N, log+manager N
	Criterion string // ignore, at-least, equal, at-most
	Severity  int
}

// anySubclass matches all.
const anySubclass = 9999

// severities are named as in syslog, the most severe first (SMG-EVT-1).
var severities = []string{"emergency", "alert", "critical", "error", "warning", "notice", "informational", "debug"}

// Defaults returns the settings of a new gateway.
func Defaults() Settings {
	s := Settings{
		EventForwarding: true, Discriminator: true, LogByDefault: true, LogSeverity: 7, LogSize: 100,
		HTTPClient: true, EventsPath: "/activator/eventHandler.asp", ActivatorPath: "/activator/fileServer.asp",
		Timeout: 30 * time.Second, Retries: 3,
		Serial: "00E0C8100001", Digits: 18, LeaseOf: 24 * time.Hour, Bits: 24,
		First: netip.AddrFrom4([4]byte{192, 168, 100, 100}), Last: netip.AddrFrom4([4]byte{192, 168, 100, 199}),
		Router: netip.AddrFrom4([4]byte{192, 168, 100, 1}),
	}
	for i := range s.Filters {
		s.Filters[i].Criterion = "ignore"
	}
	return s
}

// setting is one name of the command line.
type setting struct {
	name  string // lower case
	most  int    // entries of a list; 0 for a single value
	field string // of the web form, with the menu where it stands; empty: ours
	set   func(s *Settings, i int, value string) error
}

const (
	menuOption66 = "dhcp options -> option 66: tftp server name -> "
	menuFilter   = "events -> event filter -> "
	menuSystem   = "events -> event system -> "
	menuClient   = "local clients -> http client -> "
	menuAlert    = "dhcp server -> mac alert -> "
)

var table = []setting{
	{"dhcp server tftp server configured", servers, menuOption66 + "Configured", func(s *Settings, i int, v string) error {
		on, err := yes(v)
		s.Servers[i].Off = !on
		return err
	}},
	{"dhcp server tftp server", servers, menuOption66 + "Server", func(s *Settings, i int, v string) error {
		if len(v) > 63 || strings.ContainsFunc(v, func(r rune) bool { return r < ' ' || r == 0x7f }) {
			return fmt.Errorf("want a text of 0 to 63 bytes without control characters, found %d bytes", len(v))
		}
		s.Servers[i].Text = v
		return nil
	}},
	{"dhcp server mac alert enabled", alerts, menuAlert + "Enabled", flag(func(s *Settings, i int) *bool { return &s.Alerts[i].Enabled })},
	{"dhcp server mac alert name", alerts, menuAlert + "Name", text(64, func(s *Settings, i int) *string { return &s.Alerts[i].Name })},
	{"dhcp server mac alert address", alerts, menuAlert + "MAC Address", func(s *Settings, i int, v string) (err error) {
		s.Alerts[i].Address, err = readDigits(v, false)
		return err
	}},
	{"dhcp server mac alert mask", alerts, menuAlert + "MAC Address Mask", func(s *Settings, i int, v string) (err error) {
		s.Alerts[i].Mask, err = readDigits(v, true)
		return err
	}},
	{"dhcp server mac alert randomise tftp server name", alerts, menuAlert + "Randomise TFTP Server Name", flag(func(s *Settings, i int) *bool { return &s.Alerts[i].Randomise })},
	{"event forwarding discriminator entry class", filters, menuFilter + "Event Class", text(32, func(s *Settings, i int) *string { return &s.Filters[i].Class })},
	{"event forwarding discriminator entry subclass", filters, menuFilter + "Event Subclass", number(0, anySubclass, func(s *Settings, i int) *int { return &s.Filters[i].Subclass })},
	{"event forwarding discriminator entry target", filters, menuFilter + "Target", func(s *Settings, i int, v string) error {
		v = strings.ToLower(v)
		manager, ok := strings.CutPrefix(strings.TrimPrefix(v, "log+"), "manager ")
		if n, err := strconv.Atoi(manager); !(v == "activator" || v == "log" || ok && err == nil && n >= 1 && n <= 99) {
			return fmt.Errorf("found %q, want activator, log, manager N or log+manager N", v)
		}
		s.Filters[i].Target = v
		return nil
	}},
	{"event forwarding discriminator entry criteria", filters, menuFilter + "Severity Criterion", func(s *Settings, i int, v string) error {
		known := []string{"ignore", "at-least", "equal", "at-most"}
		if v = strings.ToLower(v); !slices.Contains(known, v) {
			return fmt.Errorf("found %q, want one of %s", v, strings.Join(known, ", "))
		}
		s.Filters[i].Criterion = v
		return nil
	}},
	{"event forwarding discriminator entry severity", filters, menuFilter + "Severity", severity(func(s *Settings, i int) *int { return &s.Filters[i].Severity })},
	{"event forwarding enabled", 0, menuSystem + "Enabled", flag(func(s *Settings, _ int) *bool { return &s.EventForwarding })},
	{"event forwarding discriminator enabled", 0, menuSystem + "Discriminator Enabled", flag(func(s *Settings, _ int) *bool { return &s.Discriminator })},
	{"event forwarding default action", 0, menuSystem + "Discriminator Default Action", func(s *Settings, _ int, v string) error {
		v = strings.ToLower(v)
		if v != "log" && v != "ignore" {
			return fmt.Errorf("found %q, want log or ignore", v)
		}
		s.LogByDefault = v == "log"
		return nil
	}},
	{"event forwarding default severity", 0, menuSystem + "Discriminator Default Severity", severity(func(s *Settings, _ int) *int { return &s.LogSeverity })},
	{"event log size", 0, menuSystem + "Log Size", number(0, 10_000, func(s *Settings, _ int) *int { return &s.LogSize })},
	{"event activator logging", 0, menuSystem + "Log Activator Events", flag(func(s *Settings, _ int) *bool { return &s.LogActivator })},
	{"event ip diffserv logging", 0, menuSystem + "Log IP Diffserv Info", flag(func(s *Settings, _ int) *bool { return &s.LogDiffserv })},
	{"http client enabled", 0, menuClient + "Enabled", flag(func(s *Settings, _ int) *bool { return &s.HTTPClient })},
	{"http client file server ip address", 0, menuClient + "File Server IP Address", func(s *Settings, _ int, v string) error {
		if v != "" && !isAuthority(v) {
			return fmt.Errorf("found %q, want an address or a name, with :port if need be", v)
		}
		s.FileServer = v
		return nil
	}},
	{"http client download path", 0, menuClient + "Download Path", text(255, func(s *Settings, _ int) *string { return &s.DownloadPath })},
	{"http client events path", 0, menuClient + "Events Path", pathOrURL(func(s *Settings) *string { return &s.EventsPath })},
	{"http client activator download path", 0, menuClient + "Activator Download Path", pathOrURL(func(s *Settings) *string { return &s.ActivatorPath })},
	{"http client inactivity timeout", 0, menuClient + "Inactivity Timeout", func(s *Settings, _ int, v string) error {
		n, err := strconv.Atoi(v)
		if err != nil || n < 1 || n > 3600 {
			return fmt.Errorf("found %q, want 1 to 3600 seconds", v)
		}
		s.Timeout = time.Duration(n) * time.Second
		return nil
	}},
	{"http client connection retries", 0, menuClient + "Connection Retries", number(0, 100, func(s *Settings, _ int) *int { return &s.Retries })},
	{"http client secure download", 0, menuClient + "Secure Downloads", flag(func(s *Settings, _ int) *bool { return &s.Secure })},
	{"serial number", 0, "", func(s *Settings, _ int, v string) error {
		b, err := hex.DecodeString(v)
		if err != nil || len(b) != 6 {
			return fmt.Errorf("found %q, want 12 hex digits", v)
		}
		s.Serial = strings.ToUpper(v)
		return nil
	}},
	{"random number digits", 0, "", number(1, 32, func(s *Settings, _ int) *int { return &s.Digits })},
	{"dhcp server pool", 0, "", func(s *Settings, _ int, v string) error {
		first, rest, _ := strings.Cut(v, "-")
		last, bits, _ := strings.Cut(rest, "/")
		from, err1 := netip.ParseAddr(strings.TrimSpace(first))
		to, err2 := netip.ParseAddr(strings.TrimSpace(last))
		n, err3 := strconv.Atoi(bits)
		if err1 != nil || err2 != nil || err3 != nil || !from.Is4() || !to.Is4() || to.Less(from) || n < 8 || n > 30 || !netip.PrefixFrom(from, n).Masked().Contains(to) {
			return fmt.Errorf("found %q, want two addresses of one network and the bits of its mask, such as 192.168.100.100-192.168.100.199/24", v)
		}
		s.First, s.Last, s.Bits = from, to, n
		return nil
	}},
	{"dhcp server router", 0, "", func(s *Settings, _ int, v string) error {
		a, err := netip.ParseAddr(v)
		if err != nil || !a.Is4() {
			return fmt.Errorf("found %q, want an IPv4 address", v)
		}
		s.Router = a
		return nil
	}},
	{"dhcp server lease time", 0, "", func(s *Settings, _ int, v string) error {
		n, err := strconv.Atoi(v)
		if err != nil || n < 60 || n > 1<<31-1 {
			return fmt.Errorf("found %q, want 60 seconds or more", v)
		}
		s.LeaseOf = time.Duration(n) * time.Second
		return nil
	}},
}

func yes(v string) (bool, error) {
	switch strings.ToLower(v) {
	case "yes":
		return true, nil
	case "no":
		return false, nil
	}
	return false, fmt.Errorf("found %q, want yes or no", v)
}

func flag(field func(*Settings, int) *bool) func(*Settings, int, string) error {
	return func(s *Settings, i int, v string) (err error) {
		*field(s, i), err = yes(v)
		return err
	}
}

func text(most int, field func(*Settings, int) *string) func(*Settings, int, string) error {
	return func(s *Settings, i int, v string) error {
		if len(v) > most {
			return fmt.Errorf("found %d bytes, want at most %d", len(v), most)
		}
		*field(s, i) = v
		return nil
	}
}

func number(least, most int, field func(*Settings, int) *int) func(*Settings, int, string) error {
	return func(s *Settings, i int, v string) error {
		n, err := strconv.Atoi(v)
		if err != nil || n < least || n > most {
			return fmt.Errorf("found %q, want %d to %d", v, least, most)
		}
		*field(s, i) = n
		return nil
	}
}

func severity(field func(*Settings, int) *int) func(*Settings, int, string) error {
	return func(s *Settings, i int, v string) error {
		n := slices.Index(severities, strings.ToLower(v))
		if n < 0 {
			var err error
			if n, err = strconv.Atoi(v); err != nil || n < 0 || n >= len(severities) {
				return fmt.Errorf("found %q, want one of %s, or 0 to 7", v, strings.Join(severities, ", "))
			}
		}
		*field(s, i) = n
		return nil
	}
}

func pathOrURL(field func(*Settings) *string) func(*Settings, int, string) error {
	return func(s *Settings, _ int, v string) error {
		u, err := url.Parse(v)
		good := err == nil && (u.Scheme == "" && strings.HasPrefix(v, "/") && u.Host == "" || (u.Scheme == "http" || u.Scheme == "https") && u.Host != "")
		if !good {
			return fmt.Errorf("found %q, want a path that begins with /, or an http or https URL", v)
		}
		*field(s) = v
		return nil
	}
}

func isAuthority(v string) bool {
	u, err := url.Parse("http://" + v + "/")
	return err == nil && u.Host == v && u.Hostname() != "" && u.User == nil
}
