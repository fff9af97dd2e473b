package grandstream

import (
	"slices"
	"strconv"
	"strings"
	"time"

	"provsim/device"
	"provsim/device/steps"
	"provsim/profile"
	"provsim/resync"
)

// schedules returns when a phone resyncs (GS-TRG-1, GS-TRG-2).
func schedules(f *steps.Firmware) resync.Settings {
	set := resync.Settings{Begin: steps.LocalTime(f.Model.Epoch)}
	sync := resync.Schedule{Job: resync.Resync, FromBoot: true, Lines: resync.WaitsIdle}
	if f.Text(checkRule) != "2" {
		sync.AtBoot = resync.AnyBoot
	}
	how, least := f.Text(upgradeMode), 60
	if v2 := f.Text(upgradeModeV); v2 != "0" {
		how, least = v2, 30
	}
	from := time.Duration(min(f.Number(fromHour), 23)) * time.Hour
	daily := &resync.Daily{At: from}
	if f.Text(randomTime) == "Yes" {
		daily.Window = (time.Duration(min(f.Number(toHour), 23))*time.Hour - from + 24*time.Hour) % (24 * time.Hour)
	}
	switch how {
	case "1":
		sync.Every = resync.Every(time.Duration(min(max(f.Number(minutes), least), 5256000)) * time.Minute)
	case "2":
		sync.Daily = daily
	case "3":
		daily.Week = steps.Week(f.Text(weekDays))
		sync.Daily = daily
	}
	set.Jobs[0] = sync
	return set
}

// getter is a run.
type getter struct {
	*steps.Run
	generation
}

// plan is a resync: the configuration and then the firmware, or the other way round
// (GS-UP-1).
func plan(r *steps.Run) {
	name := r.Model.Quirks[planQuirk]
	if name == "" || name == "product" {
		name = generationOf(r.Device.Product().Name, r.Device.Software())
	}
	g := &getter{Run: r, generation: generations[name]}
	if g.learn(); g.Stopped() {
		return
	}
	first := r.Model.Quirks.On(firmwareFirst)
	if first {
		if g.firmware(); g.Stopped() {
			return
		}
	}
	failure, found := g.files(false)
	if !found && !g.Stopped() && r.Text(dhcpOn) == "3" && g.option() != "" {
		failure, _ = g.files(true)
	}
	switch {
	case g.Stopped():
		return
	case failure.Outcome != resync.None:
		r.End(failure)
		return
	}
	if !first {
		g.firmware()
	}
	if g.tones(); g.Stopped() {
		return
	}
	v := r.Result()
	if v.Outcome == resync.Applied && g.reboots() {
		v.After = device.Reboot
	}
	r.End(v)
}

// learn asks for the server by SIP PnP, as long as none is stored. The one that it names
// is stored (GS-SRC-4, GS-SRC-5).
func (g *getter) learn() {
	if server, _ := g.Device.Stored().Config.Get(configServer); server != "" || g.Model.PnP == "" || g.Text(pnpOn) != "1" {
		return
	}
	id := g.Device.Identity()
	url, _ := g.PnP("MAC%3A"+id.MAC.Upper(), g.PnPEvent("Grandstream", id.Product), "Grandstream "+id.Product+" "+id.Software)
	if url != "" {
		var b profile.Builder
		b.Set(configVia, schemeOf(url), 0)
		b.Set(configServer, pathOf(url), 0)
		g.Has(&device.File{Name: "pnp-url", Config: b.Config()})
	}
}

// files asks for the configuration, of the server that only the lease names where
// fallback is set. A failure that is more than a missing or useless file ends the run
// (section 10 of the rules).
func (g *getter) files(fallback bool) (failure device.Ending, found bool) {
	names := g.order()
	last := len(names) - 1
	for i, name := range names {
		isBinary := slices.Contains(binaries, name)
		if found && g.Text(all) != "1" && (!isBinary || !g.always) {
			break
		}
		if isBinary && g.Text(fileKinds) == "46" {
			continue
		}
		base, err := g.base(fallback)
		if err != nil {
			return *err, false
		}
		file, ok := g.Fetch(g.ask(base, name, i < last || found))
		if !ok {
			return failure, found
		}
		switch file.Fault.Outcome {
		case resync.None:
			found = found || !isBinary
		case resync.NotFound, resync.Corrupt, resync.BadKey, resync.Empty:
		default:
			return file.Fault, found
		}
	}
	return failure, found
}

