package rule

import (
	"net/netip"
	"strings"
	"unicode/utf8"
)

// ServerOf returns the server that the value of DHCP option 66 names, in the form
// that [Rule.Target] takes, for rules without a host (FV-RULE-3): the host, and the
// port of TFTP if it is given. It is empty where the value names none.
func ServerOf(value string) string {
	r, _, err := ParseOption66(value, "")
	if err != nil {
		return ""
	}
	host := r.Host
	if strings.Contains(host, ":") {
		host = "[" + host + "]"
	}
	if r.Port == "" || r.Scheme != "tftp" { // the port of another scheme's URL is not TFTP's
		return host
	}
	return host + ":" + r.Port
}

// ParseOption66 reads the value of DHCP option 66. An address or a name, with a
// port or without, gives tftp://VALUE/FILE, where file is the Config File Name
// (FV-SRC-3). Both may hold macros, which are not expanded here.
//
// As an extension (FV-SRC-4), which extended reports, the value may be a URL or
// have a path. Where the path, its query left out, is empty or ends in "/" the
// file is appended to it, otherwise it is used as it is.
//
// A blank value and an address of no server (FV-SRC-6) give [ErrNoServer], any other
// error is a [*Error].
func ParseOption66(value, file string) (rule Rule, extended bool, err error) {
	if err := notBinary(value); err != nil {
		return Rule{}, false, err
	}
	value = trimOption(value)
	if err := notQuoted(value); err != nil {
		return Rule{}, false, err
	}
	file = strings.Trim(file, blanks)
	if strings.IndexByte(value, '/') < 0 {
		rule = Rule{Scheme: "tftp", Path: "/" + file}
		rule.Host, rule.Port, err = parseServer(value)
		if err == nil {
			err = usable(rule.Host)
		}
		if err != nil {
			return Rule{}, false, err
		}
		return rule, false, nil
	}
	rule, err = (&parser{text: value, noPath: true, noOptions: "option 66 takes no options"}).rule()
	if err != nil {
		return Rule{}, true, err
	}
	if err := usable(rule.Host); err != nil {
		return Rule{}, true, err
	}
	if rule.Scheme == "" {
		rule.Scheme = "tftp"
	}
	path, query, asks := strings.Cut(rule.Path, "?")
	if path == "" {
		path = "/"
	}
	if strings.HasSuffix(path, "/") {
		path += file
	}
	if asks {
		path += "?" + query
	}
	rule.Path = path
	return rule, true, nil
}

// notQuoted refuses a value in quotation marks: the DHCP server's
// mistake, which would otherwise look like a key (FV-SRC-6).
func notQuoted(value string) error {
	const marks = `"'‘’“”`
	inside := strings.Trim(value, marks)
	if inside == value {
		return nil
	}
	before := strings.Index(value, inside)
	masked := value[:before] + mask(inside) + value[before+len(inside):]
	first, size := utf8.DecodeRuneInString(value)
	f := fault{
		0, size, "an address, a name or a URL without quotation marks",
		"the DHCP server sends the quotation marks: take them out of its option",
	}
	if !strings.ContainsRune(marks, first) {
		f.from, f.to = before+len(inside), len(value)
	}
	return ruleError(value, masked, f)
}

// notBinary refuses an address that was written as its four bytes. They are found
// where one of them is no printable ASCII character.
func notBinary(value string) error {
	if len(value) != 4 || trimOption(value) == "" || strings.IndexFunc(value, func(c rune) bool { return c <= ' ' || c >= 0x7f }) < 0 {
		return nil
	}
	addr := netip.AddrFrom4([4]byte([]byte(value)))
	return &Error{
		Text: "(4 bytes)", Column: 1, Found: "4 bytes, which as an address are " + addr.String(), Expected: "a text",
		Hint: "option 66 is a text: RouterOS writes it s'" + addr.String() + "', ISC dhcpd as option tftp-server-name",
	}
}
