package ipoffice

import (
	"fmt"
	"maps"
	"net"
	"net/netip"
	"slices"
	"strconv"
	"strings"
	"unicode"
	"unicode/utf8"
)

// Records are a configuration: the value of each record.field (IPO-LNK-7). A record is
// a kind, such as system, or a kind and an instance, such as user.201.
type Records map[string]string

// kinds are those of records. A merge takes those that are so marked; all others wait
// for a reboot (IPO-MEM-3).
var kinds = map[string]struct{ single, mergeable bool }{
	"system": {single: true}, "lan1": {single: true}, "lan2": {single: true},
	"line": {}, "extension": {}, "service": {},
	"user": {mergeable: true}, "group": {mergeable: true}, "shortcode": {mergeable: true}, "directory": {mergeable: true},
	"route": {mergeable: true}, "account": {mergeable: true}, "time": {mergeable: true},
}

const (
	mostRecords = 100_000
	longestLine = 1000 // bytes
)

// ParseRecords reads lines record.field=value; empty lines and lines that begin with #
// are comments. The error names line, column, and what was expected, and no value.
func ParseRecords(text []byte) (Records, error) {
	r := Records{}
	err := readLines(text, func(key, value string) error {
		kind, rest, _ := strings.Cut(key, ".")
		k, known := kinds[kind]
		_, field, instance := strings.Cut(rest, ".")
		switch {
		case !known:
			return fmt.Errorf("unknown record %q, want one of %s", kind, strings.Join(slices.Sorted(maps.Keys(kinds)), ", "))
		case k.single && (rest == "" || instance):
			return fmt.Errorf("want %s.FIELD=VALUE", kind)
		case !k.single && (!instance || field == "" || strings.HasPrefix(rest, ".") || strings.Contains(field, ".")):
			return fmt.Errorf("want %s.NUMBER.FIELD=VALUE", kind)
		case len(r) == mostRecords:
			return fmt.Errorf("want at most %d lines", mostRecords)
		}
		r[key] = value
		return checkValue(key, value)
	})
	if err != nil {
		return nil, err
	}
	return r, nil
}

// readLines hands each line NAME=VALUE to set. A name may stand there once.
func readLines(text []byte, set func(key, value string) error) error {
	n, seen := 0, map[string]bool{}
	for line := range strings.Lines(string(text)) {
		n++
		line = strings.TrimRight(line, "\r\n")
		if trimmed := strings.TrimSpace(line); trimmed == "" || trimmed[0] == '#' {
			continue
		}
		key, value, ok := strings.Cut(line, "=")
		bad := strings.IndexFunc(key, func(r rune) bool { return r > '~' || r <= ' ' })
		odd := strings.IndexFunc(value, func(r rune) bool { return r == utf8.RuneError || unicode.IsControl(r) })
		switch {
		case len(line) > longestLine:
			return fmt.Errorf("line %d, column %d: the line is too long, want at most %d bytes", n, longestLine+1, longestLine)
		case !ok:
			return fmt.Errorf("line %d, column %d: found no =, want record.field=value", n, len(line)+1)
		case key == "" || bad >= 0:
			return fmt.Errorf("line %d, column %d: want a name of letters, digits, dots and hyphens before =", n, max(bad, 0)+1)
		case odd >= 0:
			return fmt.Errorf("line %d, column %d: a value of UTF-8 text without control characters is wanted", n, len(key)+2+odd)
		case seen[key]:
			return fmt.Errorf("line %d, column 1: %s stands there twice", n, key)
		}
		seen[key] = true
		if err := set(key, value); err != nil {
			return fmt.Errorf("line %d, column 1: %w", n, err)
		}
	}
	return nil
}

// checkValue checks the values that the unit itself reads.
func checkValue(key, value string) error {
	field := key[strings.LastIndexByte(key, '.')+1:]
	switch {
	case key == "system.name":
		return CheckName(value)
	case key == "lan1.address" || key == "lan2.address":
		if a, err := netip.ParseAddr(value); err != nil || !a.Is4() {
			return fmt.Errorf("%s: want an IPv4 address", key)
		}
	case key == "lan1.mask" || key == "lan2.mask":
		if maskBits(value) < 0 {
			return fmt.Errorf("%s: want a mask such as 255.255.255.0", key)
		}
	case strings.HasPrefix(key, "user.") && field == "licence":
		if n, err := strconv.Atoi(value); err != nil || n < 1 || n > 8 {
			return fmt.Errorf("%s: want 1 to 8", key)
		}
	case strings.HasPrefix(key, "user.") || strings.HasPrefix(key, "group.") || strings.HasPrefix(key, "directory."):
		if strings.ContainsAny(value, ",") {
			return fmt.Errorf("%s: want a value without a comma, which parts the columns of lists", key)
		}
	}
	return nil
}

