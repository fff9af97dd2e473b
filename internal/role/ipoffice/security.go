package ipoffice

import (
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"
)

// Right is what a service user may do; several are added (IPO-SEC-1).
type Right uint32

// The rights.
const (
	MayRead Right = 1 << iota
	MayWrite
	MayMerge
	MayErase
	MayReboot
	MayWhenFree
	MayTimed
	_
	MayReadSecurity
	MayWriteSecurity
)

const allRights = 127 | MayReadSecurity | MayWriteSecurity

// Switches are the parts of the unit that the security settings switch off (IPO-IF-1).
var Switches = []string{"udp-discovery", "tcp-discovery", "tftp", "tftp-directory", "configuration", "devlink3", "http", "http-directory"}

// The base of the TCP services (IPO-PORT-1).
const (
	DefaultBase = 50804
	leastBase   = 49152
	mostBase    = 65526
)

const (
	mostUsers    = 64
	mostGroups   = 32
	devLink      = "DevLink3" // the group whose members log in by DevLink3
	securityUser = "security" // the user that can be neither deleted nor locked (IPO-SEC-2)
	securityPwd  = "securitypwd"
)

// rejectActions are what follows once a user has reached the reject limit (IPO-SEC-3).
var rejectActions = []string{"none", "log", "disable", "temporary"}

// Security is the security settings.
type Security struct {
	base   int
	limit  int    // of rejected logins; 0: none
	action string // of rejectActions
	off    map[string]bool
	groups map[string]Right
	users  map[string]*serviceUser
}

// serviceUser is a user that may log in. No password is kept, except for DevLink3, whose
// login needs its first 16 bytes.
type serviceUser struct {
	groups   []string
	disabled bool
	verifier []byte
	devLink  []byte // nil: the user cannot log in by DevLink3
}

// Verifier returns what a unit keeps of a name and a password (IPO-LNK-3).
func Verifier(name, password string) []byte {
	sum := sha256.Sum256([]byte(name + "\x00" + password))
	return sum[:]
}

// DefaultSecurity returns the settings of a new unit (IPO-SEC-2).
func DefaultSecurity() *Security {
	s := &Security{
		base: DefaultBase, limit: 3, action: "log", off: map[string]bool{"tftp-directory": true},
		groups: map[string]Right{"Administrator": 127, "Manager": 103, "Operator": 5, "Security": MayReadSecurity | MayWriteSecurity, devLink: 0},
		users:  map[string]*serviceUser{},
	}
	for name, password := range map[string]string{"Administrator": "Administrator", "Manager": "Manager", "Operator": "Operator", securityUser: securityPwd} {
		group := name
		if name == securityUser {
			group = "Security"
		}
		s.users[name] = &serviceUser{groups: []string{group}, verifier: Verifier(name, password)}
	}
	return s
}

// On reports whether a switch is on.
func (s *Security) On(name string) bool { return !s.off[name] }

// Switch switches a part off or on.
func (s *Security) Switch(name string, on bool) error {
	if !slices.Contains(Switches, name) {
		return fmt.Errorf("unknown switch %q, want one of %s", name, strings.Join(Switches, ", "))
	}
	s.off[name] = !on
	return nil
}

// SetBase sets the port of configuration, from which the others are counted.
func (s *Security) SetBase(port int) error {
	if err := CheckBase(port); err != nil {
		return err
	}
	s.base = port
	return nil
}

// CheckBase says whether a port can be the base (IPO-PORT-1).
func CheckBase(port int) error {
	if port < leastBase || port > mostBase {
		return fmt.Errorf("found the base %d, want %d to %d", port, leastBase, mostBase)
	}
	return nil
}

// CheckShift says whether a number can be added to all ports where the base is this one:
// the highest port is that of security settings, or that of discovery, which does not move.
func CheckShift(base, shift int) error {
	if most := 65535 - max(base+8, 50802); shift < 0 || shift > most {
		return fmt.Errorf("found %d, want 0 to %d, so that all ports are below 65536", shift, most)
	}
	return nil
}

