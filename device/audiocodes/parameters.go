package audiocodes

import (
	"encoding/base64"
	"fmt"
	"path"
	"slices"
	"strconv"
	"strings"

	"provsim/profile"
	"provsim/profile/rule"
)

// The settings that the firmware reads, by their paths (AC-ID-1).
const (
	method         = "provisioning/method"
	firmwareURL    = "provisioning/firmware/url"
	configURL      = "provisioning/configuration/url"
	firmwareLearnt = "provisioning/firmware/dynamic_url"
	configLearnt   = "provisioning/configuration/dynamic_url"
	optionNumber   = "provisioning/url_option_value"
	periodType     = "provisioning/period/type"
	periodHours    = "provisioning/period/hourly/hours_interval"
	dailyTime      = "provisioning/period/daily/time"
	weeklyDay      = "provisioning/period/weekly/day"
	weeklyTime     = "provisioning/period/weekly/time"
	randomTime     = "provisioning/random_provisioning_time"
	redirectURL    = "provisioning/redirect_server_url"
	tenantName     = "emulator/tenant"
	gmtOffset      = "system/ntp/gmt_offset"
	systemType     = "system/type"
	verifyServer   = "security/provisioning/verify_server_certificate"
	managerURL     = "ems_server/provisioning/url"
	managerUser    = "ems_server/user_name"
	managerPass    = "ems_server/user_password"
	keepAlives     = "ems_server/keep_alive_period"
	lineEnabled    = "voip/line/0/enabled"
	lineID         = "voip/line/0/id"
	lineName       = "voip/line/0/description"
	linePassword   = "voip/line/0/auth_password"
	sipProxy       = "voip/signalling/sip/proxy_address"
)

// limits are the least and the largest value of numbers.
var limits = map[string][2]int{optionNumber: {0, 255}, periodHours: {1, 65535}, randomTime: {0, 65535}, keepAlives: {0, 300}}

var parameters = []profile.Parameter{
	{Name: method, Type: oneOf("DISABLE", "DYNAMIC", "STATIC"), Default: "DYNAMIC", Meaning: "where the phone looks: nowhere, by DHCP, or at the two URLs", Source: "AC-SRC-1"},
	{Name: firmwareURL, Type: anyURL, Meaning: "the firmware, with STATIC", Source: "AC-SRC-1"},
	{Name: configURL, Type: anyURL, Meaning: "the configuration, with STATIC", Source: "AC-SRC-1"},
	{Name: firmwareLearnt, Type: anyURL, Meaning: "the firmware, as learnt last", Source: "AC-SRC-2"},
	{Name: configLearnt, Type: anyURL, Meaning: "the configuration, as learnt last", Source: "AC-SRC-2"},
	{Name: optionNumber, Type: number(optionNumber), Default: "160", Meaning: "the DHCP option that comes first", Source: "AC-SRC-2"},
	{Name: periodType, Type: oneOf("hourly", "daily", "weekly", "powerup", "every5minutes", "every5min", "every15minutes", "every15min"), Default: "daily", Meaning: "when the phone checks", Source: "AC-TM-2"},
	{Name: periodHours, Type: number(periodHours), Unit: "hours", Default: "24", Meaning: "the period of hourly checks", Source: "AC-TM-2"},
	{Name: dailyTime, Type: clock, Default: "0:00", Meaning: "when, h:mm", Source: "AC-TM-2"},
	{Name: weeklyDay, Type: oneOf(weekdays...), Default: "Sunday", Meaning: "the day of weekly checks", Source: "AC-TM-2"},
	{Name: weeklyTime, Type: clock, Default: "0:00", Meaning: "when, h:mm", Source: "AC-TM-2"},
	{Name: randomTime, Type: number(randomTime), Unit: "minutes", Default: "120", Meaning: "the most by which a daily or weekly check is late, at random", Source: "AC-TM-3"},
	{Name: redirectURL, Type: anyURL, Meaning: "the redirect server, asked where nothing else has named a server. As shipped it is the vendor's service; here it is empty, and none is asked", Source: "AC-RED-2"},
	{Name: tenantName, Meaning: "not one of the vendor's: the tenant that the first message names", Source: "AC-KA-2"},
	{Name: gmtOffset, Type: offset, Default: "not_set", Meaning: "the phone's clock, such as +10:00", Source: "AC-TM-2"},
	{Name: systemType, Meaning: "the model that a file is for", Source: "AC-CFG-4"},
	{Name: verifyServer, Type: profile.Switch, Default: "0", Meaning: "server certificates are checked", Source: "AC-ID-6"},
	{Name: managerURL, Type: anyURL, Meaning: "where keep-alives and alarms go", Source: "AC-KA-1"},
	{Name: managerUser, Meaning: "user name for the Device Manager", Source: "AC-KA-4"},
	{Name: managerPass, Type: profile.Secret, Meaning: "password for the Device Manager", Source: "AC-KA-4"},
	{Name: keepAlives, Type: number(keepAlives), Unit: "minutes", Default: "60", Meaning: "the period of keep-alives; 0: only changes of status", Source: "AC-KA-3"},
	{Name: lineEnabled, Type: profile.Switch, Default: "0", Meaning: "the phone has a line", Source: "AC-KA-3"},
	{Name: lineID, Meaning: "the line's number", Source: "AC-KA-2"},
	{Name: lineName, Meaning: "the line's user", Source: "AC-KA-2"},
	{Name: linePassword, Type: profile.Secret, Meaning: "the line's password", Source: "AC-KA-2"},
	{Name: sipProxy, Meaning: "the SIP proxy", Source: "AC-KA-2"},
	{Name: "network/lan_type", Meaning: "how the phone gets its address", Source: "AC-APP-1"},
	{Name: "network/lan/vlan/mode", Meaning: "how the phone gets its VLAN", Source: "AC-APP-1"},
}

