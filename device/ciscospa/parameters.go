package ciscospa

import (
	"fmt"
	"strconv"
	"strings"
	"time"

	"provsim/device"
	"provsim/profile"
	"provsim/profile/rule"
)

// The names of settings that are read in several places (SPA-FMT-2).
const (
	profileRule       = "Profile_Rule"
	upgradeRule       = "Upgrade_Rule"
	resyncRandomDelay = "Resync_Random_Delay"
)

// The vendor's types of parameters.
var (
	yesNo = profile.NewType("yes or no", func(value string) error {
		if value != "Yes" && value != "No" {
			return fmt.Errorf("found %s, want Yes or No", profile.Quote(value))
		}
		return nil
	}, nil)
	condition = profile.NewType("condition", nil, nil)
	anyRule   = profile.NewType("rule", nil, rule.Redact) // checked when it is used: its macros are expanded first
	timeOfDay = profile.NewType("time of day", func(value string) error {
		if _, err := time.Parse(hourAndMinute, value); value != "" && err != nil {
			return fmt.Errorf("found %s, want HHmm from 0000 to 2359", profile.Quote(value))
		}
		return nil
	}, nil)
)

// hourAndMinute is the form of a time of day.
const hourAndMinute = "1504"

// When a changed value takes effect (SPA-CHG-2).
const atOnce, restart = false, true

// row is a parameter as the guides list it.
type row struct {
	web     string
	kind    profile.Type
	value   string // the default
	needs   bool
	meaning string
}

const (
	logRequest = "$PN $MAC -- Requesting %s $SCHEME://$SERVIP:$PORT$PATH"
	logSuccess = "$PN $MAC -- Successful %s $SCHEME://$SERVIP:$PORT$PATH -- $ERR"
	logFailure = "$PN $MAC -- %s failed: $ERR"
)