// SetUser enters a service user, or gives a known one another password.
func (s *Security) SetUser(name, password string, groups []string) error {
	if err := CheckUser(name, password); err != nil {
		return err
	}
	for _, g := range groups {
		if _, ok := s.groups[g]; !ok {
			return fmt.Errorf("unknown group %q, want one of %s", g, strings.Join(slices.Sorted(maps.Keys(s.groups)), ", "))
		}
	}
	if s.users[name] == nil && len(s.users) == mostUsers {
		return fmt.Errorf("want at most %d users", mostUsers)
	}
	u := &serviceUser{groups: groups, verifier: Verifier(name, password)}
	if slices.Contains(groups, devLink) {
		u.devLink = DevLinkKey(password)
	}
	s.users[name] = u
	return nil
}

// CheckUser says whether a name and a password are such as users can have (IPO-SEC-2).
func CheckUser(name, password string) error {
	if err := checkUserName(name); err != nil {
		return err
	}
	if n := len(password); n < 6 || n > 31 || strings.Contains(password, "\x00") {
		return fmt.Errorf("found a password of %d characters, want 6 to 31", n)
	}
	return nil
}

func checkUserName(name string) error {
	odd := func(r rune) bool { return !usual(r) && r != '@' }
	if len(name) < 6 || len(name) > 31 || strings.ContainsFunc(name, odd) {
		return fmt.Errorf("found a user's name of %d characters, want 6 to 31 letters, digits, dots, hyphens, @ and _", len(name))
	}
	return nil
}

// DevLinkKey returns what a login by DevLink3 is made of: a password, cut or filled
// with zeros to 16 bytes (IPO-DL-3).
func DevLinkKey(password string) []byte {
	key := make([]byte, 16)
	copy(key, password)
	return key
}

// rights returns the sum of a user's rights (IPO-SEC-1).
func (s *Security) rights(name string) (sum Right) {
	if u := s.users[name]; u != nil {
		for _, g := range u.groups {
			sum |= s.groups[g]
		}
	}
	return sum
}

// Text returns the settings as lines. What logs a user in is there only where secret
// is set.
func (s *Security) Text(secret bool) []byte {
	lines := map[string]string{
		"security.base": strconv.Itoa(s.base), "security.reject-limit": strconv.Itoa(s.limit), "security.reject-action": s.action,
	}
	for _, name := range Switches {
		lines["switch."+name] = map[bool]string{true: "on", false: "off"}[s.On(name)]
	}
	for name, rights := range s.groups {
		lines["group."+name+".rights"] = strconv.Itoa(int(rights))
	}
	for name, u := range s.users {
		at := "user." + name + "."
		lines[at+"groups"] = strings.Join(u.groups, ";")
		lines[at+"enabled"] = map[bool]string{true: "no", false: "yes"}[u.disabled]
		if secret {
			lines[at+"verifier"] = hex.EncodeToString(u.verifier)
			if u.devLink != nil {
				lines[at+"devlink"] = hex.EncodeToString(u.devLink)
			}
		}
	}
	return Records(lines).Text()
}

// ParseSecurity reads settings as lines. A user of before keeps what logs him in where
// the lines do not say it (before may be nil). Settings that leave no one who may write
// them are refused whole (IPO-SEC-5).
func ParseSecurity(text []byte, before *Security) (*Security, error) {
	s := &Security{base: DefaultBase, limit: 3, action: "log", off: map[string]bool{}, groups: map[string]Right{}, users: map[string]*serviceUser{}}
	if err := readLines(text, s.set); err != nil {
		return nil, err
	}
	writers := false
	for name, u := range s.users {
		if u.verifier == nil && before != nil && before.users[name] != nil {
			u.verifier, u.devLink = before.users[name].verifier, before.users[name].devLink
		}
		if u.verifier == nil {
			return nil, fmt.Errorf("user.%s.verifier is missing: a new user needs it", name)
		}
		for _, g := range u.groups {
			if _, ok := s.groups[g]; !ok {
				return nil, fmt.Errorf("user.%s.groups: unknown group", name)
			}
		}
		writers = writers || !u.disabled && s.rights(name)&MayWriteSecurity != 0
	}
	switch u := s.users[securityUser]; {
	case u == nil || u.disabled:
		return nil, fmt.Errorf("user.%s: the user can be neither deleted nor disabled", securityUser)
	case !writers:
		return nil, fmt.Errorf("no enabled user has the right %d: no one could write security settings again", MayWriteSecurity)
	}
	return s, nil
}