// CheckName says whether a unit can have a name (IPO-ID-1).
func CheckName(name string) error {
	odd := func(r rune) bool { return r > 255 || unicode.IsControl(r) }
	if name == "" || len(name) > 64 || strings.ContainsAny(name, "<>|:*?./") || strings.ContainsFunc(name, odd) {
		return fmt.Errorf("found a name of %d bytes, want 1 to 64 of Latin-1 without < > | : * ? . /", len(name))
	}
	return nil
}

// maskBits returns the length of the prefix that a mask makes, or -1.
func maskBits(mask string) int {
	a, err := netip.ParseAddr(mask)
	if err != nil || !a.Is4() {
		return -1
	}
	ones, bits := net.IPMask(a.AsSlice()).Size()
	if bits == 0 {
		return -1
	}
	return ones
}

// mask returns the mask of a prefix.
func mask(bits int) string { return net.IP(net.CIDRMask(bits, 32)).String() }

// Text returns the lines in the order of their names. They parse to the same records.
func (r Records) Text() []byte {
	var b strings.Builder
	for _, key := range slices.Sorted(maps.Keys(r)) {
		b.WriteString(key + "=" + r[key] + "\n")
	}
	return []byte(b.String())
}

// lan returns the address and the network of a port, "lan1" or "lan2". It is not valid
// without one.
func (r Records) lan(port string) netip.Prefix {
	a, err := netip.ParseAddr(r[port+".address"])
	bits := maskBits(r[port+".mask"])
	if err != nil || bits < 0 {
		return netip.Prefix{}
	}
	return netip.PrefixFrom(a, bits)
}

// Mergeable reports whether all that differs between two configurations can be in force
// without a reboot (MGR-9, IPO-MEM-3).
func Mergeable(a, b Records) bool {
	differ := func(x, y Records) bool {
		for key, value := range x {
			kind, _, _ := strings.Cut(key, ".")
			if other, ok := y[key]; (!ok || other != value) && !kinds[kind].mergeable {
				return true
			}
		}
		return false
	}
	return !differ(a, b) && !differ(b, a)
}

// SetLAN enters the address and the network of "lan1" or "lan2".
func (r Records) SetLAN(port string, lan netip.Prefix) {
	r[port+".address"], r[port+".mask"] = lan.Addr().String(), mask(lan.Bits())
}

// instances returns the numbers of a kind's records, small ones first.
func (r Records) instances(kind string) []string {
	seen := map[string]bool{}
	for key := range r {
		if rest, ok := strings.CutPrefix(key, kind+"."); ok {
			instance, _, _ := strings.Cut(rest, ".")
			seen[instance] = true
		}
	}
	return slices.SortedFunc(maps.Keys(seen), func(a, b string) int {
		if d := len(a) - len(b); d != 0 {
			return d
		}
		return strings.Compare(a, b)
	})
}

// User is a person with an extension.
type User struct{ Name, Extension, FullName, Mail string }

// AddUsers enters users, and a group of all of them.
func (r Records) AddUsers(users []User) {
	var members []string
	for _, u := range users {
		at := "user." + u.Extension + "."
		r[at+"name"], r[at+"fullname"], r[at+"email"] = u.Name, u.FullName, u.Mail
		members = append(members, u.Extension)
	}
	if len(members) > 0 {
		r["group.200.name"], r["group.200.members"] = "Main", strings.Join(members[:min(len(members), 90)], ";")
	}
}

// Extensions returns n users of names Extn201, Extn202 …
func Extensions(n int) []User {
	var users []User
	for i := range n {
		extension := strconv.Itoa(201 + i)
		users = append(users, User{Name: "Extn" + extension, Extension: extension, FullName: "Extension " + extension})
	}
	return users
}
