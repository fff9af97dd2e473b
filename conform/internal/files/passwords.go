package files

import (
	"context"
	"slices"
	"strings"

	"provsim/conform/check"
)

var passwordIsNotAccount = check.Check{
	ID:          "files/27",
	Title:       "passwords are not the account",
	Requirement: "The password of a line is not its account, its number or its name.",
	Source:      "CWE-521; provisioning guide, section 5, whose example has account and password 23103",
	Level:       check.Must,
	Tags:        []check.Tag{check.Security},
	Needs:       []check.Need{check.AFile},
	Advice:      check.Advices{check.AnyServer: {Text: "make a password for each account with openssl rand -base64 18"}},
	Run: ownFormat(eachFile("passwords that do not follow from the account", eachLine(func(_ *file, l line) string {
		if isName(l) {
			return "has a password that its account or number gives away"
		}
		return ""
	}))),
}

func isName(l line) bool {
	same := func(name string) bool { return name != "" && strings.EqualFold(name, l.password) }
	return l.password != "" && (same(l.account) || slices.ContainsFunc(l.names, same))
}

// leastPassword is what a password has at least, in characters (NIST SP 800-63B
// section 5.1.1.1).
const leastPassword = 8

var passwordHard = check.Check{
	ID:          "files/28",
	Title:       "passwords are hard to guess",
	Requirement: "The password of a line has eight characters or more and is neither one of the most usual ones nor the phone's address.",
	Source:      "CWE-521; NIST SP 800-63B section 5.1.1.1",
	Level:       check.Should,
	Tags:        []check.Tag{check.Security},
	Needs:       []check.Need{check.AFile},
	Advice:      check.Advices{check.AnyServer: {Text: "make a password for each account with openssl rand -base64 18"}},
	Run: ownFormat(eachFile("passwords of eight characters or more, none of the usual ones", eachLine(func(f *file, l line) string {
		switch {
		case l.password == "" || isName(l):
			return "" // files/31 and files/27
		case len(l.password) < leastPassword:
			return "has a short password"
		case slices.Contains(usual, strings.ToLower(l.password)):
			return "has one of the most usual passwords"
		case strings.Contains(hexOnly(l.password), f.phone.MAC.String()):
			return "has the phone's address for a password"
		case strings.Count(l.password, l.password[:1]) == len(l.password):
			return "has a password of one character"
		}
		return ""
	}))),
}

// hexOnly returns the text in lower case and without what people put between
// the digits of an address.
func hexOnly(text string) string {
	return strings.NewReplacer(":", "", "-", "", ".", "").Replace(strings.ToLower(text))
}

var passwordOwn = check.Check{
	ID:          "files/29",
	Title:       "no two phones share a password",
	Requirement: "Each account has its own password: an attacker with one phone's password must not have them all.",
	Source:      "CWE-1392, use of default credentials",
	Level:       check.Should,
	Tags:        []check.Tag{check.Security},
	Needs:       []check.Need{check.AFile, check.SecondPhone},
	Advice:      check.Advices{check.AnyServer: {Text: "make a password for each account with openssl rand -base64 18"}},
	Run: ownFormat(allFiles("passwords of their own", func(_ context.Context, _ *check.Probe, files []*file) ([]string, error) {
		return shared(files, func(a, b line) string {
			if a.password != "" && a.password == b.password && !sameAccount(a, b) {
				return "one password in common"
			}
			return ""
		}), nil
	})),
}
