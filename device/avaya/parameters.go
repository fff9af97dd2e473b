package avaya

import "provsim/profile"

// The settings that the firmware reads.
const (
	httpServer  = "HTTPSRVR"
	httpPort    = "HTTPPORT"
	httpDir     = "HTTPDIR"
	tlsServer   = "TLSSRVR"
	tlsPort     = "TLSPORT"
	tlsDir      = "TLSDIR"
	tftpServer  = "TFTPSRVR"
	tftpDir     = "TFTPDIR"
	sig         = "SIG"
	group       = "GROUP"
	appName     = "APPNAME"
	rfsName     = "RFSNAME"
	kernelName  = "KERNELNAME"
	pollPeriod  = "UPGRADE_POLLING_PERIOD"
	pollPolicy  = "UPGRADE_POLICY"
	pollSpread  = "DLOAD_RND"
	resetSpread = "DLOAD_RND_AFTER_RESET"
	updateOn    = "AUTOMATIC_UPDATE_POLICY"
	updateDays  = "AUTOMATIC_UPDATE_DAYS"
	updateHours = "AUTOMATIC_UPDATE_WINDOW"
	rebootAsks  = "AUTOMATIC_REBOOT_PROMPT"
	notifyOn    = "ENABLE_OOD_RESET_NOTIFY"
)

var (
	port      = profile.NewType("port", checkPort, nil)
	directory = profile.NewType("directory", checkDirectory, nil)
	imageName = profile.NewType("file name", checkImage, nil)
	period    = upTo(10080)
	spread    = upTo(32767)
)

var parameters = profile.SameNames([]profile.Parameter{
	{Name: httpServer, Meaning: "addresses or names of HTTP servers, with commas between them", Source: "AV-SRC-1"},
	{Name: httpPort, Type: port, Default: "80", Meaning: "their port", Source: "AV-SRC-1"},
	{Name: httpDir, Type: directory, Meaning: "the directory there", Source: "AV-SRC-3"},
	{Name: tlsServer, Meaning: "the same for HTTPS; asked before HTTPSRVR", Source: "AV-SRC-1"},
	{Name: tlsPort, Type: port, Meaning: "their port; empty: 443, 411 for H.323", Source: "AV-SRC-1"},
	{Name: tlsDir, Type: directory, Meaning: "the directory there", Source: "AV-SRC-3"},
	{Name: tftpServer, Meaning: "TFTP servers of 4600 phones, asked last", Source: "AV-SRC-1"},
	{Name: tftpDir, Type: directory, Meaning: "the directory there", Source: "AV-SRC-1"},
	{Name: "TLSSRVRID", Type: profile.OneOf("0", "1"), Default: "1", Meaning: "check the name in certificates; no effect here", Source: "AV-DHCP-5"},
	{Name: sig, Type: profile.OneOf("0", "1", "2"), Default: "0", Meaning: "0 default, 1 H.323, 2 SIP; what 4600 phones test as SIG", Source: "AV-LANG-5"},
	{Name: group, Default: "0", Meaning: "what IF $GROUP tests; typed on the phone", Source: "AV-LANG-5"},
	{Name: appName, Type: imageName, Meaning: "the firmware, set by the upgrade file", Source: "AV-FW-1"},
	{Name: rfsName, Type: imageName, Meaning: "the file system that goes with it", Source: "AV-FW-1"},
	{Name: kernelName, Type: imageName, Meaning: "the kernel that goes with it", Source: "AV-FW-1"},
	{Name: pollPeriod, Type: period, Unit: "minutes", Default: "60", Meaning: "96x1: how often a poll is due; 0 off", Source: "AV-TIME-2"},
	{Name: pollPolicy, Type: profile.OneOf("0", "1", "2"), Default: "2", Meaning: "96x1: 0 ask at start, 1 poll, 2 both", Source: "AV-TIME-2"},
	{Name: pollSpread, Type: spread, Unit: "seconds", Default: "3600", Meaning: "96x1: polls are spread over so long", Source: "AV-TIME-2"},
	{Name: resetSpread, Type: spread, Unit: "seconds", Default: "0", Meaning: "96x1: starts are spread over so long", Source: "AV-TIME-1"},
	{Name: updateOn, Type: profile.OneOf("0", "1", "2", "3"), Default: "0", Meaning: "J100: polls, 0 off, 1 daily, 2 weekly, 3 monthly", Source: "AV-TIME-3"},
	{Name: updateDays, Default: "0", Meaning: "J100: days of the week as digits, Sunday being 0", Source: "AV-TIME-3"},
	{Name: updateHours, Default: "2,4", Meaning: "J100: first and last hour, a poll is due at a random time between them", Source: "AV-TIME-3"},
	{Name: rebootAsks, Type: profile.Switch, Default: "0", Meaning: "J100: 1 asks the user before the reboot after a poll", Source: "AV-APP-3"},
	{Name: notifyOn, Type: profile.Switch, Default: "0", Meaning: "1: a NOTIFY check-sync reboots the phone", Source: "AV-TIME-4"},
	{Name: "L2Q", Type: profile.OneOf("0", "1", "2"), Default: "0", Meaning: "802.1Q tagging: 0 auto, 1 on, 2 off", Source: "AV-DHCP-5"},
	{Name: "L2QVLAN", Type: upTo(4094), Default: "0", Meaning: "the VLAN", Source: "AV-DHCP-5"},
	{Name: "VLANTEST", Type: upTo(999), Unit: "seconds", Default: "60", Meaning: "how long a VLAN is tried", Source: "AV-DHCP-5"},
	{Name: "MCIPADD", Meaning: "H.323 call servers", Source: "AV-DHCP-5"},
	{Name: "SIP_CONTROLLER_LIST", Meaning: "SIP servers", Source: "AV-DHCP-5"},
	{Name: "SIPDOMAIN", Meaning: "the SIP domain; not taken from a lease", Source: "AV-DHCP-5"},
	{Name: "FORCE_SIP_USERNAME", Meaning: "the account", Source: "AV-FILE-2"},
	{Name: "FORCE_SIP_EXTENSION", Meaning: "the extension", Source: "AV-FILE-2"},
	{Name: "FORCE_SIP_PASSWORD", Type: profile.Secret, Meaning: "its password", Source: "AV-FILE-2"},
	{Name: "ADMIN_PASSWORD", Type: profile.Secret, Meaning: "opens the phone's menu for administrators", Source: "AV-DHCP-5"},
	{Name: "PROCPSWD", Type: profile.Secret, Meaning: "the same on older phones", Source: "AV-APP-2"},
	{Name: "TRUSTCERTS", Meaning: "files of further authorities; no effect here", Source: "AV-TLS-1"},
	{Name: "COUNTRY", Default: "USA", Meaning: "tones", Source: "AV-LANG-2"},
})

var table = profile.NewTable(parameters)