// set takes one line.
func (s *Security) set(key, value string) error {
	kind, name, _ := strings.Cut(key, ".")
	field := ""
	if i := strings.LastIndexByte(name, '.'); i >= 0 && (kind == "user" || kind == "group") {
		name, field = name[:i], name[i+1:]
	}
	n, err := strconv.Atoi(value)
	switch {
	case key == "security.base" && err == nil:
		return s.SetBase(n)
	case key == "security.reject-limit" && err == nil && n >= 0 && n <= 255:
		s.limit = n
	case key == "security.reject-action" && slices.Contains(rejectActions, value):
		s.action = value
	case kind == "switch" && (value == "on" || value == "off"):
		return s.Switch(name, value == "on")
	case kind == "group" && field == "rights" && err == nil && n >= 0 && Right(n)&^allRights == 0:
		if s.groups[name] = Right(n); len(s.groups) > mostGroups || len(name) > 31 {
			return fmt.Errorf("want at most %d groups, with names of at most 31 characters", mostGroups)
		}
	case kind == "user":
		return s.setUser(name, field, value)
	default:
		return fmt.Errorf("unknown setting or value: want security.base, security.reject-limit (0 to 255), security.reject-action (%s), "+
			"switch.NAME (on, off), group.NAME.rights (a sum of rights) or user.NAME.FIELD", strings.Join(rejectActions, ", "))
	}
	return nil
}

func (s *Security) setUser(name, field, value string) error {
	if err := checkUserName(name); err != nil {
		return err
	}
	u := s.users[name]
	if u == nil {
		if len(s.users) == mostUsers {
			return fmt.Errorf("want at most %d users", mostUsers)
		}
		u = &serviceUser{}
		s.users[name] = u
	}
	b, err := hex.DecodeString(value)
	switch {
	case field == "groups":
		u.groups = slices.DeleteFunc(strings.Split(value, ";"), func(g string) bool { return g == "" })
	case field == "enabled" && (value == "yes" || value == "no"):
		u.disabled = value == "no"
	case field == "verifier" && err == nil && len(b) == sha256.Size:
		u.verifier = b
	case field == "devlink" && err == nil && len(b) == 16:
		u.devLink = b
	default:
		return fmt.Errorf("user.%s: want groups, enabled (yes, no), verifier (64 hex digits) or devlink (32 hex digits)", name)
	}
	return nil
}

// HidePasswords replaces user.NAME.password of security settings by what the unit
// stores of it: no password is on the wire. Other lines stay as they are.
func HidePasswords(text []byte) ([]byte, error) {
	lines, groups := Records{}, map[string]string{}
	err := readLines(text, func(key, value string) error {
		if name, ok := strings.CutPrefix(key, "user."); ok && strings.HasSuffix(name, ".groups") {
			groups[strings.TrimSuffix(name, ".groups")] = value
		}
		lines[key] = value
		return nil
	})
	if err != nil {
		return nil, err
	}
	for key, password := range lines {
		name, ok := strings.CutSuffix(key, ".password")
		if name, user := strings.CutPrefix(name, "user."); ok && user {
			if err := CheckUser(name, password); err != nil {
				return nil, fmt.Errorf("user.%s.password: %w", name, err)
			}
			delete(lines, key)
			lines["user."+name+".verifier"] = hex.EncodeToString(Verifier(name, password))
			if slices.Contains(strings.Split(groups[name], ";"), devLink) {
				lines["user."+name+".devlink"] = hex.EncodeToString(DevLinkKey(password))
			}
		}
	}
	return lines.Text(), nil
}
