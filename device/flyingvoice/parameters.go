package flyingvoice

import (
	"provsim/device"
	"provsim/profile"
	"provsim/profile/rule"
)

// The Provision page's settings by their web names (FV-SET-1).
const (
	provisionEnable    = "Provision Enable"
	resyncOnReset      = "Resync On Reset"
	resyncRandomDelay  = "Resync Random Delay"
	resyncPeriodic     = "Resync Periodic"
	resyncErrorRetry   = "Resync Error Retry Delay"
	forcedResyncDelay  = "Forced Resync Delay"
	resyncAfterUpgrade = "Resync After Upgrade"
	option66           = "Option 66"
	configFileName     = "Config File Name"
	profileRule        = "Profile Rule"
	upgradeEnable      = "Upgrade Enable"
	upgradeErrorRetry  = "Upgrade Error Retry Delay"
	upgradeRule        = "Upgrade Rule"
)

// Where a parameter's name and meaning come from. A name that is ours appears
// in no public document of the vendor (FV-SET-3).
const (
	document = "provisioning guide, section 5"
	page     = "provisioning guide, section 2.1; the file name is public"
	ours     = "provisioning guide, section 2.1; the file name is provsim's own"
)

// parameters are the known settings (FV-SET-1, FV-SET-3, FV-SET-4), those of
// the Provision page first and in its order.
var parameters = []profile.Parameter{
	{Name: "DBID_PRV_ENABLE", Web: provisionEnable, Type: profile.Switch, Default: "1", Source: ours,
		Meaning: "resync at all"},
	{Name: "DBID_RESYNC_ON_RESET", Web: resyncOnReset, Type: profile.Switch, Default: "1", Source: page,
		Meaning: "resync after a power-on or a reboot, except one after new settings or an upgrade"},
	{Name: "DBID_RESYNC_RANDOM_DELAY", Web: resyncRandomDelay, Type: device.Seconds, Unit: "seconds", Default: "40", Source: ours,
		Meaning: "the most that the resync after a power-on or reboot waits; 0 is off"},
	{Name: "DBID_RESYNC_PERIODIC", Web: resyncPeriodic, Type: device.Seconds, Unit: "seconds", Default: "3600", Source: ours,
		Meaning: "from a successful resync to the next; 0 is off"},
	{Name: "DBID_RESYNC_ERROR_RETRY_DELAY", Web: resyncErrorRetry, Type: device.Seconds, Unit: "seconds", Default: "3600", Source: ours,
		Meaning: "from a failed resync to the next; 0 is off"},
	{Name: "DBID_FORCED_RESYNC_DELAY", Web: forcedResyncDelay, Type: device.Seconds, Unit: "seconds", Default: "14400", Source: ours,
		Meaning: "how long all lines must have been idle before a resync"},
	{Name: "DBID_RESYNC_AFTER_UPGRADE", Web: resyncAfterUpgrade, Type: profile.Switch, Default: "1", Source: ours,
		Meaning: "resync after every attempt to upgrade"},
	{Name: "DBID_PRV_OPTION66_ENABLED", Web: option66, Type: profile.Switch, Default: "1", Source: page,
		Meaning: "take the server from DHCP option 66 and ignore Profile Rule"},
	{Name: "DBID_PRV_CONFIG_FILE_NAME", Web: configFileName, Type: profile.FileName, Default: "$PN.conf", Source: ours,
		Meaning: "the file to ask the server of option 66 for"},
	{Name: "DBID_PROFILE_RULE", Web: profileRule, Type: rule.Profile, Source: page,
		Meaning: "where the configuration is when Option 66 is off"},
	{Name: "DBID_UPGRADE_ENABLE", Web: upgradeEnable, Type: profile.Switch, Default: "1", Source: ours,
		Meaning: "upgrade the firmware by Upgrade Rule"},
	{Name: "DBID_UPGRADE_ERROR_RETRY_DELAY", Web: upgradeErrorRetry, Type: device.Seconds, Unit: "seconds", Default: "3600", Source: ours,
		Meaning: "from a failed upgrade to the next attempt; 0 is off"},
	{Name: "DBID_UPGRADE_RULE", Web: upgradeRule, Type: rule.Upgrade, Source: ours,
		Meaning: "where the firmware is; not over https"},

	{Name: "DBID_DBASE_VERSION", Type: profile.Version, Source: document,
		Meaning: "version of the configuration; a file is applied only if it differs from the stored one"},
	{Name: "DBID_IPMODE", Type: profile.Text, Source: document, Meaning: "how the WAN address is set"},
	{Name: "DBID_FIXED_IP_ADDR", Type: profile.IPv4, Source: document, Meaning: "static address"},
	{Name: "DBID_SUBNET_MASK", Type: profile.IPv4, Source: document, Meaning: "mask of the static address"},
	{Name: "DBID_DFLT_GW_IP_ADDR", Type: profile.IPv4, Source: document, Meaning: "default gateway"},
	{Name: "DBID_SIP_ENABLE", Type: profile.Switch, PerLine: true, Source: document, Meaning: "SIP on each line"},
	{Name: "DBID_WEB_SIP_SERVER", Type: profile.Host, Source: document, Meaning: "SIP server"},
	{Name: "DBID_WEB_SIP_SERVER_PORT", Type: profile.Port, Source: document, Meaning: "SIP server's port"},
	{Name: "DBID_WEB_SIP_OUTBOUND", Type: profile.Host, Source: document, Meaning: "outbound proxy"},
	{Name: "DBID_WEB_SIP_OUTBOUND_PORT", Type: profile.Port, Source: document, Meaning: "outbound proxy's port"},
	{Name: "DBID_WEB_SIP_OUTBOUND_BACKUP", Type: profile.Host, Source: document, Meaning: "backup outbound proxy"},
	{Name: "DBID_WEB_SIP_OUTBOUND_BACKUP_PORT", Type: profile.Port, Source: document, Meaning: "backup outbound proxy's port"},
	{Name: "DBID_SIP_DIS_NAME", Type: profile.Text, PerLine: true, Source: document, Meaning: "display name of each line"},
	{Name: "DBID_SIP_PHONE_NUM", Type: profile.Text, PerLine: true, Source: document, Meaning: "phone number of each line"},
	{Name: "DBID_SIP_ACCOUNT", Type: profile.Text, PerLine: true, Source: document, Meaning: "SIP account of each line"},
	{Name: "DBID_SIP_PASSWORD", Type: profile.Secret, PerLine: true, Source: document, Meaning: "SIP password of each line"},
}

// takesLists tells the settings that take lists of delays with quirk
// delay-lists (FV-SET-2).
func takesLists(web string) bool {
	return web == resyncPeriodic || web == resyncErrorRetry || web == upgradeErrorRetry
}
