package phone

import (
	"fmt"
	"strings"

	"provsim/profile"
	"provsim/profile/rule"
)

// field is one setting of the Provision page.
type field struct {
	Name    string `json:"name"`  // on the page
	File    string `json:"file"`  // in configuration files
	Value   string `json:"value"` // as stored, without secrets
	InForce string `json:"in_force"`
	Default string `json:"default"`
	Unit    string `json:"unit,omitempty"`
	Type    string `json:"type"`
	Help    string `json:"help"`
	Fault   string `json:"fault,omitempty"`   // why the value is not stored
	Warning string `json:"warning,omitempty"` // what the value will cause
	Waits   bool   `json:"waits"`             // what is stored will be in force after a reboot
}

// Switch reports whether the setting is on or off.
func (f field) Switch() bool { return f.Type == profile.Switch.String() }

// Rule reports whether the setting is a rule or a file's name.
func (f field) Rule() bool {
	return f.Type == rule.Profile.String() || f.Type == rule.Upgrade.String() || f.Type == profile.FileName.String()
}

// Word returns a value as the page writes it.
func (f field) Word(value string) string {
	switch {
	case f.Switch() && value == "1":
		return "Enable"
	case f.Switch():
		return "Disable"
	case value == "":
		return "empty"
	case f.Unit != "":
		return value + " " + f.Unit
	}
	return value
}

// fields returns the settings of the Provision page in its order (FV-SET-1), with
// the values of typed where it has them.
func (s *snapshot) fields(typed map[string]string) []field {
	var list []field
	for p := range s.model.Parameters.All() {
		if p.Web == "" {
			continue
		}
		f := field{
			Name: p.Web, File: p.Name, Unit: p.Unit, Type: p.Type.String(), Default: p.Default,
			Help:    strings.ToUpper(p.Meaning[:1]) + p.Meaning[1:] + ".",
			Value:   shown(s.model.Parameters, p.Name, value(s.stored.Config, p)),
			InForce: shown(s.model.Parameters, p.Name, value(s.inForce, p)),
		}
		text := value(s.stored.Config, p)
		f.Waits = text != value(s.inForce, p)
		if t, ok := typed[p.Name]; ok {
			text, f.Value = s.meant(p, t), t
		}
		f.Fault, f.Warning = s.judge(p, text)
		list = append(list, f)
	}
	return list
}

// meant returns the value that a typed text means: stars mean the stored secret.
func (s *snapshot) meant(p profile.Parameter, typed string) string {
	typed, stored := strings.TrimSpace(typed), value(s.stored.Config, p)
	switch {
	case isRule(p):
		return unredacted(typed, stored)
	case typed == shown(s.model.Parameters, p.Name, stored):
		return stored
	}
	return typed
}

// judge says what is wrong with a value. A value with a fault is not stored. A phone
// stores every rule, and a wrong one fails later, so a rule has warnings only.
func (s *snapshot) judge(p profile.Parameter, text string) (fault, warning string) {
	if strings.ContainsAny(text, "\r\n") {
		return "Found several lines, want one.", ""
	}
	if err := s.model.Personality.Check(s.model.Quirks, p, text); err != nil {
		return sentence(err.Error()), ""
	}
	if !isRule(p) {
		return "", ""
	}
	if err := p.Check(text); err != nil {
		return "", sentence(err.Error()) + " The phone stores it all the same, and fails with bad-rule."
	}
	return "", ""
}

func sentence(text string) string { return strings.ToUpper(text[:1]) + text[1:] + "." }

// change returns the typed settings that differ from the stored ones, and the
// faults of the others by their names in files. It refuses names that the page
// does not have.
func (s *snapshot) change(typed map[string]string) (change profile.Config, faults map[string]string) {
	faults = map[string]string{}
	for name, text := range typed {
		p, ok := s.model.Parameters.Find(name)
		if !ok || p.Web == "" {
			faults[name] = "There is no such setting on the Provision page."
			continue
		}
		text = s.meant(p, text)
		if fault, _ := s.judge(p, text); fault != "" {
			faults[p.Name] = fault
			continue
		}
		if text == value(s.stored.Config, p) {
			continue
		}
		next, err := change.With(p.Name, text)
		if err != nil {
			faults[p.Name] = sentence(err.Error())
			continue
		}
		change = next
	}
	return change, faults
}

// parameter is a stored setting, which may be missing on the Provision page.
type parameter struct {
	Name  string `json:"name"`
	Value string `json:"value"` // without secrets
	Known bool   `json:"known"`
}

// parameters returns all stored settings in their order.
func (s *snapshot) parameters() []parameter {
	list := []parameter{}
	for name, value := range s.stored.Config.All() {
		_, known := s.model.Parameters.Named(name)
		list = append(list, parameter{name, shown(s.model.Parameters, name, value), known})
	}
	return list
}

// saved describes what has been stored.
func saved(n int) string {
	switch n {
	case 0:
		return "Nothing has changed."
	case 1:
		return "1 setting is stored. It takes effect when the phone reboots."
	}
	return fmt.Sprintf("%d settings are stored. They take effect when the phone reboots.", n)
}
