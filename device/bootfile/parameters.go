package bootfile

import (
	"time"

	"provsim/device"
	"provsim/profile"
)

// The settings that the firmware reads, by their names in files.
const (
	pre = "static.auto_provision."

	ServerURL      = pre + "server.url"
	serverUser     = pre + "server.username"
	serverPassword = pre + "server.password"
	DHCPOn         = pre + "dhcp_option.enable"
	pnpOn          = pre + "pnp_enable"
	dhcpCustom     = pre + "dhcp_option.list_user_options"
	powerOn        = pre + "power_on"
	repeatOn       = pre + "repeat.enable"
	repeatMinutes  = pre + "repeat.minutes"
	weeklyOn       = pre + "weekly.enable"
	weeklyBegin    = pre + "weekly.begin_time"
	weeklyEnd      = pre + "weekly.end_time"
	weeklyDays     = pre + "weekly.dayofweek"
	flexibleOn     = pre + "flexible.enable"
	flexibleDays   = pre + "flexible.interval"
	flexibleBegin  = pre + "flexible.begin_time"
	flexibleEnd    = pre + "flexible.end_time"
	timeout        = pre + "attempt_expired_time"
	tries          = pre + "attempt_before_failed"
	triesWait      = pre + "retry_delay_after_file_transfer_failed"
	commonKey      = pre + "aes_key_16.com"
	ownKey         = pre + "aes_key_16.mac"
	encryptedOnly  = pre + "update_file_mode"
	RedirectServer = pre + "redirect.url" // the name is provsim's own
	customSync     = pre + "custom.sync"
	customSyncPath = pre + "custom.sync.path"
	uploadMethod   = pre + "custom.upload_method"
	customProtect  = pre + "custom.protect"
	ownURL         = "static.custom_mac_cfg.url"
	firmwareURL    = "static.firmware.url"
	firmwareURLOld = "firmware.url"
	trust          = "static.security.trust_certificates"
	checkName      = "static.security.cn_validation"
	sslMethod      = "static.security.default_ssl_method"
	NotifyReboots  = "sip.notify_reboot_enable"
	keyInFile      = pre + "aes_key_in_file"
	actionBoot     = "action_url.setup_completed"
	actionDone     = "action_url.setup_autop_finish"
)

// Parameters are the settings of all families, with where they are known from.
func Parameters(source string) []profile.Parameter {
	list := []profile.Parameter{
		{Name: ServerURL, Meaning: "where the files are: a directory, or one file"},
		{Name: serverUser, Meaning: "user name for the server"},
		{Name: serverPassword, Type: profile.Secret, Meaning: "password for the server"},
		{Name: RedirectServer, Meaning: "the redirect server, asked first until it has named a URL. As shipped it is the vendor's service; here it is empty, and none is asked. The name of the setting is our own"},
		{Name: DHCPOn, Type: profile.Switch, Default: "1", Meaning: "DHCP options may name the server"},
		{Name: pnpOn, Type: profile.Switch, Default: "1", Meaning: "ask for the server by SIP PnP"},
		{Name: dhcpCustom, Meaning: "numbers of DHCP options that come before 66, by commas"},
		{Name: powerOn, Type: profile.Switch, Default: "1", Meaning: "resync when the power comes"},
		{Name: repeatOn, Type: profile.Switch, Default: "0", Meaning: "resync periodically"},
		{Name: repeatMinutes, Type: profile.Number, Unit: "minutes", Default: "1440", Meaning: "the period, 1 to 43200"},
		{Name: weeklyOn, Type: profile.Switch, Default: "0", Meaning: "resync on days of the week"},
		{Name: weeklyBegin, Default: "00:00", Meaning: "the window's begin, HH:MM"},
		{Name: weeklyEnd, Default: "00:00", Meaning: "the window's end, HH:MM"},
		{Name: weeklyDays, Default: "0123456", Meaning: "the days of the week, digits from Sunday, 0"},
		{Name: flexibleOn, Type: profile.Switch, Default: "0", Meaning: "resync at intervals of several days"},
		{Name: flexibleDays, Type: profile.Number, Unit: "days", Default: "30", Meaning: "how many"},
		{Name: flexibleBegin, Default: "02:00", Meaning: "the window's begin, HH:MM"},
		{Name: flexibleEnd, Meaning: "the window's end, HH:MM"},
		{Name: timeout, Type: profile.Number, Unit: "seconds", Default: "5", Meaning: "how long a transfer may take"},
		{Name: tries, Type: profile.Number, Default: "3", Meaning: "how often a file is asked for where there is no answer"},
		{Name: triesWait, Type: profile.Number, Unit: "seconds", Default: "5", Meaning: "between two tries"},
		{Name: commonKey, Type: profile.Secret, Meaning: "key of the common file"},
		{Name: ownKey, Type: profile.Secret, Meaning: "key of the phone's own file"},
		{Name: keyInFile, Type: profile.Switch, Default: "0", Meaning: "ask for the file with the key beside each file; what is in it is not public, and nothing is read"},
		{Name: actionBoot, Meaning: "URL that is asked for when the phone has booted; $mac, $ip, $model and $firmware are replaced"},
		{Name: actionDone, Meaning: "URL that is asked for after a resync"},
		{Name: encryptedOnly, Type: profile.Switch, Default: "0", Meaning: "take encrypted files only"},
		{Name: customSync, Type: profile.Switch, Default: "0", Meaning: "ask for what the user has set, <mac>-local.cfg; Yealink phones upload it after each change"},
		{Name: customSyncPath, Meaning: "the directory of <mac>-local.cfg, a URL; empty: that of the other files"},
		{Name: uploadMethod, Type: profile.OneOf("0", "1"), Default: "0", Meaning: "how <mac>-local.cfg is uploaded: 0 PUT, 1 POST"},
		{Name: customProtect, Type: profile.Switch, Default: "0", Meaning: "what the user has set wins over files; static settings do not"},
		{Name: ownURL, Meaning: "another URL of the phone's own file"},
		{Name: firmwareURL, Meaning: "the firmware image"},
		{Name: firmwareURLOld, Meaning: "the firmware image, before version 80"},
		{Name: trust, Type: profile.Switch, Default: "1", Meaning: "the server's certificate must be trusted"},
		{Name: checkName, Type: profile.Switch, Default: "0", Meaning: "the server's certificate must be for its name"},
		{Name: sslMethod, Type: profile.OneOf("0", "3", "4", "5"), Default: "3", Meaning: "the version of TLS: 0 1.0, 4 1.1, 5 1.2, 3 any"},
		{Name: NotifyReboots, Type: profile.Number, Default: "1", Meaning: "what a NOTIFY check-sync does: 0 resync, 1 reboot, 2 nothing"},
	}
	for i := range list {
		list[i].Web, list[i].Source = list[i].Name, source
	}
	return list
}

// Period is what a time between two resyncs stands for, in whole minutes (YL-TRG-1).
var Period = []device.Setting{{Name: repeatOn, Value: "1"}, {Name: repeatMinutes, Part: device.PartOf(time.Minute)}}