// order returns the names of the files, with macros (GS-PLAN-2, -2a, -3, -4).
func (g *getter) order() []string {
	names := g.names
	if list := g.Text(order); list != "" {
		names = nil
		for name := range strings.SplitSeq(list, ";") {
			if name = strings.TrimSpace(name); name != "" && len(names) < mostNames && !strings.ContainsFunc(name, unfit) {
				names = append(names, name)
			}
		}
	}
	if g.Text(all) == "1" {
		var first, rest []string
		for _, name := range names {
			if slices.Contains(binaries, name) {
				first = append(first, name)
			} else {
				rest = append([]string{name}, rest...)
			}
		}
		names = append(first, rest...)
	}
	if g.Model.Quirks.On(devCfg) {
		names = append(slices.Clone(names), "dev$mac.cfg")
	}
	return names
}

// mostNames bounds what a file may put into P8501.
const mostNames = 20

func unfit(c rune) bool { return c <= ' ' || c == 0x7f }

// ask returns the step for a file (GS-SRC-7, GS-PLAN-6, GS-TRG-4).
func (g *getter) ask(base steps.Base, name string, may bool) steps.Ask {
	key := g.Text(xmlPassword)
	a := g.plain(base, name, g.Text(configPrefix)+g.expand(name)+g.Text(configSuffix), may)
	a.Open, a.Key = opener(key, g.Model.Quirks[kdf]), key
	a.Check = func(file *device.File) device.Ending {
		f, _ := file.More.(form)
		switch {
		case f.hasMAC && f.mac != g.Device.MAC():
			return device.Ending{Outcome: resync.Corrupt, Note: "the file is for " + f.mac.String()}
		case f.binary && g.Text(authenticate) == "1":
			return device.Ending{Outcome: resync.Corrupt, Note: "the binary file is not authenticated by the administrator's password (P240)"}
		}
		return device.Ending{}
	}
	return a
}

// plain returns the step for a file that is not read.
func (g *getter) plain(base steps.Base, slot, name string, may bool) steps.Ask {
	a := steps.Ask{
		Slot: slot, Target: base.At(name), May: may, Timeout: 30 * time.Second,
		TFTP: device.TFTPOptions{BlockSize: 1024, Size: true}, Slash: g.old,
	}
	if g.old {
		a.TFTP.Timeout = 4 * time.Second
	}
	if base.Scheme == "tftp" {
		a.Tries = 3
	}
	return a
}

func (g *getter) expand(name string) string {
	name = strings.ReplaceAll(name, "$mac", g.Device.MAC().String())
	return strings.ReplaceAll(name, "$product", strings.ToLower(g.Device.Product().Name))
}

// base returns the server of the configuration. It is worked out for each file: the
// one before it may have changed the settings (GS-PLAN-1, GS-SRC-3).
func (g *getter) base(fallback bool) (steps.Base, *device.Ending) {
	text := ""
	if how := g.Text(dhcpOn); how == "1" || how == "2" || fallback {
		text = g.option()
	}
	if strings.Contains(text, "://") {
		return g.server(text, "")
	}
	via := g.scheme(configVia)
	if text != "" {
		return g.server(text, via)
	}
	text = g.Text(configServer)
	switch {
	case text == "":
		none := g.Device.NoServer("no option names a server, and the server path (P237) is empty; the vendor's redirection service is not asked", g.numbers()...)
		return steps.Base{}, &none
	case strings.Contains(text, "://") && !g.Model.Quirks.On(schemeInPath):
		scheme, _, _ := strings.Cut(text, "://")
		return steps.Base{}, &device.Ending{Outcome: resync.DNS, Note: "the server path (P237) begins with a scheme, so the phone looks for a host " + profile.Quote(scheme+":")}
	}
	return g.server(text, via)
}