// rows are the parameters of the phone; a name with [1] is one for each line. The
// defaults of the Provisioning page are documented (SPA-TRG), which values need a
// restart is our reading (SPA-CHG-2).
var rows = []row{
	{"Provision Enable", yesNo, "Yes", atOnce, "resync at all"},
	{"Resync On Reset", yesNo, "Yes", atOnce, "resync after a power-on or a reboot"},
	{"Resync Random Delay", device.Seconds, "2", atOnce, "in units of 20 s, the most that the resync after a power-on waits"},
	{"Resync At (HHmm)", timeOfDay, "", atOnce, "the time of a daily resync, in place of Resync Periodic"},
	{"Resync At Random Delay", device.Seconds, "600", atOnce, "the most that the daily resync is late, in seconds"},
	{"Resync Periodic", device.Delays, "3600", atOnce, "seconds from a successful resync to the next; 0 is off"},
	{"Resync Error Retry Delay", device.Delays, "3600", atOnce, "seconds from a failed resync to the next, a list"},
	{"Forced Resync Delay", device.Seconds, "14400", atOnce, "the most seconds that a resync waits for the end of a call"},
	{"Resync From SIP", yesNo, "Yes", atOnce, "resync when a NOTIFY asks for it"},
	{"Resync After Upgrade Attempt", yesNo, "Yes", atOnce, "resync after every attempt to upgrade"},
	{"Resync Trigger 1", condition, "", atOnce, "a condition that makes a resync due"},
	{"Resync Trigger 2", condition, "", atOnce, "a condition that makes a resync due"},
	{"Resync Fails On FNF", yesNo, "Yes", atOnce, "a file that the server does not have is a failure"},
	{"Profile Rule", anyRule, "/spa$PSN.cfg", atOnce, "where the configuration is"},
	{"Profile Rule B", anyRule, "", atOnce, "the second file"},
	{"Profile Rule C", anyRule, "", atOnce, "the third file"},
	{"Profile Rule D", anyRule, "", atOnce, "the fourth file"},
	{"DHCP Option To Use", profile.Text, "66,160,159,150", atOnce, "the options that may name a server, in their order"},
	{"Transport Protocol", profile.Text, "none", atOnce, "how files are fetched where a rule does not say"},
	{"Log Resync Request Msg", profile.Text, fmt.Sprintf(logRequest, "resync"), atOnce, "the syslog message when a resync begins"},
	{"Log Resync Success Msg", profile.Text, fmt.Sprintf(logSuccess, "resync"), atOnce, "the syslog message of a success"},
	{"Log Resync Failure Msg", profile.Text, fmt.Sprintf(logFailure, "Resync"), atOnce, "the syslog message of a failure"},
	{"Report Rule", anyRule, "", atOnce, "where all parameters are sent when a NOTIFY asks for them"},
	{"Upgrade Enable", yesNo, "Yes", atOnce, "upgrade the firmware by Upgrade Rule"},
	{"Upgrade Error Retry Delay", device.Delays, "3600", atOnce, "seconds from a failed upgrade to the next attempt"},
	{"Downgrade Rev Limit", profile.Text, "", atOnce, "the smallest version that an image may have"},
	{"Upgrade Rule", anyRule, "", atOnce, "where the firmware is"},
	{"Log Upgrade Request Msg", profile.Text, fmt.Sprintf(logRequest, "upgrade"), atOnce, "the syslog message when an upgrade begins"},
	{"Log Upgrade Success Msg", profile.Text, fmt.Sprintf(logSuccess, "upgrade"), atOnce, "the syslog message of a new firmware"},
	{"Log Upgrade Failure Msg", profile.Text, fmt.Sprintf(logFailure, "Upgrade"), atOnce, "the syslog message of a failed upgrade"},
	{"License Keys", profile.Secret, "", atOnce, "licences"},
	{"Syslog Server", profile.Text, "", atOnce, "host and port of the syslog server"},
	{"Debug Server", profile.Text, "", atOnce, "host and port of the debug server"},
	{"Debug Level", profile.Text, "0", atOnce, "how much is sent there"},
	{"Admin Passwd", profile.Secret, "", atOnce, "the administrator's password"},
	{"User Password", profile.Secret, "", atOnce, "the user's password"},
	{"Enable Web Server", yesNo, "Yes", restart, "the phone's own pages"},
	{"Web Server Port", profile.Port, "80", restart, "their port"},
	{"Connection Type", profile.Text, "DHCP", restart, "how the address is set"},
	{"Static IP", profile.IPv4, "", restart, "the address"},
	{"NetMask", profile.IPv4, "", restart, "its mask"},
	{"Gateway", profile.IPv4, "", restart, "the default gateway"},
	{"HostName", profile.Text, "", restart, "the host name"},
	{"Domain", profile.Text, "", restart, "the domain"},
	{"Primary DNS", profile.IPv4, "", restart, "a name server"},
	{"Secondary DNS", profile.IPv4, "", restart, "a name server"},
	{"Enable VLAN", yesNo, "No", restart, "tagged frames"},
	{"VLAN ID", profile.Number, "1", restart, "their tag"},
	{"Primary NTP Server", profile.Text, "", atOnce, "a time server"},
	{"Time Zone", profile.Text, "GMT-08:00", atOnce, "the time zone"},
	{"SIP T1", profile.Text, ".5", restart, "a timer of SIP"},
	{"RTP Port Min", profile.Port, "16384", restart, "the first port of speech"},
	{"RTP Port Max", profile.Port, "16482", restart, "the last one"},
	{"Station Name", profile.Text, "", atOnce, "the name on the display"},
	{"Text Logo", profile.Text, "", atOnce, "the text on the display"},
	{"Dictionary Server Script", profile.Text, "", atOnce, "where the languages are"},
	{"Dial Plan[1]", profile.Text, "", atOnce, "how numbers are dialled"},
	{"Line Enable[1]", yesNo, "Yes", restart, "the line is in use"},
	{"SIP Port[1]", profile.Port, "5060", restart, "the line's port of SIP"},
	{"SIP Transport[1]", profile.Text, "UDP", restart, "UDP, TCP or TLS"},
	{"Auth Resync-Reboot[1]", yesNo, "Yes", atOnce, "a NOTIFY must be authenticated"},
	{"Proxy[1]", profile.Text, "", restart, "the SIP server"},
	{"Outbound Proxy[1]", profile.Text, "", restart, "the outbound proxy"},
	{"Register[1]", yesNo, "Yes", restart, "register with the server"},
	{"Register Expires[1]", profile.Number, "3600", restart, "seconds that a registration lasts"},
	{"Display Name[1]", profile.Text, "", restart, "the caller's name"},
	{"User ID[1]", profile.Text, "", restart, "the account"},
	{"Password[1]", profile.Secret, "", restart, "its password"},
	{"Use Auth ID[1]", yesNo, "No", restart, "authenticate by Auth ID"},
	{"Auth ID[1]", profile.Text, "", restart, "the name for it"},
	{"Extension[1]", profile.Text, "1", restart, "the extension of a line key"},
	{"Short Name[1]", profile.Text, "", atOnce, "the label of a line key"},
}

// parameters returns those of the rows, and GPP_A to GPP_P and GPP_SA to GPP_SD, which
// hold what an administrator likes.
func parameters() (list []profile.Parameter) {
	const source = "Cisco SPA administration guides"
	list = make([]profile.Parameter, 0, 2*len(rows)) // about a quarter of the rows are for each line
	add := func(r row, web string) {
		p := profile.Parameter{Name: elementName(web), Web: web, Type: r.kind, Default: r.value, Meaning: r.meaning, Source: source, Reboots: r.needs}
		if r.kind == device.Seconds || r.kind == device.Delays {
			p.Unit = "seconds"
		}
		list = append(list, p)
	}
	for _, r := range rows {
		common, perLine := strings.CutSuffix(r.web, "[1]")
		if !perLine {
			add(r, r.web)
			continue
		}
		for line := range device.Lines {
			add(r, common+"["+strconv.Itoa(line+1)+"]")
		}
	}
	for c := 'A'; c <= 'P'; c++ {
		add(row{kind: profile.Text, meaning: "general purpose"}, "GPP "+string(c))
	}
	for c := 'A'; c <= 'D'; c++ {
		add(row{kind: profile.Secret, meaning: "general purpose, for keys"}, "GPP S"+string(c))
	}
	return list
}

// elementName returns the name in files of a parameter of the web page (SPA-FMT-2).
func elementName(web string) string {
	return strings.Map(func(r rune) rune {
		if 'a' <= r|0x20 && r|0x20 <= 'z' || '0' <= r && r <= '9' || r == '-' {
			return r
		}
		return '_'
	}, web)
}
