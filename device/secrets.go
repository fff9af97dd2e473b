package device

import (
	"fmt"
	"slices"
	"strings"
)

// Secrets are what a vendor's firmware knows and only its users can tell, by name. They
// are shown nowhere.
type Secrets map[string]string

// String hides all.
func (s Secrets) String() string { return fmt.Sprintf("%d secrets", len(s)) }

// GoString hides all.
func (s Secrets) GoString() string { return s.String() }

// ReadSecrets reads lines NAME=VALUE; blank lines and those that begin with '#' are
// none. The error shows no value.
func (p *Personality) ReadSecrets(text string) (Secrets, error) {
	secrets := Secrets{}
	number := 0
	for line := range strings.Lines(text) {
		number++
		line = strings.TrimSpace(line)
		if line == "" || line[0] == '#' {
			continue
		}
		name, value, ok := strings.Cut(line, "=")
		name, value = strings.TrimSpace(name), strings.TrimSpace(value)
		switch {
		case !ok || value == "":
			return nil, fmt.Errorf("line %d: want NAME=VALUE", number)
		case len(p.Secrets) == 0:
			return nil, fmt.Errorf("line %d: phones of %s have no secrets of their firmware", number, p.Vendor)
		case !slices.Contains(p.Secrets, name):
			return nil, fmt.Errorf("line %d: the name is unknown, want one of %s", number, strings.Join(p.Secrets, ", "))
		}
		if _, twice := secrets[name]; twice {
			return nil, fmt.Errorf("line %d: %s is given twice", number, name)
		}
		secrets[name] = value
	}
	return secrets, nil
}

// Delivered returns the software version that a product is delivered with.
func (p *Personality) Delivered(product string) string {
	if p.Software == nil {
		return p.Shipped.Software
	}
	return p.Software(product)
}
