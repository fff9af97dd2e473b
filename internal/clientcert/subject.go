package clientcert

import (
	"crypto/x509/pkix"
	"encoding/asn1"
	"fmt"
	"slices"
	"strings"
	"unicode/utf8"

	"provsim/macro"
)

// A Subject is a template of the name in certificates.
type Subject struct {
	text   string
	syntax macro.Syntax
	parts  []part
}

// A part is one attribute; its value holds macros.
type part struct{ key, value string }

// attributes are where the parts of a name go.
var attributes = map[string]func(n *pkix.Name) *[]string{
	"OU": func(n *pkix.Name) *[]string { return &n.OrganizationalUnit },
	"O":  func(n *pkix.Name) *[]string { return &n.Organization },
	"L":  func(n *pkix.Name) *[]string { return &n.Locality },
	"ST": func(n *pkix.Name) *[]string { return &n.Province },
	"C":  func(n *pkix.Name) *[]string { return &n.Country },
}

const (
	commonName   = "CN"
	serialNumber = "SERIALNUMBER"
	surname      = "S"
)

// single are the attributes that come once.
var single = []string{commonName, serialNumber, surname}

// surnameType is the type of S, by the name that web servers give it (X.520).
var surnameType = asn1.ObjectIdentifier{2, 5, 4, 4}

// longestName is the most characters that a single attribute has (RFC 5280 appendix
// A.1). A surname may have more, which no device needs.
const longestName = 64

// ParseSubject reads a template such as "CN=$MAU,OU=$PN,O=Example". Attributes
// are CN, OU, O, L, ST, C, SERIALNUMBER and S, the surname, where some phones have
// their address. CN or S must be there, and CN, SERIALNUMBER and S come once. A
// backslash takes the meaning from a comma or a backslash. The values' macros are
// expanded for each device, afterwards, so that no value changes the structure.
func ParseSubject(text string, syntax macro.Syntax) (Subject, error) {
	s := Subject{text: text, syntax: syntax}
	seen := map[string]bool{}
	for _, field := range fields(text) {
		key, value, ok := strings.Cut(field, "=")
		key = strings.ToUpper(strings.TrimSpace(key))
		_, many := attributes[key]
		once := slices.Contains(single, key)
		switch {
		case !ok || !many && !once:
			return Subject{}, fmt.Errorf("subject %q: found %q, want one of CN, OU, O, L, ST, C, SERIALNUMBER, S and = and its value", text, field)
		case once && seen[key]:
			return Subject{}, fmt.Errorf("subject %q: found %s twice, want it once", text, key)
		case value == "":
			return Subject{}, fmt.Errorf("subject %q: found no value for %s, want one such as $MAU", text, key)
		}
		seen[key] = true
		s.parts = append(s.parts, part{key, value})
	}
	if !seen[commonName] && !seen[surname] {
		return Subject{}, fmt.Errorf("subject %q: found neither CN nor S, want one such as CN=$MAU: servers tell devices apart by it", text)
	}
	return s, nil
}

// fields cuts a template at its commas.
func fields(text string) []string {
	var all []string
	var field strings.Builder
	for i := 0; i < len(text); i++ {
		switch c := text[i]; {
		case c == '\\' && i+1 < len(text) && (text[i+1] == ',' || text[i+1] == '\\'):
			i++
			field.WriteByte(text[i])
		case c == ',':
			all = append(all, field.String())
			field.Reset()
		default:
			field.WriteByte(c)
		}
	}
	return append(all, field.String())
}

// name expands the template for a device.
func (s Subject) name(vars macro.Vars) (pkix.Name, error) {
	var n pkix.Name
	for _, p := range s.parts {
		value := macro.Expand(p.value, vars, s.syntax)
		switch {
		case !utf8.ValidString(value) || strings.ContainsFunc(value, func(r rune) bool { return r < ' ' }):
			return n, fmt.Errorf("subject %q: %s is %q, want text", s.text, p.key, value)
		case value == "":
			return n, fmt.Errorf("subject %q: %s is empty for this device, want a value", s.text, p.key)
		case slices.Contains(single, p.key) && utf8.RuneCountInString(value) > longestName:
			return n, fmt.Errorf("subject %q: %s has %d characters, want at most %d (RFC 5280 appendix A.1)", s.text, p.key, utf8.RuneCountInString(value), longestName)
		case p.key == commonName:
			n.CommonName = value
		case p.key == serialNumber:
			n.SerialNumber = value
		case p.key == surname:
			n.ExtraNames = append(n.ExtraNames, pkix.AttributeTypeAndValue{Type: surnameType, Value: value})
		default:
			list := attributes[p.key](&n)
			*list = append(*list, value)
		}
	}
	return n, nil
}
