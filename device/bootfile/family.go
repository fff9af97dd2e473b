package bootfile

import (
	"path"
	"strings"
	"time"

	"provsim/device"
	"provsim/device/steps"
	"provsim/macro"
	"provsim/profile"
	"provsim/resync"
)

// Family is what the phones of one vendor differ in from those of another.
type Family struct {
	// Vendor is the vendor's word in SIP PnP (YL-SRC-2, FIP-SRC-3).
	Vendor string
	// Common returns the name of the file for all phones of a model.
	Common func(product string) string
	// Boots reports whether a firmware version looks for boot files.
	Boots func(software string) bool
	// Vars are the macros of server URLs.
	Vars func(device.Identity, device.Lease) macro.Vars
	// Reboots reports whether the phone reboots for a changed setting.
	Reboots func(name string) bool
	// Image returns the version that the name of an image says it has.
	Image func(name string) string
	// AESKeys says that files may be encrypted.
	AESKeys bool
	// JoinsBoot says that option 67 of the lease is a file or a directory of the
	// server that option 66 names.
	JoinsBoot bool
	// Uploads says that phones upload what a person has set (YL-OUT-1).
	Uploads bool
}

// Firmware returns the firmware of a family.
func (f *Family) Firmware() *steps.Vendor {
	return &steps.Vendor{
		Plan: f.plan, KeepAlive: f.upload, Schedules: schedules, TLS: tls,
		Changed: steps.ByDigest, Skips: true, Merge: merge, Reboots: f.Reboots,
	}
}

// tls returns what the phones check of a server (YL-ID-5, FIP-ID-4).
func tls(f *steps.Firmware) device.TLSOptions {
	o := f.Trusts(f.Text(trust) == "0", f.Text(checkName) == "0")
	if only, ok := map[string]device.TLSVersion{"0": 10, "4": 11, "5": 12}[f.Text(sslMethod)]; ok {
		o.TLSRange = device.TLSRange{Min: only, Max: only}
	}
	return o
}

// PnP is a quirk: whether the phone asks by SIP PnP.
const PnP = "pnp"

// schedules returns when the phones resync (YL-TRG-1, YL-TRG-3, YL-TRG-5).
func schedules(f *steps.Firmware) resync.Settings {
	set := resync.Settings{Begin: steps.LocalTime(f.Model.Epoch)}
	sync := resync.Schedule{Job: resync.Resync, FromBoot: true, Lines: resync.WaitsIdle, Looks: 30 * time.Second, GivesUp: 2 * time.Hour}
	if f.Text(powerOn) != "0" {
		sync.AtBoot = resync.AnyBoot
	}
	switch {
	case f.Text(flexibleOn) == "1":
		begin := steps.TimeOfDay(f.Text(flexibleBegin))
		sync.Daily = &resync.Daily{At: begin, Window: steps.Window(begin, f.Text(flexibleEnd)), Days: max(f.Number(flexibleDays), 1), ByMAC: true}
	case f.Text(weeklyOn) == "1":
		begin := steps.TimeOfDay(f.Text(weeklyBegin))
		sync.Daily = &resync.Daily{At: begin, Window: steps.Window(begin, f.Text(weeklyEnd)), Week: steps.Week(f.Text(weeklyDays))}
	case f.Text(repeatOn) == "1":
		sync.Every = resync.Every(time.Duration(min(max(f.Number(repeatMinutes), 1), 43200)) * time.Minute)
	}
	set.Jobs[0] = sync
	f.Own = newOwn(f)
	return set
}

// plan is a resync (YL-PLAN-1 to -8).
func (f *Family) plan(r *steps.Run) {
	if r.Device.Cause() == resync.AtBoot && !action(r, actionBoot) {
		return
	}
	server, ok := f.find(r)
	if !ok {
		return
	}
	g := &getter{Family: f, r: r, server: server}
	switch {
	case strings.HasSuffix(server.File, ".boot"):
		g.boot(func() (profile.Target, string) { return g.At(g.File), "" }, "boot", false)
	case server.File != "":
		g.file(g.whole, "file", commonKey, false)
	case !f.Boots(r.Device.Software()):
		g.both()
	case g.boot(func() (profile.Target, string) { return g.at("$MA.boot", r.Device) }, "own boot", true), r.Stopped():
	case g.boot(func() (profile.Target, string) { return g.at("y000000000000.boot", r.Device) }, "boot", true), r.Stopped():
	default:
		g.both()
	}
	if !r.Stopped() && r.Text(customSync) == "1" {
		g.file(g.local, "local", ownKey, true)
	}
	if r.Stopped() {
		return
	}
	protect(r)
	if action(r, actionDone) {
		r.Finish()
	}
}

