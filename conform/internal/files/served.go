package files

import (
	"context"
	"errors"
	"strings"

	"provsim/conform/check"
	"provsim/device"
)

var everyPhoneServed = check.Check{
	ID:          "files/1",
	Title:       "every phone gets a file",
	Requirement: "The rule of each phone leads to a file that the phone can fetch, open and read.",
	Source:      "FV-CFG-2, FV-ENC-4, FV-OUT-1",
	Level:       check.Must,
	Needs:       []check.Need{check.AFile},
	Advice: check.Advices{
		check.AnyServer: {Text: "provsim expand with the phone's --mac prints the name that the phone asks for; upper and lower case count"},
	},
	Run: func(ctx context.Context, p *check.Probe) check.Finding {
		var bad []string
		note := ""
		for _, f := range provisioned(ctx, p) {
			word := f.Ending.Outcome.String()
			switch {
			case errors.Is(f.err, context.DeadlineExceeded):
				word = "no whole file in the time of a check"
			case f.err != nil:
				return check.Errorf("phone %s: %w", f, f.err)
			case f.Ending.Outcome.Success():
				continue
			}
			bad = append(bad, f.String()+": "+word)
			note = f.Ending.Note
		}
		if len(bad) > 0 {
			return check.Fail("a configuration for each phone", "%s", list(bad)).With("%s", note)
		}
		return check.Pass("%d phones have their file", len(p.Target.Phones))
	},
}

var oneCase = check.Check{
	ID:          "files/2",
	Title:       "no other file has the same name in the other case",
	Requirement: "A file's name has the MAC address in the case that the rule expands to, and the other case names no other file.",
	Source:      "FV-MAC-1; file systems tell upper from lower case, those of Windows do not",
	Level:       check.Should,
	Needs:       []check.Need{check.AFile},
	Advice: check.Advices{
		check.AnyServer: {Text: "$MAU expands to upper case, $MA to lower: rename the files or change the rule, and delete the copies"},
		check.TFTPDHPA:  {Text: `--map-file FILE with the line 'rg [A-F] \L\0' leads requests in upper case to names in lower case`},
	},
	Run: func(ctx context.Context, p *check.Probe) check.Finding {
		var bad []string
		for _, f := range provisioned(ctx, p) {
			if f.err != nil {
				return check.Errorf("phone %s: %w", f, f.err)
			}
			fault, err := hidden(ctx, p, f)
			if err != nil {
				return check.Errorf("phone %s: %w", f, err)
			}
			if fault != "" {
				bad = append(bad, fault)
			}
		}
		if len(bad) > 0 {
			return check.Fail("one file for each address, in the case that the phone asks for", "%s", list(bad))
		}
		return check.Pass("the other case of the address leads to nothing else")
	},
}

// hidden says what is there under the other case of a phone's address.
func hidden(ctx context.Context, p *check.Probe, f *file) (fault string, err error) {
	path := otherCase(f.Request.Path, f.phone.MAC)
	if path == f.Request.Path {
		return "", nil
	}
	other, err := provisionBy(ctx, p, f.phone, func(t *check.Target) { t.ProfileRule = ruleFor(t, f.Request, path) })
	switch {
	case err != nil || other.Config.Len() == 0:
		return "", err
	case !f.readable():
		return "the server has " + path + ", the phone asks for " + f.Request.Path, nil
	// A server that takes both cases for one has one file, which is fine.
	case len(differing(f.Config, other.Config)) > 0:
		return f.Request.Path + " and " + path + " are two files", nil
	}
	return "", nil
}

// otherCase returns a path with the phone's address in the other case.
func otherCase(path string, mac device.MAC) string {
	colons := strings.ToLower(mac.Colons())
	return strings.NewReplacer(
		mac.String(), mac.Upper(), mac.Upper(), mac.String(),
		colons, strings.ToUpper(colons), strings.ToUpper(colons), colons,
	).Replace(path)
}
