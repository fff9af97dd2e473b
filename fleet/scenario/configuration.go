package scenario

import (
	"maps"
	"slices"
	"strconv"
	"strings"
)

// Configuration is the file that the modelled server has for each device at the
// begin of the run.
type Configuration struct {
	Version string `yaml:"version"` // DBID_DBASE_VERSION; empty is "1"
	// Settings by web name or file name, the same in all files.
	Settings map[string]string `yaml:"settings"`
	// PerDevice are further lines of the file, by file name; their values have
	// macros, such as DBID_SIP_ACCOUNT: $MA. They make each file a file of its own,
	// which takes the plan more time.
	PerDevice map[string]string `yaml:"per-device"`
	// Key encrypts the files; it has macros. Empty is the [--key] of the population's
	// profile-rule. It is a secret.
	Key string `yaml:"key"`
	// Plain leaves the files unencrypted, even if the rule has a key.
	Plain bool `yaml:"plain"`
	// Size in bytes that files are filled up to with comments, up to 1 MiB.
	Size int `yaml:"size"`
	// Missing is the part of the devices that the server has no file for.
	Missing Fraction `yaml:"missing"`
}

// maxConfigSize is the largest configuration that devices take (FV-NET-1).
const maxConfigSize = 1 << 20

func (f *Configuration) check(c *checker, p *Population) {
	checkLine(c, "version", f.Version)
	checkSettings(c.in("settings."), p, f.Settings)
	for _, name := range slices.Sorted(maps.Keys(f.PerDevice)) {
		if !strings.HasPrefix(name, p.prefix()) || !isName(name) {
			c.fault("per-device."+name, "want a file name%s", p.example())
		}
		checkLine(c, "per-device."+name, f.PerDevice[name])
	}
	if f.Plain && f.Key != "" {
		c.fault("plain", "found a key too, want one of them")
	}
	c.within("size", f.Size, 0, maxConfigSize)
	c.fraction("missing", f.Missing)
}

// checkLine refuses a text that would not stay on its line of a file.
func checkLine(c *checker, field, text string) {
	if strings.ContainsAny(text, "\r\n") || strings.TrimSpace(text) != text {
		c.fault(field, "found %.40q, want a text on one line without blanks around it", text)
	}
}

// NextVersion returns a version plus a number, and false for a version that is
// not a number.
func NextVersion(version string, plus int) (string, bool) {
	n, err := strconv.ParseUint(version, 10, 63)
	if err != nil || n > maxVersion {
		return "", false
	}
	return strconv.FormatUint(n+uint64(plus), 10), true
}

// prefix is how the names of settings begin in the files of all devices; "" where they
// differ.
func (p *Population) prefix() string {
	if all := p.Vendors(); len(all) == 1 && all[0].Tree != nil {
		return all[0].Tree.Prefix
	}
	return ""
}

// example is a setting of a phone's own as files name it.
func (p *Population) example() string {
	for _, vendor := range p.Vendors() {
		if vendor.Tree != nil && len(vendor.Tree.Sample) > 0 {
			return ", such as " + vendor.Tree.Sample[0].Name
		}
	}
	return ""
}

// isName reports whether a text may be the name of a setting in the files of any
// vendor.
func isName(text string) bool {
	return text != "" && strings.Trim(strings.ToLower(text), "abcdefghijklmnopqrstuvwxyz0123456789_-.") == ""
}
