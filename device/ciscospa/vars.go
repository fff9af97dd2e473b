package ciscospa

import (
	"cmp"
	"net/url"
	"strconv"
	"strings"

	"provsim/device"
	"provsim/macro"
	"provsim/profile"
	"provsim/resync"
)

// vars are the macro variables of one device (SPA-MAC-1).
type vars struct {
	device.Vars
	config profile.Config // of which GPP_A to GPP_P count
	cause  resync.Cause   // of the resync
	url    string         // of the latest transfer
	note   string         // what went wrong, or the new version
	keys   bool           // GPP_SA to GPP_SD count too: inside --key (SPA-RULE-2)
	client bool           // a client certificate is installed
}

// newVars returns the variables of a device with some settings.
func newVars(d *device.Device, config profile.Config) *vars {
	certificates := d.Stored().Certificates
	return &vars{
		Vars: device.Vars{Identity: d.Identity(), Lease: d.Lease()}, config: config, cause: d.Cause(), url: d.URL(),
		client: certificates != nil && len(certificates.Cert) > 0,
	}
}

// expand replaces the macros of a text.
func (v *vars) expand(text string) string { return macro.Expand(text, v, macro.Sipura) }

// Lookup returns the value of a variable.
func (v *vars) Lookup(name string) (string, bool) {
	if value, ok := v.Vars.Lookup(name); ok {
		return value, true
	}
	switch name {
	case "PSN":
		return psn(v.Identity.Product), true
	case "EXTIP": // the phone is behind no NAT
		return v.Vars.Lookup("IP")
	case "CCERT":
		if v.client {
			return "Installed", true
		}
		return "Not Installed", true
	case "PRVST": // why the resync is made; -1: somebody has asked for it
		return cmp.Or(map[resync.Cause]string{resync.AtBoot: "0", resync.Periodic: "1", resync.Retry: "2"}[v.cause], "-1"), true
	case "ERR":
		return v.note, true
	case "SCHEME", "METH", "SERV", "SERVIP", "PORT", "PATH":
		return v.part(name), true
	// The emulator does not follow these: the state of upgrades, the seconds since the
	// latest attempts, and since a registration was lost (0: registered).
	case "UPGST", "UPGCOND", "UPGERR", "UID1", "UID2":
		return "", true
	case "PRVTMR", "UPGTMR", "REGTMR1", "REGTMR2", "ISCUST":
		return "0", true
	}
	// General purpose parameters: A to P, and SA to SD.
	if open, secret := letter(name, 'P'), name != "" && name[0] == 'S' && letter(name[1:], 'D'); !open && !(secret && v.keys) {
		return "", false
	}
	value, _ := v.config.Get("GPP_" + name)
	return value, true
}

// letter reports whether a text is one letter from A to another one.
func letter(text string, last byte) bool {
	return len(text) == 1 && 'A' <= text[0] && text[0] <= last
}

// part returns a part of the latest URL by the name of its variable.
func (v *vars) part(name string) string {
	u, err := url.Parse(v.url)
	if err != nil || v.url == "" {
		return ""
	}
	switch name {
	case "SCHEME", "METH":
		return u.Scheme
	case "SERV", "SERVIP":
		return u.Hostname()
	case "PORT":
		return cmp.Or(u.Port(), strconv.Itoa(int(profile.DefaultPort(u.Scheme))))
	}
	return strings.TrimPrefix(v.url, u.Scheme+"://"+u.Host)
}
