package grandstream

import "provsim/profile"

// The settings that the firmware reads, by their names in files.
const (
	configServer    = "P237"
	configVia       = "P212"
	imageServer     = "P192"
	imageVia        = "P6767"
	configPrefix    = "P234"
	configSuffix    = "P235"
	imagePrefix     = "P232"
	imageSuffix     = "P233"
	user            = "P1360"
	password        = "P1361"
	xmlPassword     = "P1359"
	authenticate    = "P240"
	dhcpOn          = "P145"
	dhcpExtra       = "P8337"
	upgradeMode     = "P194"
	upgradeModeV    = "P22296" // HT V2, in place of P194
	minutes         = "P193"
	fromHour        = "P285"
	toHour          = "P8459"
	weekDays        = "P286"
	randomTime      = "randomTime"
	checkRule       = "P238"
	order           = "P8501"
	all             = "P8467"
	fileKinds       = "P8601"
	forceReboot     = "P22421"
	phoneBook       = "P330"
	pnpOn           = "P1414"
	notifyChallenge = "sip.notify.challenge"
	userID          = "P35"
	authID          = "P36"
	sipPassword     = "P34"
	checkName       = "provisioning.validateHostnameInCertificate"
)

// The types of settings.
var (
	protocol = profile.OneOf("0", "1", "2", "3", "4")
	yesNo    = profile.OneOf("No", "Yes")
	mode     = profile.OneOf("0", "1", "2", "3")
	three    = profile.OneOf("0", "1", "2")
)

