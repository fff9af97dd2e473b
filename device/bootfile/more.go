package bootfile

import (
	"path"
	"slices"
	"strings"
	"unicode/utf8"

	"provsim/device"
	"provsim/device/steps"
	"provsim/profile"
	"provsim/profile/lines"
)

// RebootsFor returns a function that reports whether a setting is one of a list.
func RebootsFor(list []profile.Parameter) func(name string) bool {
	return func(name string) bool {
		return slices.ContainsFunc(list, func(p profile.Parameter) bool { return p.Name == name })
	}
}

// Notify reads the event of a NOTIFY, a [device.Personality].Notify: [NotifyReboots]
// decides (YL-TRG-4).
func Notify(config profile.Config, event string) (device.InputKind, bool) {
	value, _ := config.Get(NotifyReboots)
	usual := device.AskReboot
	if value == "0" {
		usual = device.AskResync
	}
	kind, known := steps.CheckSync(usual, "check-sync")(config, event)
	if value == "2" {
		kind = device.Tick
	}
	return kind, known
}

// Lint says what is wrong with a configuration or a boot file that a person has
// written (YL-FMT-1, YL-FMT-2).
func Lint(file string, body []byte, known profile.Table) []profile.Finding {
	l := &steps.Linter{File: file, Known: known, Rule: "YL-FMT-1"}
	text := strings.TrimPrefix(string(body), "\ufeff")
	row, _ := lines.Cut(text)
	if strings.TrimRight(row, " \t") != First {
		l.Add(1, 1, profile.Error, "YL-FMT-1", "the first line is not "+First, "the phone takes nothing of the file")
	}
	for number := 1; text != ""; number++ {
		row, text = lines.Cut(text)
		trimmed := strings.TrimSpace(row)
		if strings.HasPrefix(trimmed, "include:config") || strings.HasPrefix(trimmed, "[") {
			continue
		}
		parsed := Grammar.Line(row)
		column := func(offset int) int { return utf8.RuneCountInString(row[:offset]) + 1 }
		switch parsed.Kind {
		case lines.Bad:
			l.Add(number, column(parsed.BadAt), profile.Error, "YL-FMT-1", parsed.Why, "the phone leaves the line out")
		case lines.Setting:
			if parsed.Value == empties {
				parsed.Value = ""
			}
			l.Setting(number, column(parsed.NameAt), parsed.Name, parsed.Value)
		}
	}
	return l.Findings()
}

// action asks for an action URL, where one is set (YL-OUT-2). It reports false while there
// is no answer yet. Nothing follows from the answer.
func action(r *steps.Run, name string) bool {
	text := r.Text(name)
	if text == "" {
		return true
	}
	id := r.Device.Identity()
	text = strings.NewReplacer("$mac", id.MAC.String(), "$ip", r.Device.Lease().Addr.String(), "$model", id.Product, "$firmware", r.Device.Software()).Replace(text)
	base, err := steps.ParseBase(text, "http")
	if err != nil {
		return true
	}
	_, ok := r.Fetch(steps.Ask{Slot: name, Class: device.StatusClass, Target: base.Whole(), May: true, Note: "nothing follows from an action URL"})
	return ok
}

// beside asks for the file with the key of a file (YL-PLAN-5). It reports false while there
// is no answer yet.
func (g *getter) beside(where place, slot string) bool {
	if _, known := g.r.Known(); known {
		return true
	}
	a := g.ask(func() (profile.Target, string) {
		t, _ := where()
		t.Path = strings.TrimSuffix(t.Path, path.Ext(t.Path)) + "_Security.enc"
		return t, ""
	}, slot+" key", nil, true)
	a.Class, a.Note = device.AuxClass, "the key is the one of the settings"
	_, ok := g.r.Fetch(a)
	return ok
}
