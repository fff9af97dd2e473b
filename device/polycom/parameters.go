package polycom

import (
	"fmt"
	"strconv"
	"strings"
	"time"

	"provsim/device/steps"
	"provsim/profile"
	"provsim/resync"
)

// Names of parameters, as files have them.
const (
	dhcpOn        = "device.dhcp.enabled"
	serverChoice  = "device.dhcp.bootSrvUseOpt"
	customOption  = "device.dhcp.bootSrvOpt"
	customType    = "device.dhcp.bootSrvOptType"
	serverType    = "device.prov.serverType"
	serverName    = "device.prov.serverName"
	serverUser    = "device.prov.user"
	serverPass    = "device.prov.password"
	serverTries   = "device.prov.redunAttemptLimit"
	serverWait    = "device.prov.redunInterAttemptDelay"
	tagSerial     = "device.prov.tagSerialNo"
	fileKey       = "device.sec.configEncryption.key"
	pollingOn     = "prov.polling.enabled"
	pollingMode   = "prov.polling.mode"
	pollingPeriod = "prov.polling.period"
	pollingTime   = "prov.polling.time"
	pollingEnd    = "prov.polling.timeRandomEnd"
	alwaysReboot  = "voIpProt.SIP.specialEvent.checkSync.alwaysReboot"
	encryptsDir   = "sec.encryption.upload.dir"
	encryptsOver  = "sec.encryption.upload.overrides"
	logPeriod     = "log.render.file.upload.period"
	regAddress    = "reg.1.address"

	startDelay       = "emulator.start.delay"
	applicationDelay = "emulator.application.delay"
	imageInFlash     = "emulator.image.flash"
	directory        = "emulator.directory"
)

// between is the type of a number in a range.
func between(least, most int) profile.Type {
	return profile.NewType(fmt.Sprintf("number from %d to %d", least, most), func(value string) error {
		if n, err := strconv.Atoi(value); err != nil || n < least || n > most {
			return fmt.Errorf("found %s, want %d to %d", profile.Quote(value), least, most)
		}
		return nil
	}, nil)
}

// oneOf is the type of a word.
func oneOf(words ...string) profile.Type {
	return profile.NewType("one of "+strings.Join(words, ", "), func(value string) error {
		for _, w := range words {
			if w == value {
				return nil
			}
		}
		return fmt.Errorf("found %s, want %s", profile.Quote(value), strings.Join(words, ", "))
	}, nil)
}

// parameters are those that the emulator reads, and the account of line 1. Their web
// names are the emulator's.
var parameters = []profile.Parameter{
	{Name: dhcpOn, Web: "DHCP", Type: profile.Switch, Default: "1", Meaning: "the phone takes a lease's boot server", Source: "PC-SRC-8"},
	{Name: serverChoice, Web: "Boot Server", Type: between(0, 3), Default: "3", Meaning: "0 option 66, 1 custom option, 2 static, 3 custom then 66", Source: "PC-ID-8"},
	{Name: customOption, Web: "Custom Option", Type: between(128, 254), Default: "160", Meaning: "number of the custom option", Source: "PC-ID-8"},
	{Name: customType, Web: "Custom Option Type", Type: between(0, 1), Default: "1", Meaning: "0 an address, 1 a text", Source: "PC-ID-8"},
	{Name: serverType, Web: "Server Type", Type: between(0, 4), Default: "0", Meaning: "of an address without a scheme: 0 FTP, 1 TFTP, 2 HTTP, 3 HTTPS, 4 FTPS", Source: "PC-ID-8"},
	{Name: serverName, Web: "Server Address", Type: profile.Text, Meaning: "the stored boot server", Source: "PC-SRC-2"},
	{Name: serverUser, Web: "Server User", Type: profile.Text, Default: "PlcmSpIp", Meaning: "user name at the boot server", Source: "PC-ID-8"},
	{Name: serverPass, Web: "Server Password", Type: profile.Secret, Default: "PlcmSpIp", Meaning: "password at the boot server", Source: "PC-ID-8"},
	{Name: serverTries, Web: "File Transfer Tries", Type: between(1, 10), Default: "3", Meaning: "tries of a request without an answer", Source: "PC-RETRY-1"},
	{Name: serverWait, Web: "Retry Wait", Type: between(0, 300), Unit: "seconds", Default: "1", Meaning: "from the start of a try to the next", Source: "PC-RETRY-1"},
	{Name: tagSerial, Web: "Tag Serial Number", Type: profile.Switch, Default: "0", Meaning: "the User-Agent names the address", Source: "PC-ID-3"},
	{Name: fileKey, Web: "Configuration Key", Type: profile.NewType("key of encrypted files", checkKey, func(string) string { return "******" }), Meaning: "opens encrypted files", Source: "PC-ENC-1"},
	{Name: encryptsDir, Web: "Encrypt Directory", Type: profile.Switch, Default: "0", Meaning: "a directory is encrypted before the phone sends it", Source: "PC-ENC-4"},
	{Name: encryptsOver, Web: "Encrypt Overrides", Type: profile.Switch, Default: "0", Meaning: "override files are encrypted before the phone sends them", Source: "PC-ENC-4"},
	{Name: pollingOn, Web: "Polling", Type: profile.Switch, Default: "0", Meaning: "the phone asks again by itself", Source: "PC-POLL-1"},
	{Name: pollingMode, Web: "Polling Mode", Type: oneOf("abs", "rel", "random"), Default: "abs", Meaning: "how the time of a poll is found", Source: "PC-POLL-1"},
	{Name: pollingPeriod, Web: "Polling Period", Type: between(3601, 1<<31-1), Unit: "seconds", Default: "86400", Meaning: "time between polls", Source: "PC-POLL-1"},
	{Name: pollingTime, Web: "Polling Time", Type: profile.NewType("time of day", checkTime, nil), Default: "03:00", Meaning: "when a poll of mode abs is due", Source: "PC-POLL-1"},
	{Name: pollingEnd, Web: "Polling Random End", Type: profile.NewType("time of day, or nothing", checkEnd, nil), Meaning: "end of the window of mode random", Source: "PC-POLL-1"},
	{Name: alwaysReboot, Web: "Check-sync Reboots", Type: profile.Switch, Default: "0", Meaning: "check-sync reboots the phone at once", Source: "PC-SYNC-1"},
	{Name: logPeriod, Web: "Log Upload Period", Type: between(1, 1<<31-1), Unit: "seconds", Default: "172800", Meaning: "time between uploads of the application's log", Source: "PC-UP-1"},
	{Name: regAddress, Web: "Line 1 Address", Type: profile.Text, Meaning: "user or user@host of line 1", Source: "sip.cfg"},
	{Name: "reg.1.displayName", Web: "Line 1 Display Name", Type: profile.Text, Meaning: "name that others see", Source: "sip.cfg"},
	{Name: "reg.1.label", Web: "Line 1 Label", Type: profile.Text, Meaning: "text beside the line's key", Source: "sip.cfg"},
	{Name: "reg.1.auth.userId", Web: "Line 1 User", Type: profile.Text, Meaning: "user of line 1's account", Source: "sip.cfg"},
	{Name: "reg.1.auth.password", Web: "Line 1 Password", Type: profile.Secret, Meaning: "password of line 1's account", Source: "sip.cfg"},
	{Name: "reg.1.server.1.address", Web: "Line 1 Server", Type: profile.Text, Meaning: "SIP server of line 1", Source: "sip.cfg"},
	{Name: startDelay, Web: "Emulator Start Delay", Type: between(0, 3600), Unit: "seconds", Default: "3", Meaning: "from the lease to the first request; ours", Source: "PC-FILE-10"},
	{Name: applicationDelay, Web: "Emulator Application Delay", Type: between(0, 3600), Unit: "seconds", Default: "20", Meaning: "from the bootROM's last request to the application's first; ours", Source: "PC-FILE-10"},
	{Name: imageInFlash, Web: "Emulator Image In Flash", Type: oneOf("current", "old", "none"), Default: "current", Meaning: "the image that the phone has: the server's, an older one, or none; ours", Source: "PC-IMG-4"},
	{Name: directory, Web: "Emulator Directory", Type: profile.NewType("contacts", checkContacts, nil), Meaning: "contacts that the phone's user has entered: NUMBER NAME, with commas between them; ours", Source: "PC-UP-2"},
}