var parameters = []profile.Parameter{
	{Name: configServer, Web: "Config Server Path", Meaning: "host[:port][/directory] of the configuration, without a scheme. As shipped it is the vendor's redirection service (GS-SRC-6); here it is empty, and none is asked", Source: "GS-SRC-1"},
	{Name: configVia, Web: "Config Upgrade Via", Type: protocol, Default: "2", Meaning: "0 TFTP, 1 HTTP, 2 HTTPS, 3 FTP; 1 as shipped with old firmware", Source: "GS-SRC-1"},
	{Name: imageServer, Web: "Firmware Server Path", Meaning: "host[:port][/directory] of the firmware. As shipped it is the vendor's, which is not asked: empty here", Source: "GS-SRC-1"},
	{Name: imageVia, Web: "Firmware Upgrade Via", Type: protocol, Default: "2", Meaning: "0 TFTP, 1 HTTP, 2 HTTPS, 3 FTP", Source: "GS-SRC-1"},
	{Name: configPrefix, Web: "Config File Prefix", Meaning: "before each file name", Source: "GS-SRC-7"},
	{Name: configSuffix, Web: "Config File Postfix", Meaning: "after each file name, .xml included", Source: "GS-SRC-7"},
	{Name: imagePrefix, Web: "Firmware File Prefix", Meaning: "before the name of the firmware", Source: "GS-SRC-7"},
	{Name: imageSuffix, Web: "Firmware File Postfix", Meaning: "after the name of the firmware", Source: "GS-SRC-7"},
	{Name: user, Web: "HTTP/HTTPS User Name", Meaning: "for the servers", Source: "GS-TRG-5"},
	{Name: password, Web: "HTTP/HTTPS Password", Type: profile.Secret, Meaning: "for the servers", Source: "GS-TRG-5"},
	{Name: xmlPassword, Web: "XML Config File Password", Type: profile.Secret, Meaning: "opens encrypted XML files", Source: "GS-ENC-1"},
	{Name: authenticate, Web: "Authenticate Conf File", Type: profile.Switch, Default: "0", Meaning: "1: refuse the binary file, whose authentication is not public", Source: "GS-ENC-3"},
	{Name: dhcpOn, Web: "Allow DHCP Option 43 and Option 66 to Override Server", Type: mode, Default: "1", Meaning: "0 no, 1 yes, 2 prefer, 3 fallback: after the stored server has failed", Source: "GS-SRC-3"},
	{Name: dhcpExtra, Web: "Additional Override DHCP Option", Type: three, Default: "0", Meaning: "0 none, 1 option 150, 2 option 160: comes before option 66", Source: "GS-SRC-3"},
	{Name: upgradeMode, Web: "Automatic Upgrade", Type: mode, Default: "0", Meaning: "0 no, 1 every P193 minutes, 2 daily, 3 weekly", Source: "GS-TRG-1"},
	{Name: upgradeModeV, Web: "Automatic Upgrade (HT V2)", Type: mode, Default: "0", Meaning: "as P194", Source: "GS-TRG-1"},
	{Name: minutes, Web: "Automatic Upgrade Check Interval", Type: profile.Number, Unit: "minutes", Default: "10080", Meaning: "60 to 5256000, HT V2 from 30", Source: "GS-TRG-1"},
	{Name: fromHour, Web: "Hour of the Day", Type: profile.Number, Unit: "hours", Default: "1", Meaning: "when a daily or weekly check begins, 0 to 23", Source: "GS-TRG-1"},
	{Name: toHour, Web: "End Hour of the Day", Type: profile.Number, Unit: "hours", Default: "22", Meaning: "the end of the window of randomTime", Source: "GS-TRG-1"},
	{Name: weekDays, Web: "Day of the Week", Default: "1", Meaning: "days of a weekly check, such as 0/1/2, Sunday being 0", Source: "GS-TRG-1"},
	{Name: randomTime, Web: "Randomized Automatic Upgrade", Type: yesNo, Default: "No", Meaning: "draw a minute between the two hours", Source: "GS-TRG-1"},
	{Name: checkRule, Web: "Firmware Upgrade Check Rule", Type: three, Default: "0", Meaning: "0 always, 1 only when the prefix or postfix changed, 2 never, and nothing is asked at boot", Source: "GS-TRG-2"},
	{Name: order, Web: "Config Provision Order", Meaning: "file names with ; between them, $mac and $product replaced; empty: those of the generation", Source: "GS-PLAN-2a"},
	{Name: all, Web: "Download and Process All Available Config Files", Type: profile.Switch, Default: "0", Meaning: "1: do not stop at the first file", Source: "GS-PLAN-3"},
	{Name: fileKinds, Web: "Config File Types Allowed", Type: profile.OneOf("46", "47"), Default: "47", Meaning: "47 all kinds, 46 XML only", Source: "GS-PLAN-2a"},
	{Name: forceReboot, Web: "Force Reboot", Type: profile.Switch, Default: "0", Meaning: "1: reboot whenever a file has changed something", Source: "GS-CHG-2"},
	{Name: phoneBook, Web: "Phonebook XML Download", Type: three, Default: "0", Meaning: "first generation: other than 0 asks for <mac>/phonebook. The number of the setting is a reading", Source: "GS-PLAN-2"},
	{Name: pnpOn, Web: "3CX Auto Provision", Type: profile.Switch, Default: "1", Meaning: "ask for the server by SIP PnP while none is stored", Source: "GS-SRC-4"},
	{Name: notifyChallenge, Web: "Authenticate NOTIFY", Type: yesNo, Default: "Yes", Meaning: "the sender of a NOTIFY shows the password of the first account; without an account no password is asked for", Source: "GS-TRG-3"},
	{Name: userID, Web: "SIP User ID", Meaning: "of the first account", Source: "GS-TRG-3"},
	{Name: authID, Web: "Authenticate ID", Meaning: "of the first account; empty: the user ID", Source: "GS-TRG-3"},
	{Name: sipPassword, Web: "Authenticate Password", Type: profile.Secret, Meaning: "of the first account", Source: "GS-TRG-3"},
	{Name: checkName, Web: "Validate Hostname in Certificate", Type: yesNo, Default: "No", Meaning: "the server's certificate must be for its name", Source: "GS-ID-5"},
	{Name: "P8", Web: "IPv4 Address Type", Default: "0", Meaning: "0 DHCP, 1 static, 2 PPPoE; reboots", Source: "GS-CHG-2"},
	{Name: "P51", Web: "Layer 2 QoS 802.1Q/VLAN Tag", Default: "0", Meaning: "the VLAN; reboots", Source: "GS-CHG-2"},
	{Name: "P87", Web: "Layer 2 QoS 802.1p Priority", Default: "0", Meaning: "its priority; reboots", Source: "GS-CHG-2"},
}

// rebooting are settings after whose change the phone reboots (GS-CHG-2). The list is
// a reading: the vendor's is not public.
var rebooting = []string{"P8", "P51", "P87"}