var weekdays = []string{"Sunday", "Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday"}

// The vendor's types of parameters.
var (
	anyURL = profile.NewType("URL", nil, rule.Redact)
	clock  = profile.NewType("time of day", func(value string) error {
		hour, minute, _ := strings.Cut(value, ":")
		h, err1 := strconv.ParseUint(hour, 10, 8)
		m, err2 := strconv.ParseUint(minute, 10, 8)
		if err1 != nil || err2 != nil || h > 23 || m > 59 || len(minute) != 2 {
			return fmt.Errorf("found %s, want h:mm from 0:00 to 23:59", profile.Quote(value))
		}
		return nil
	}, nil)
	offset = profile.NewType("offset of the clock", func(value string) error {
		if _, ok := seconds(value); !ok {
			return fmt.Errorf("found %s, want an offset such as +10:00, or not_set", profile.Quote(value))
		}
		return nil
	}, nil)
)

// oneOf is a type of some words, in any case (AC-CFG-3).
func oneOf(words ...string) profile.Type {
	return profile.NewType("one of "+strings.Join(words, ", "), func(value string) error {
		if slices.ContainsFunc(words, func(w string) bool { return strings.EqualFold(w, value) }) {
			return nil
		}
		return fmt.Errorf("found %s, want one of %s", profile.Quote(value), strings.Join(words, ", "))
	}, nil)
}

// number is the type of a number with limits.
func number(name string) profile.Type {
	return profile.NewType("number", func(value string) error {
		l := limits[name]
		if n, err := strconv.Atoi(value); err != nil || n < l[0] || n > l[1] {
			return fmt.Errorf("found %s, want a whole number from %d to %d", profile.Quote(value), l[0], l[1])
		}
		return nil
	}, nil)
}

// seconds reads a value of [gmtOffset].
func seconds(value string) (int, bool) {
	if value == "not_set" {
		return 0, true
	}
	sign := 1
	switch {
	case strings.HasPrefix(value, "-"):
		sign = -1
	case !strings.HasPrefix(value, "+"):
		return 0, false
	}
	hour, minute, _ := strings.Cut(value[1:], ":")
	h, err1 := strconv.ParseUint(hour, 10, 8)
	m, err2 := strconv.ParseUint(minute, 10, 8)
	return sign * (int(h)*3600 + int(m)*60), err1 == nil && err2 == nil && h <= 14 && m <= 59
}

// rebooting are the settings after whose change the phone reboots (AC-APP-1).
var rebooting = []string{
	method, firmwareURL, configURL, systemType, "security/*uri", "security/*/uri", "security/*/*/uri", "security/provisioning/*", "network/lan_type", "network/lan/vlan/mode",
}

func reboots(name string) bool {
	return slices.ContainsFunc(rebooting, func(pattern string) bool {
		match, err := path.Match(pattern, name)
		return err == nil && match
	})
}

// voice reports whether the phone registers anew after a change of a setting.
func voice(name string) bool { return strings.HasPrefix(name, "voip/") }

// sealed returns the bytes of an encrypted value (AC-ENC-1).
func sealed(value string) ([]byte, bool) {
	inner, ok := strings.CutPrefix(value, `{"`)
	inner, closed := strings.CutSuffix(inner, `"}`)
	if !ok || !closed {
		return nil, false
	}
	data, err := base64.StdEncoding.DecodeString(inner)
	return data, err == nil && len(data) > 0 && len(data)%8 == 0
}
