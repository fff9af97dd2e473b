package ipoffice

import (
	"bytes"
	"context"
	"encoding/xml"
	"net/http"
	"slices"
	"strings"

	"provsim/conform/check"
	"provsim/device/vendors"
)

// openQuestions are of what anybody can read.
var openQuestions = []question{noPasswords, listsClosed}

var noPasswords = question{
	Check: check.Check{
		ID:          "ip-office/16",
		Title:       "no open file has a password",
		Requirement: "What anybody reads, the files for phones and the list of users by HTTP, has no password of a phone, an account or an administrator.",
		Source:      "IPO-WEB-4, AV-HTTP-3: these files are served without a login; CWE-522",
		Level:       check.Must,
		Tags:        []check.Tag{check.Security},
		Advice:      check.Advices{check.AnyServer: {Text: "take the setting that the finding names out of the file; type passwords at the phone, or serve such files by HTTPS with a client certificate"}},
	},
	ask: func(ctx context.Context, u *unit) check.Finding {
		var shown []string
		read := 0
		for _, name := range append(phoneFiles(), "46xxspecials.txt", userPage[1:]) {
			got, err := u.asPhone(ctx, name)
			switch {
			case err != nil:
				return u.closed(err)
			case got.Status != http.StatusOK:
				continue
			}
			read++
			secrets := secretSettings
			if "/"+name == userPage {
				secrets = secretElements
			}
			if found := secrets(got.Body); len(found) > 0 {
				shown = append(shown, name+" has "+strings.Join(found, ", "))
			}
		}
		if read == 0 {
			return check.Skip("no file is there")
		}
		return faults("no passwords", shown, "%d files", read)
	},
}

// secretWords are parts of the names of what is secret.
var secretWords = []string{"PASSWORD", "PASSWD", "PSWD", "PASSCODE"}

func secretName(name string) bool {
	return slices.ContainsFunc(secretWords, func(w string) bool { return strings.Contains(strings.ToUpper(name), w) })
}

// secretSettings returns the names of settings of phones that are secret and set.
func secretSettings(body []byte) (names []string) {
	by, err := vendors.Lookup(avaya)
	if err != nil {
		return nil
	}
	config, _ := by.Parse(body) // ip-office/10 reports a file that does not parse
	for name, value := range config.All() {
		p, known := by.Parameters.Named(name)
		if value != "" && (secretName(name) || known && p.Type.Hides()) {
			names = append(names, name)
		}
	}
	slices.Sort(names)
	return names
}

// secretElements returns the names of elements that are secret and not empty.
func secretElements(body []byte) (names []string) {
	d := xml.NewDecoder(bytes.NewReader(body))
	inside := ""
	for {
		token, err := d.Token()
		if err != nil { // the end, or what ip-office/9 finds
			return names
		}
		switch t := token.(type) {
		case xml.StartElement:
			inside = t.Name.Local
		case xml.EndElement:
			inside = ""
		case xml.CharData:
			if secretName(inside) && strings.TrimSpace(string(t)) != "" && !slices.Contains(names, inside) {
				names = append(names, inside)
			}
		}
	}
}

var listsClosed = question{
	Check: check.Check{
		ID:          "ip-office/17",
		Title:       "the lists of users are not open to anybody",
		Requirement: "Names and extensions are given without a login, by TFTP and by HTTP: a genuine unit does so unless it is told otherwise.",
		Source:      "IPO-FILE-2, IPO-WEB-2, IPO-IF-1",
		Level:       check.Info,
		Tags:        []check.Tag{check.Security},
		Advice:      check.Advices{check.AnyServer: {Text: "switch tftp and http off in the security settings where no phone and no tool needs them, or let only their networks reach UDP 69 and TCP 80"}},
	},
	ask: func(ctx context.Context, u *unit) check.Finding {
		var open []string
		if !u.mute {
			if users, _ := u.rows(ctx, userList, 0); len(users) > 0 {
				open = append(open, "by TFTP")
			}
		}
		if got, err := u.Get(ctx, u.Server("http"), userPage, "Connection: close"); err == nil && bytes.Contains(got.Body, []byte("<user>")) {
			open = append(open, "by HTTP")
		}
		if u.mute && len(open) == 0 && !u.anyPort(ctx) {
			return check.Skip("nothing answers: see ip-office/1 and ip-office/12")
		}
		return faults("no list without a login", open, "neither by TFTP nor by HTTP")
	},
}
