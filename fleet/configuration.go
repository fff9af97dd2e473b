package fleet

import (
	"strconv"
	"strings"

	"provsim/device"
	"provsim/device/flyingvoice"
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
	// Key that files are sealed with, with macros. Empty is the [--key] of the
	// population's profile-rule. It is a secret.
	Key string `yaml:"key"`
	// Plain leaves files unsealed whatever the rule says.
	Plain bool `yaml:"plain"`
	// Size in bytes that files are filled up to with comments, up to 1 MiB.
	Size int `yaml:"size"`
	// Missing is the part of the devices that the server has no file for.
	Missing Fraction `yaml:"missing"`
}

// maxConfigSize is the largest configuration that devices take (FV-NET-1).
const maxConfigSize = 1 << 20

func (f *Configuration) check(c *checker) {
	checkLine(c, "version", f.Version)
	checkSettings(c.in("settings."), nil, f.Settings)
	for _, name := range sorted(f.PerDevice) {
		if !strings.HasPrefix(name, "DBID_") {
			c.fault("per-device."+name, "want a file name, such as DBID_SIP_ACCOUNT")
		}
		checkLine(c, "per-device."+name, f.PerDevice[name])
	}
	if f.Plain && f.Key != "" {
		c.fault("plain", "found a key too, want one of them")
	}
	c.within("size", f.Size, 0, maxConfigSize)
	c.fraction("missing", f.Missing)
}

// checkLine sees to it that a text stays on its line of a file.
func checkLine(c *checker, field, text string) {
	if strings.ContainsAny(text, "\r\n") || strings.TrimSpace(text) != text {
		c.fault(field, "found %.40q, want a text on one line without blanks around it", text)
	}
}

// nextVersion returns the version that is so many further, and false for one
// that does not count.
func nextVersion(version string, further int) (string, bool) {
	n, err := strconv.ParseUint(version, 10, 63)
	if err != nil || n > maxVersion {
		return "", false
	}
	return strconv.FormatUint(n+uint64(further), 10), true
}

// quirks returns the population's quirks; Validate has said what is wrong with
// them.
func (s *Scenario) quirks() device.Quirks {
	q, err := flyingvoice.Personality.ParseQuirks(s.Population.Quirks)
	if err != nil {
		return nil
	}
	return q
}
