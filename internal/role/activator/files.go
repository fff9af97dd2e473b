package activator

import (
	"bytes"
	"encoding/xml"
	"fmt"
	"net/url"
	"slices"
	"strings"

	"provsim/device"
)

// Event holds the fields of a gateway's event that the Activator reads (SMG-EVT-6,
// ACT-EVT-1).
type Event struct {
	Serial, Class, Subclass string
	MAC, Number             string
}

// ReadEvent reads the form of an event.
func ReadEvent(form url.Values) Event {
	return Event{
		Serial: form.Get("sn"), Class: form.Get("class"), Subclass: form.Get("subclass"),
		MAC: form.Get("mac"), Number: form.Get("rand"),
	}
}

// check returns the phone's address, or what is wrong with an event.
func (e Event) check() (mac device.MAC, reason string) {
	mac, err := device.ParseMAC(e.MAC)
	switch {
	case e.Class != "DHCP":
		return mac, "class: want DHCP"
	case e.Subclass != "67":
		return mac, "subclass: want 67"
	case err != nil || len(e.MAC) != 12:
		return mac, "mac: want 12 hex digits"
	case !isNumber(e.Number):
		return mac, fmt.Sprintf("rand: want 1 to %d digits", numberDigits)
	}
	return mac, ""
}

func isNumber(text string) bool {
	return text != "" && len(text) <= numberDigits && strings.Trim(text, "0123456789") == ""
}

// Account is what the account server says about a phone.
type Account struct{ User, Password, Server, Reseller string }

// ReadAccount reads the account server's answer. It reports false where
// something is missing, or the reseller is not fit for a folder's name
// (ACT-TW-1).
func ReadAccount(body []byte) (*Account, bool) {
	form, err := url.ParseQuery(string(bytes.TrimSpace(body)))
	if err != nil {
		return nil, false
	}
	a := &Account{User: form.Get("user"), Password: form.Get("password"), Server: form.Get("server"), Reseller: form.Get("reseller")}
	good := a.User != "" && a.Password != "" && len(a.Reseller) >= 1 && len(a.Reseller) <= 64 &&
		!strings.ContainsFunc(a.Reseller, func(r rune) bool {
			return !(r >= 'A' && r <= 'Z' || r >= 'a' && r <= 'z' || r >= '0' && r <= '9' || r == ' ' || r == '_' || r == '-')
		})
	return a, good
}

// The names of a tree (ACT-PUB-1).
const (
	lineFile = "phone1.cfg"
	sipFile  = "sip.cfg"
	bootFile = "bootrom.ld"
	appFile  = "sip.ld"
)

// Templates are the files that are equal for all phones, by name: phone1.cfg,
// sip.cfg, bootrom.ld and sip.ld.
type Templates map[string][]byte

// TemplateNames are the files that [Templates] has.
var TemplateNames = []string{lineFile, sipFile, bootFile, appFile}

// Sample returns templates for a first try. The images are stand-ins of 64
// bytes.
func Sample() Templates {
	return Templates{
		lineFile: []byte(declaration + `<phone1 reg.1.label="unset" reg.1.server.1.expires="3600"/>` + "\n"),
		sipFile:  []byte(declaration + `<sip voIpProt.SIP.local.port="5060" prov.polling.enabled="0"/>` + "\n"),
		bootFile: bytes.Repeat([]byte("B"), 64),
		appFile:  bytes.Repeat([]byte("S"), 64),
	}
}

const declaration = `<?xml version="1.0" standalone="yes"?>` + "\n"

// own returns the files of a phone's account: the master file and the phone's
// line, and the two templates beside them (ACT-PUB-2).
func own(mac device.MAC, a *Account, t Templates) map[string][]byte {
	master := fmt.Sprintf(declaration+`<APPLICATION APP_FILE_PATH="sip.ld" CONFIG_FILES="phone-%v.cfg, phone1.cfg, sip.cfg" MISC_FILES="" LOG_FILE_DIRECTORY="" OVERRIDES_DIRECTORY="" CONTACTS_DIRECTORY=""/>`+"\n", mac)
	var line bytes.Buffer
	line.WriteString(declaration + "<phone")
	for _, attribute := range [][2]string{
		{"address", a.User}, {"displayName", a.User}, {"label", a.User}, {"auth.userId", a.User},
		{"auth.password", a.Password}, {"server.1.address", a.Server},
	} {
		line.WriteString(" reg.1." + attribute[0] + `="`)
		xml.EscapeText(&line, []byte(attribute[1])) // a Buffer never fails
		line.WriteByte('"')
	}
	line.WriteString("/>\n")
	return map[string][]byte{
		mac.String() + ".cfg": []byte(master), "phone-" + mac.String() + ".cfg": line.Bytes(),
		lineFile: t[lineFile], sipFile: t[sipFile],
	}
}

// file returns the name under which a tree has what was asked for. The case of
// letters does not matter, because the genuine server's disk does not tell it
// (ACT-GET-1).
func (t *Tree) file(name string) (string, bool) {
	name = strings.ToLower(name)
	mac := t.MAC.String()
	names := append([]string{mac + ".cfg", "phone-" + mac + ".cfg"}, TemplateNames...)
	return name, slices.Contains(names, name) || slices.Contains(t.Uploads, name)
}

// upload returns the name under which a phone may put a file (ACT-PUT-1).
func (t *Tree) upload(name string) (string, bool) {
	name = strings.ToLower(name)
	rest, ok := strings.CutPrefix(name, t.MAC.String())
	return name, ok && slices.Contains([]string{"-boot.log", "-app.log", "-phone.cfg", "-web.cfg", "-directory.xml"}, rest)
}
