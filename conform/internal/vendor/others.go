package vendor

import (
	"fmt"
	"strings"

	"provsim/conform/check"
	"provsim/resync"
)

var grandstream = []check.Check{schemeInPath, otherPhone, like(derivation, "grandstream/3", "GS-ENC-1, GS-ENC-2; provisioning guide of 2012, page 8")}

var snom = []check.Check{page}

var fanvil = []check.Check{like(page, "fanvil/1", "FA-FMT-2")}

var ciscoSPA = []check.Check{like(derivation, "cisco-spa/1", "SPA-ENC-1")}

var schemeInPath = check.Check{
	ID:          "grandstream/1",
	Title:       "a server path has no scheme",
	Requirement: "P237 and P192 hold a host and a folder without http://: the protocol has settings of its own, P212 and P6767, and phones look for a host by the name of the scheme.",
	Source:      "GS-SRC-1, GS-SRC-2",
	Level:       check.Must,
	Needs:       []check.Need{check.AFile},
	Advice:      check.Advices{check.AnyServer: {Text: "write P212=1 for http or P212=2 for https, and P237=host/folder"}},
	Run: onTransfers("a path without a scheme", func(t *check.Transfer) string {
		if !t.Found() {
			return ""
		}
		settings, err := t.Request.By.Parse(t.Reply.Body)
		if err != nil {
			return ""
		}
		for _, name := range []string{"P237", "P192"} {
			value, _ := settings.Get(name)
			if scheme, _, has := strings.Cut(value, "://"); has {
				return fmt.Sprintf("%s begins with %.10q", name, scheme+"://")
			}
		}
		return ""
	}),
}

var otherPhone = check.Check{
	ID:          "grandstream/2",
	Title:       "a file is for the phone that asks for it",
	Requirement: "The address in a file, the element mac or bytes 6 to 11 of the binary form, is that of the phone: phones refuse the file of another one.",
	Source:      "GS-FMT-2, GS-FMT-3",
	Level:       check.Must,
	Needs:       []check.Need{check.AFile},
	Advice:      check.Advices{check.AnyServer: {Text: "leave the element mac out of files that several phones get, and write the phone's own into the others"}},
	Run: onTransfers("files for the phone", func(t *check.Transfer) string {
		if t.Fault == resync.Corrupt && strings.Contains(t.Note, "the file is for ") {
			return t.Note
		}
		return ""
	}),
}

var derivation = check.Check{
	Title:       "an encrypted file opens with the phone's key",
	Requirement: "Files are encrypted as openssl enc did before version 1.1: the key is derived by MD5, and the file begins with Salted__.",
	Level:       check.Must,
	Needs:       []check.Need{check.AFile},
	Advice: check.Advices{check.AnyServer: {
		Text: "encrypt with openssl enc -e -aes-256-cbc -md md5: since version 1.1 openssl takes SHA-256 if nothing is said, and version 3 writes no Salted__ where -S is given",
	}},
	Run: onFault("files that open", resync.BadKey),
}

var page = check.Check{
	ID:          "snom/1",
	Title:       "what answers for a configuration is one",
	Requirement: "A file that the server does not have is answered with 404: a page in its place counts as a file, and some firmware takes it as one that changes nothing.",
	Source:      "SN-FMT-4",
	Level:       check.Must,
	Needs:       []check.Need{check.AFile},
	Advice: check.Advices{
		check.AnyServer: {Text: "answer names that you do not serve with 404 and no page of an application"},
		check.Nginx:     {In: "server", Config: `location ~ \.(htm|xml|cfg)$ { try_files $uri =404; }`},
		check.Apache:    {In: "Directory", Config: "FallbackResource disabled"},
	},
	Run: onFault("a configuration, or none", resync.Corrupt),
}