// checkContacts holds a text against the form of [directory].
func checkContacts(value string) error {
	for entry := range strings.SplitSeq(value, ",") {
		if _, name, ok := strings.Cut(strings.TrimSpace(entry), " "); value != "" && (!ok || strings.TrimSpace(name) == "") {
			return fmt.Errorf("found the entry %s, want NUMBER NAME, with commas between entries", profile.Quote(strings.TrimSpace(entry)))
		}
	}
	return nil
}

func checkTime(value string) error {
	if _, err := time.Parse("15:04", value); err != nil {
		return fmt.Errorf("found %s, want HH:MM", profile.Quote(value))
	}
	return nil
}

func checkEnd(value string) error {
	if value == "" {
		return nil
	}
	return checkTime(value)
}

// known returns what is known about a parameter. Those of all lines are like those of
// line 1.
func known(t profile.Table, name string) (profile.Parameter, bool) {
	if p, ok := t.Named(name); ok {
		return p, true
	}
	if rest, ok := strings.CutPrefix(name, "reg."); ok {
		if line, after, ok := strings.Cut(rest, "."); ok {
			if _, err := strconv.Atoi(line); err == nil {
				return t.Named("reg.1." + after)
			}
		}
	}
	return profile.Parameter{}, false
}

const day = 24 * 60 * 60

// schedules returns when the phone polls (PC-POLL-2, PC-POLL-3) and sends its log
// (PC-UP-1).
func schedules(f *steps.Firmware) resync.Settings {
	set := resync.Settings{Begin: steps.LocalTime(f.Model.Epoch)}
	poll := resync.Schedule{Job: resync.Resync, AtBoot: resync.AnyBoot, Lines: resync.IgnoresThem}
	period := f.Number(pollingPeriod)
	seconds := time.Duration(period) * time.Second
	daily := &resync.Daily{At: steps.TimeOfDay(f.Text(pollingTime)), Days: (period + day - 1) / day}
	switch mode := f.Text(pollingMode); {
	case f.Text(pollingOn) != "1":
	case mode == "rel":
		poll.Every = resync.Every(seconds)
	case mode == "abs":
		poll.Daily = daily
	case period <= day: // random: the first poll is anywhere in the period
		poll.Every = resync.Delays{{Base: 1, Spread: seconds - 2}, {Base: seconds}}
	default:
		daily.ByMAC, daily.Window = true, steps.Window(daily.At, f.Text(pollingEnd))
		poll.Daily = daily
	}
	set.Jobs[0] = poll
	set.Jobs[1] = resync.Schedule{
		Job: resync.KeepAlive, FromBoot: true, Every: resync.Every(time.Duration(f.Number(logPeriod)) * time.Second), Lines: resync.IgnoresThem,
	}
	return set
}
