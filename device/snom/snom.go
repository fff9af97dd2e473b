// Package snom is the firmware of Snom desk phones and DECT bases. [Personality] is
// the whole of it; package steps runs it.
//
// TR-069 is not emulated: that source gives nothing. SIP PnP is asked where the model
// names a server for it. The vendor's redirection service is asked only where the
// user names one in its place (SN-SRC-2).
package snom

import (
	"fmt"
	"strings"

	"provsim/device"
	"provsim/device/steps"
	"provsim/macro"
	"provsim/profile"
)

var shipped = device.Identity{Product: "D785", Hardware: "1", Software: "10.1.169.16"}

// Personality is the Snom firmware.
var Personality = device.Personality{
	Name:   "snom",
	Vendor: "Snom",
	Sources: []string{
		"service.snom.com, the pages named after the settings, and the old wiki",
		"mass deployment FAQ of 2004, training slides of 2011",
		"templates of wazo-provd, FusionPBX, Tancredi and GS3",
	},
	Shipped: shipped,
	Products: []device.Generation{
		{Name: "firmware 10", Products: []string{"D785"}},
		{Name: "firmware 8 and before", Products: []string{"320", "360", "370", "710"}},
		{Name: "DECT bases", Products: []string{"M3", "M900"}},
	},
	OUIs:       []device.OUI{{0x00, 0x04, 0x13}, {0x1c, 0x71, 0x26}},
	Serial:     func(mac device.MAC) string { return mac.Upper() },
	Parameters: profile.NewTable(parameters),
	Quirks:     quirks,
	Check:      func(_ device.Quirks, p profile.Parameter, value string) error { return p.Check(value) },
	Parse: func(body []byte) (profile.Config, error) {
		file := read(body, false)
		if file.Fault.Note != "" {
			return profile.Config{}, profile.Corrupt(file.Fault.Note)
		}
		return file.Config, nil
	},
	Lint:    lint,
	Looks:   device.Looks{Other: `(?m:^\w+[&!$]?:\s)`, Roots: roots},
	Macros:  func(device.Quirks) macro.Syntax { return macro.Braces },
	Vars:    vars,
	Agent:   userAgent,
	Subject: "CN=$MAU", // SN-ID-4
	DHCP:    dhcp,
	Servers: []uint8{66, 67, 43},
	Notify:  steps.CheckSync(device.AskReboot, "check-sync"), // SN-TRG-4
	Tree:    tree,
	Boot:    (&vendor).Boot,
	Period:  []device.Setting{{Name: refresh}},
	Shorthands: []device.Shorthand{
		{Name: "option66", Option: 66},
		{Name: "redirect-server", Settings: []device.Setting{{Name: settingServer}}},
		{Name: "server", Settings: []device.Setting{{Name: settingServer}, {Name: order, Value: "redirection:stop"}}},
	},
}

var vendor = steps.Vendor{
	Plan: plan, Schedules: schedules, Changed: steps.ByValue, Merge: merge,
	TLS: func(f *steps.Firmware) device.TLSOptions { return f.Trusts(false, false) },
}

// The settings that the firmware reads.
const (
	settingServer = "setting_server"
	order         = "provisioning_order"
	httpUser      = "http_user"
	httpPass      = "http_pass"
	refresh       = "settings_refresh_timer"
	polling       = "prov_polling_enabled"
	pollMode      = "prov_polling_mode"
	pollPeriod    = "prov_polling_period"
	pollTime      = "prov_polling_time"
	pollEnd       = "prov_polling_time_rand_end"
	backOff       = "prov_back_off_timer"
	updatePolicy  = "update_policy"
	firmware      = "firmware_status"
)

// Which of the parameters make a phone reboot is a reading (SN-CHG-2).
var parameters = []profile.Parameter{
	{Name: settingServer, Meaning: "where the settings are: a URL, or a directory", Source: "SN-SRC-2"},
	{Name: order, Default: "redirection:stop pnp:stop dhcp:stop tr69:stop", Meaning: "the sources of settings in their order, each with stop or proceed", Source: "SN-SRC-1"},
	{Name: httpUser, Meaning: "user name for the server", Source: "SN-SRC-8"},
	{Name: httpPass, Type: profile.Secret, Meaning: "password for the server", Source: "SN-SRC-8"},
	{Name: refresh, Type: profile.Number, Unit: "seconds", Default: "0", Meaning: "the period of resyncs; 0: off", Source: "SN-TRG-2"},
	{Name: polling, Default: "off", Meaning: "resync by the polling settings: on or off", Source: "SN-TRG-2"},
	{Name: pollMode, Default: "abs", Meaning: "abs, rel or random", Source: "SN-TRG-2"},
	{Name: pollPeriod, Type: profile.Number, Unit: "seconds", Default: "86400", Meaning: "the period of polling", Source: "SN-TRG-2"},
	{Name: pollTime, Default: "00:00", Meaning: "when, HH:MM", Source: "SN-TRG-2"},
	{Name: pollEnd, Meaning: "the end of the window, HH:MM", Source: "SN-TRG-2"},
	{Name: backOff, Default: "3,6:3600", Meaning: "delays after failures", Source: "SN-TRG-3"},
	{Name: updatePolicy, Default: "auto_update", Meaning: "whether firmware is loaded", Source: "SN-UP-1"},
	{Name: firmware, Meaning: "URL of the file that names the firmware", Source: "SN-PLAN-4"},
	{Name: "vlan_id", Type: profile.Number, Meaning: "VLAN of the phone", Source: "SN-CHG-2", Reboots: true},
	{Name: "vlan_qos", Type: profile.Number, Meaning: "priority in the VLAN", Source: "SN-CHG-2", Reboots: true},
	{Name: "ip_adr", Meaning: "address without DHCP", Source: "SN-CHG-2", Reboots: true},
	{Name: "dhcp", Default: "on", Meaning: "the address comes by DHCP", Source: "SN-CHG-2", Reboots: true},
	{Name: "ieee8021x_eap_md5_username", Meaning: "802.1X", Source: "SN-CHG-2", Reboots: true},
}

