package devicemanager

import (
	"fmt"
	"regexp"
	"strconv"
	"strings"
	"sync"

	"provsim/internal/role/ippm"
)

// MostText is the most bytes of a text of settings.
const MostText = 64 << 10

// A Line is one setting of a file.
type Line struct{ Name, Value string }

// Settings are lines and the values of placeholders, as a template, a tenant, a
// site or a device has them.
type Settings struct {
	Lines  []Line
	Values map[string]string // by the name between %ITCS_ and %
}

// A Site is a part of a tenant with settings of its own.
type Site struct {
	Name string
	Settings
}

// place is where a text of settings stands, which decides what it may hold.
type place int

const (
	inTemplate place = iota // may hold private placeholders (DM-PH-1)
	inTenant                // may hold sites
	inDevice
)

// lineForms are the forms of lines of settings, and of a placeholder in them.
var lineForms = sync.OnceValue(func() (f struct{ value, mark, site *regexp.Regexp }) {
	f.value = regexp.MustCompile(`^%ITCS_([A-Za-z0-9_]+)%\s*=\s*(.*)$`)
	f.mark = regexp.MustCompile(`%ITCS_([A-Za-z0-9_]+)%`)
	f.site = regexp.MustCompile(`^\[site ([^\]]*)\]$`)
	return f
})

// parseSettings reads a text: lines NAME=VALUE or NAME VALUE, values of
// placeholders %ITCS_Name%=VALUE, comments after ; and, in a tenant, [site NAME]
// before the lines of a site. The error names the line and not its value.
func parseSettings(text string, where place) (s Settings, sites []Site, err error) {
	if len(text) > MostText {
		return s, nil, fmt.Errorf("the text has %d bytes, want at most %d", len(text), MostText)
	}
	into := &s
	for i, line := range strings.Split(text, "\n") {
		wrong := func(why string) (Settings, []Site, error) {
			return Settings{}, nil, fmt.Errorf("line %d: %s", i+1, why)
		}
		line = strings.TrimSpace(clean(line))
		if line == "" || strings.HasPrefix(line, ";") {
			continue
		}
		if m := lineForms().site.FindStringSubmatch(line); m != nil {
			if where != inTenant || !ippm.GoodName(m[1]) {
				return wrong("want [site NAME] in a tenant only, and NAME of letters, digits, '_', '.' and '-'")
			}
			sites = append(sites, Site{Name: m[1]})
			into = &sites[len(sites)-1].Settings
			continue
		}
		if m := lineForms().value.FindStringSubmatch(line); m != nil {
			if where != inTemplate && strings.HasPrefix(m[1], "P_") {
				return wrong("a placeholder that begins with P_ is private to a template")
			}
			if into.Values == nil {
				into.Values = map[string]string{}
			}
			into.Values[m[1]] = m[2]
			continue
		}
		at := strings.IndexAny(line, "= \t")
		if at <= 0 {
			return wrong("want NAME=VALUE, NAME VALUE, or %ITCS_Name%=VALUE")
		}
		value := strings.TrimSpace(line[at:])
		into.Lines = append(into.Lines, Line{line[:at], strings.TrimSpace(strings.TrimPrefix(value, "="))})
	}
	return s, sites, nil
}

// clean returns a text as a part of one line: control characters are left out.
func clean(text string) string {
	return strings.Map(func(r rune) rune {
		if r == '\t' || r >= ' ' && r != 0x7f && r != 0x85 && r != 0x2028 && r != 0x2029 {
			return r
		}
		return -1
	}, text)
}

// format returns the line as a file has it.
func (l Line) format() string {
	if l.Name == "include" { // AC-CFG-2: the one line without "="
		return "include " + l.Value
	}
	return l.Name + "=" + l.Value
}

// expand replaces the placeholders of a text by the first of the levels that has
// a value; values are not looked at again (DM-PH-2). What has no value stays.
func expand(text string, levels []map[string]string) (expanded string, unresolved []string) {
	expanded = lineForms().mark.ReplaceAllStringFunc(text, func(mark string) string {
		name := mark[len("%ITCS_") : len(mark)-1]
		for _, values := range levels {
			if value, ok := values[name]; ok {
				return value
			}
		}
		unresolved = append(unresolved, mark)
		return mark
	})
	return expanded, unresolved
}

// layers are the settings of one phone's file, from the strongest level to the weakest.
type layers struct {
	device, site, tenant, template Settings
	builtin                        map[string]string
}

func (l layers) values() []map[string]string {
	return []map[string]string{l.device.Values, l.site.Values, l.tenant.Values, l.template.Values, l.builtin}
}

// find returns the value that a setting has in the file: the last line wins
// (AC-CFG-2).
func (l layers) find(name string) (value string, ok bool) {
	for _, s := range []Settings{l.template, l.tenant, l.site, l.device} {
		for _, line := range s.Lines {
			if line.Name == name {
				value, ok = line.Value, true
			}
		}
	}
	value, _ = expand(value, l.values())
	return value, ok
}

// period returns the minutes between two keep-alives of a phone with these
// settings; 0: it sends changes only (AC-KA-3).
func (l layers) period() int {
	const usual = 60
	text, ok := l.find("ems_server/keep_alive_period")
	if n, err := strconv.Atoi(text); ok && err == nil && n >= 0 && n <= 300 {
		return n
	}
	return usual
}