// find returns where the files are, by the sources in their order (YL-SRC-1). It reports
// false where there is no answer yet, and where the job has ended without one.
func (f *Family) find(r *steps.Run) (*server, bool) {
	pnp := r.Model.PnP != "" && r.Model.Quirks[PnP] != "off"
	if s := ownOf(r).latest; s != nil && !pnp && s.settings == r.Config() && s.offer == r.Device.Lease().Offer {
		return s, true
	}
	url, ok := r.Redirect(r.Text(RedirectServer))
	if !ok {
		return nil, false
	}
	if url == "" && pnp && r.Text(pnpOn) != "0" {
		id := r.Device.Identity()
		url, ok = r.PnP("MAC%3a"+id.MAC.String(), r.PnPEvent(f.Vendor, id.Product), f.Vendor+" SIP-"+id.Product+" "+id.Software)
		if !ok {
			return nil, false
		}
	}
	s, err := f.source(r, url)
	if err != nil {
		r.End(*err)
		return nil, false
	}
	return s, true
}

// getter is a run with the server that it goes to.
type getter struct {
	*Family
	*server
	r *steps.Run
}

// whole returns where the file is that the source names.
func (g *getter) whole() (profile.Target, string) { return g.Whole(), "" }

// both asks for the file of the model and the phone's own.
func (g *getter) both() {
	common := func() (profile.Target, string) { return g.at(g.Common(g.r.Device.Product().Name), g.r.Device) }
	if g.file(common, "common", commonKey, true); g.r.Stopped() {
		return
	}
	g.file(func() (profile.Target, string) {
		if url := g.r.Text(ownURL); url != "" {
			return g.At(url), ""
		}
		return g.at("$MA.cfg", g.r.Device)
	}, "own", ownKey, false)
}

// boot asks for a boot file and, where it is there, for what it names. It reports
// whether the boot file was there.
func (g *getter) boot(where place, slot string, may bool) bool {
	boots, ok := g.r.Known()
	if !ok {
		boots, ok = g.r.Fetch(g.ask(where, slot, openBoot, may))
	}
	if !ok {
		return false
	}
	b, found := boots.More.(*boot)
	if !found {
		return false
	}
	if b.overwrite {
		g.r.Has(resets)
	}
	base := g.Base
	base.Path = path.Dir(g.At("x").Path)
	base.Path = strings.TrimSuffix(base.Path, "/") + "/"
	for _, include := range b.names(g.r.Device.Product().Name) {
		if g.file(func() (profile.Target, string) { return base.At(include), "" }, "include "+include, commonKey, false); g.r.Stopped() {
			return true
		}
	}
	return true
}

// resets is the file that stands for overwrite_mode 1: what no file names goes to
// its factory value (YL-FMT-3).
var resets = &device.File{Name: "overwrite_mode", Config: func() profile.Config {
	var b profile.Builder
	b.Set("overwrite_mode", "1", 0)
	return b.Config()
}()}

// merge applies a file to settings.
func merge(f *steps.Firmware, old profile.Config, file *device.File) *device.Change {
	if file != resets {
		return f.Merge(old, file)
	}
	return &device.Change{Config: old.Filter(func(name, _ string) bool {
		return strings.HasPrefix(name, pre+"server.") || strings.HasPrefix(name, users)
	})}
}

// file asks for a configuration, and for the firmware that it names before the next
// file is asked for (YL-PLAN-7, YL-PLAN-8).
func (g *getter) file(where place, slot, key string, may bool) {
	if g.AESKeys && g.r.Text(keyInFile) == "1" && !g.beside(where, slot) {
		return
	}
	file, ok := g.r.Known()
	if !ok {
		a := g.ask(where, slot, OpenConfig, may)
		if g.AESKeys {
			a.Key = g.r.Text(key)
			only := g.r.Text(encryptedOnly) == "1"
			if a.Open = withoutKey; a.Key != "" || only {
				a.Open = opener(a.Key, only)
			}
			if only {
				a.Key += "\x00only"
			}
		}
		file, ok = g.r.Fetch(a)
	}
	if !ok {
		return
	}
	if file.Fault.Outcome != resync.None {
		return
	}
	url, named := file.Config.Get(firmwareURL)
	if !named {
		url, named = file.Config.Get(firmwareURLOld)
	}
	if named && url != "" {
		g.image(g.At(url))
	}
}

// image asks for the firmware. One of the version that runs is not read further;
// another one ends the run (YL-UP-1, YL-UP-2).
func (g *getter) image(t profile.Target) {
	version := g.Image(t.Path)
	a := g.ask(func() (profile.Target, string) { return t, "" }, "firmware", nil, false)
	a.Class, a.Limit, a.Timeout = device.ImageClass, g.r.Model.FirmwareLimit, g.r.Model.Timeout
	image, ok := g.r.Fetch(a)
	if !ok {
		return
	}
	if image.Fault.Outcome != resync.None || version == "" || version == g.r.Device.Software() {
		return
	}
	protect(g.r)
	g.r.Install(version, t.URL())
}

// ask returns a step with the phone's timeouts and tries (YL-TRG-2).
func (g *getter) ask(where place, slot string, open func([]byte) *device.File, may bool) steps.Ask {
	own := ownOf(g.r)
	a := steps.Ask{Slot: slot, Open: open, May: may, Timeout: own.timeout, Tries: own.tries, Wait: own.wait}
	if g.r.Reply() == nil {
		a.Target, a.URL = where()
	}
	return a
}