// The names of the quirks.
const (
	discovery = "discovery"
	htmlEmpty = "html-empty"
	pnpOEM    = "pnp-oem"
)

var quirks = []device.Quirk{
	{Name: steps.TLSNoVerify, Rule: "SN-ID-4", Meaning: "accept any server certificate; firmware before 10 does unless this is off", Source: "firmware before 10"},
	{Name: steps.TLSNoHostname, Rule: "SN-ID-4", Meaning: "accept a trusted server certificate for any name", Source: "firmware without name checks"},
	{Name: discovery, Values: []string{"order", "2011"}, Rule: "SN-SRC-3", Meaning: "2011: SIP PnP first, then the stored server, then DHCP, whatever provisioning_order says", Source: "training slides of 2011"},
	{Name: pnpOEM, Rule: "SN-SRC-5", Meaning: "SIP PnP names vendor and model OEM", Source: "the vendor's page about auto provisioning"},
	{Name: htmlEmpty, Rule: "SN-FMT-4", Meaning: "a page without a setting, such as an error page, is a good file that changes nothing", Source: "the old wiki's rule for text files"},
}

// anyChain reports whether a device takes any server certificate (SN-ID-4).
func anyChain(q device.Quirks, software string) bool {
	if q[steps.TLSNoVerify] == "" {
		return steps.VersionNumber(software, 0) < 10
	}
	return q.On(steps.TLSNoVerify)
}

// vars are the macros of URLs: {mac} in upper case, {model} (SN-SRC-7).
func vars(id device.Identity, _ device.Lease) macro.Vars {
	return macro.Map{"mac": id.MAC.Upper(), "model": "snom" + id.Product}
}

// userAgent returns the User-Agent of file requests, in the form of the firmware
// (SN-ID-2).
func userAgent(id device.Identity) string {
	name := "snom" + id.Product
	major, minor := steps.VersionNumber(id.Software, 0), steps.VersionNumber(id.Software, 1)
	switch {
	case strings.HasPrefix(id.Product, "M"):
		return fmt.Sprintf("Mozilla/4.0 (compatible; Snom %s %s %s)", id.Product, id.Software, id.MAC)
	case major >= 10:
		return fmt.Sprintf("Mozilla/4.0 (compatible; %s-SIP %s 2010.12-00001-gd311851f1 (Feb 25 2019 - 14:19:43) %s SXM:0 UXM:0 UXMC:0)", name, id.Software, id.MAC.Upper())
	case major > 8 || major == 8 && minor >= 7:
		return fmt.Sprintf("Mozilla/4.0 (compatible; %s-SIP %s 1.1.5-IFX-05.01.12 %s)", name, id.Software, id.MAC.Upper())
	}
	return fmt.Sprintf("Mozilla/4.0 (compatible; %s-SIP %s 1.1.3-s)", name, id.Software)
}

// dhcp is option 60 and the list of option 55 (SN-ID-3).
func dhcp(id device.Identity) device.DHCPIdentity {
	return device.DHCPIdentity{Class: "snom" + id.Product, Ask: []uint8{1, 3, 4, 6, 12, 15, 42, 43, 51, 66, 67, 120, 125, 133}}
}

// tree is what a server has: a file for all phones of a model and a file of the
// phone's own (SN-PLAN-1).
var tree = &device.Tree{
	Files: []device.TreeFile{
		{Name: "{model}.htm", Common: true},
		{Name: "{model}-{mac}.htm", Own: true},
		{Class: device.ImageClass},
	},
	Sample: []device.Setting{{Name: "user_name1", Value: "{mac}"}},
	Write: func(version string, settings profile.Config, own []device.Setting) []byte {
		return device.WriteXML([]string{"settings", "phone-settings"}, version, settings, own)
	},
	Pad: device.PadXML,
}