// option returns the server of the lease (GS-SRC-3).
func (g *getter) option() string {
	lease := g.Device.Lease()
	for _, number := range g.numbers() {
		if text := steps.OptionText(lease, strconv.Itoa(int(number))); text != "" {
			return text
		}
		if addrs := lease.Offer.Addrs(150); number == 150 && len(addrs) > 0 {
			return addrs[0].String()
		}
	}
	return ""
}

// numbers are the options that are read, in their order.
func (g *getter) numbers() []uint8 {
	switch g.Text(dhcpExtra) {
	case "1":
		return []uint8{150, 66, 43}
	case "2":
		return []uint8{160, 66, 43}
	}
	return []uint8{66, 43}
}

// scheme returns the protocol that a setting chooses.
func (g *getter) scheme(name string) string {
	if _, stored := g.Config().Get(name); !stored && g.old {
		return "http"
	}
	n, _ := strconv.Atoi(g.Text(name))
	return protocols[n]
}

// server reads a path, which is always a directory, and adds the credentials.
func (g *getter) server(text, scheme string) (steps.Base, *device.Ending) {
	base, err := steps.ParseBase(strings.TrimRight(text, "/")+"/", scheme)
	if err != nil {
		return base, &device.Ending{Outcome: resync.BadRule, Note: err.Error()}
	}
	base.Login(g.Text(user), g.Text(password))
	return base, nil
}

// firmware asks for the firmware. Another version than the one that runs is installed
// and ends the run; all else is as if nothing had been there (GS-UP-1, GS-UP-2,
// GS-TRG-2).
func (g *getter) firmware() {
	changed := g.Text(imagePrefix) != g.Firmware.Text(imagePrefix) || g.Text(imageSuffix) != g.Firmware.Text(imageSuffix)
	rule, path := g.Text(checkRule), g.Text(imageServer)
	if path == "" || rule == "2" || rule == "1" && !changed {
		return
	}
	base, err := g.server(path, g.scheme(imageVia))
	if err != nil {
		return
	}
	product := g.Device.Product().Name
	for _, name := range images(product, g.generation) {
		a := g.plain(base, name, g.Text(imagePrefix)+name+g.Text(imageSuffix), true)
		a.Class, a.Limit, a.Timeout = device.ImageClass, g.Model.FirmwareLimit, g.Model.Timeout
		a.Open, a.Key = steps.OpenImage(product), product
		image, ok := g.Fetch(a)
		if !ok {
			return
		}
		if image.Fault.Outcome == resync.None && image.Version != g.Device.Software() {
			g.Install(image.Version, a.Target.URL())
			return
		}
	}
}

// tones asks for the files that phones of the first generation ask for beside their
// configuration.
func (g *getter) tones() {
	base, err := g.base(false)
	if g.Stopped() || !g.old || err != nil {
		return
	}
	names := []string{"ring1.bin", "ring2.bin", "ring3.bin"}
	if g.Text(phoneBook) != "0" {
		names = append(names, "$mac/phonebook")
	}
	for _, name := range names {
		a := g.plain(base, name, g.expand(name), true)
		a.Class = device.AuxClass
		if _, ok := g.Fetch(a); !ok {
			return
		}
	}
}

// reboots reports whether the phone reboots for what the files have changed: the
// binary file never causes it (GS-CHG-2).
func (g *getter) reboots() bool {
	if g.Text(forceReboot) == "1" {
		return true
	}
	for _, file := range g.Files() {
		if f, _ := file.More.(form); f.binary {
			continue
		}
		for name, value := range file.Config.All() {
			if slices.Contains(rebooting, name) && value != g.Firmware.Text(name) {
				return true
			}
		}
	}
	return false
}
