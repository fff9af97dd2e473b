package fanvil

import (
	"cmp"
	"path"
	"strconv"
	"strings"
	"time"

	"provsim/device"
	"provsim/device/steps"
	"provsim/profile"
	"provsim/resync"
)

// schedules returns when a phone resyncs and looks for firmware (FA-TRG-1, FA-UP-2).
func schedules(f *steps.Firmware) resync.Settings {
	sync := resync.Schedule{Job: resync.Resync, FromBoot: true, Lines: resync.WaitsIdle}
	if f.Text(flashMode) != "0" || f.Text(dhcpOption) != "0" || f.Text(pnpOn) == "1" {
		sync.AtBoot = resync.AnyBoot
	}
	if f.Text(flashMode) == "2" {
		sync.Every = resync.Every(hours(f, flashHours))
	}
	set := resync.Settings{Jobs: [2]resync.Schedule{sync}}
	if f.Text(autoUpgrade) == "1" {
		set.Jobs[1] = resync.Schedule{
			Job: resync.Upgrade, AtBoot: resync.AnyBoot, Yields: sync.AtBoot != 0, FromBoot: true,
			Every: resync.Every(hours(f, upgradeHours)), Lines: resync.WaitsIdle,
		}
	}
	return set
}

func hours(f *steps.Firmware, name string) time.Duration {
	return time.Duration(min(max(f.Number(name), 1), 24*365)) * time.Hour
}

// getter is a run with the server that it goes to.
type getter struct {
	*steps.Run
	base  steps.Base
	learn bool // a lease or SIP PnP has named the server
}

// plan is a resync: a source, the common file, the phone's own, and what they name
// (FA-SRC-1, FA-PLAN-1, FA-PLAN-4, FA-PLAN-6).
func plan(r *steps.Run) {
	g := &getter{Run: r}
	if g.source(); g.Stopped() {
		return
	}
	names := []string{g.common(), g.own()}
	slots := []string{"common", "own"}
	if g.learn && g.base.File != "" { // FA-PLAN-3
		names[0], names[1] = "", g.base.File+g.base.Query
	}
	if r.Model.Quirks.On(deviceFirst) {
		names[0], names[1], slots[0], slots[1] = names[1], names[0], slots[1], slots[0]
	}
	var lost device.Ending // why the phone's own file did not come
	for i, name := range names {
		if name == "" {
			continue
		}
		file, ok := g.config(slots[i], name)
		if !ok {
			return
		}
		switch file.Fault.Outcome {
		case resync.None:
		case resync.NotFound, resync.Corrupt, resync.Empty:
			if slots[i] == "own" {
				lost = file.Fault
			}
		default:
			r.End(file.Fault)
			return
		}
	}
	v := r.Result()
	if v.Outcome == resync.Applied {
		if g.extra(); g.Stopped() {
			return
		}
	}
	switch g.image(); {
	case g.Stopped():
	case lost.Outcome != resync.None:
		r.End(lost)
	default:
		r.End(v)
	}
}

// source finds the server (FA-SRC-1 to -5, FA-SRC-7).
func (g *getter) source() {
	order := []func() string{g.lease, g.pnp}
	if g.Model.Quirks[discovery] == "pnp-first" {
		order[0], order[1] = g.pnp, g.lease
	}
	text := ""
	for _, source := range order {
		if text = source(); g.Stopped() {
			return
		}
		if text != "" {
			g.learn = true
			break
		}
	}
	if !g.learn && g.Text(flashMode) != "0" {
		text = g.Text(flashServer)
	}
	if text == "" { // FA-SRC-6
		url, ok := g.Redirect(g.Text(redirectServer))
		if !ok {
			return
		}
		text, g.learn = url, url != ""
	}
	if text == "" {
		number, _ := strconv.ParseUint(g.Text(dhcpOption), 10, 8) // 0, which no lease has, where it is none
		g.End(g.Device.NoServer("no option "+g.Text(dhcpOption)+" of the lease and no stored server names one", uint8(number)))
		return
	}
	base, err := steps.ParseBase(g.expand(text), protocols[g.Text(flashProtocol)])
	if err != nil {
		g.end(resync.BadRule, err.Error())
		return
	}
	base.Login(g.Text(defaultUser), g.Text(defaultPass))
	if base.User == "" && base.Scheme == "ftp" {
		base.User = "anonymous"
	}
	g.base = base
	if g.learn && g.Text(saveInfo) == "1" {
		var b profile.Builder
		b.Set(flashServer, text, 0)
		g.Has(&device.File{Name: "source", Digest: steps.Digest([]byte(text)), Aside: true, Config: b.Config()})
	}
}

func (g *getter) end(o resync.Outcome, note string) {
	g.End(device.Ending{Outcome: o, Note: note})
}

func (g *getter) lease() string {
	return steps.OptionText(g.Device.Lease(), g.Text(dhcpOption))
}

// pnp asks for the server by SIP PnP (FA-SRC-3).
func (g *getter) pnp() string {
	if g.Model.PnP == "" || g.Text(pnpOn) != "1" {
		return ""
	}
	url, _ := g.PnP("MAC%3A"+g.Device.MAC().String(), g.PnPEvent("Fanvil", "VOIP PHONE"), userAgent(g.Device.Identity()))
	return url
}

// expand replaces the macros; others stay as they are (FA-SRC-5).
func (g *getter) expand(text string) string {
	text = strings.ReplaceAll(text, "$mac", g.Device.MAC().String())
	return strings.ReplaceAll(text, "$input", g.Text(userInput))
}

// common returns the name of the common file; "" where none is asked for (FA-PLAN-1,
// FA-PLAN-2).
func (g *getter) common() string {
	if g.Text(commonOn) != "1" {
		return ""
	}
	return cmp.Or(g.Text(commonName), commons[g.Device.Product().Name])
}

// own returns the name of the phone's own file (FA-PLAN-3).
func (g *getter) own() string {
	switch name := g.expand(g.Text(flashFile)); {
	case g.Text(deviceOn) != "1":
		return ""
	case name != "":
		return name
	case g.base.File != "":
		return g.base.File + g.base.Query
	}
	return g.Device.MAC().String() + ".cfg"
}

// config asks for a configuration.
func (g *getter) config(slot, name string) (*device.File, bool) {
	key := g.Text(deviceKey)
	if slot == "common" {
		key = g.Text(commonKey)
	}
	a := g.ask(slot, g.base.At(name))
	a.May, a.Open, a.Key = slot == "common", opener(key, g.Model.Quirks[change]), key
	return g.Fetch(a)
}

// ask returns a step with the phone's tries (FA-TRG-2).
func (g *getter) ask(slot string, t profile.Target) steps.Ask {
	return steps.Ask{Slot: slot, Target: t, Tries: g.Number(failTimes), Wait: 5 * time.Second}
}

// extra asks for pictures and phone books (FA-PLAN-6).
func (g *getter) extra() {
	url := g.expand(g.Text(autoEtc))
	if url == "" {
		return
	}
	a := g.ask("etc", g.base.At(url))
	a.Class, a.May = device.AuxClass, true
	g.Fetch(a)
}

// image asks for the firmware that a configuration names, unless the last one had the
// same file name (FA-UP-1).
func (g *getter) image() {
	url := g.expand(g.Text(autoImage))
	if g.Stopped() || url == "" || path.Base(url) == path.Base(g.Device.Stored().UpgradeURL) {
		return
	}
	g.load(g.base.At(url))
}

// load fetches firmware and installs it; an image of another model is left alone. It
// reports why it was not installed.
func (g *getter) load(t profile.Target) device.Ending {
	a := g.ask("image", t)
	product := g.Device.Product().Name
	a.Class, a.Limit, a.Open, a.Key = device.ImageClass, g.Model.FirmwareLimit, steps.OpenImage(product), product
	image, ok := g.Fetch(a)
	switch {
	case !ok:
	case image.Fault.Outcome == resync.None:
		g.Install(image.Version, t.URL())
	default:
		return image.Fault
	}
	return device.Ending{}
}

// upgrade looks for firmware by an index file, on the first server and then on the
// second (FA-PLAN-5, FA-UP-2).
func upgrade(r *steps.Run) {
	g := &getter{Run: r}
	failure := device.Ending{Outcome: resync.NoServer, Note: "Upgrade Server 1 and 2 are empty"}
	for _, setting := range []string{upgrade1, upgrade2} {
		server := g.Text(setting)
		if server == "" {
			continue
		}
		base, err := steps.ParseBase(strings.TrimRight(server, "/")+"/", "http")
		if err != nil {
			failure = device.Ending{Outcome: resync.BadRule, Note: setting + ": " + err.Error()}
			continue
		}
		a := g.ask(setting, base.At(indexName(r.Device.Identity())))
		a.Class, a.Open, a.May = device.AuxClass, openIndex, setting == upgrade1
		file, ok := g.Fetch(a)
		if !ok {
			return
		}
		i, found := file.More.(index)
		if !found {
			failure = file.Fault
			continue
		}
		if i.version == r.Device.Software() {
			r.End(device.Ending{Outcome: resync.Unchanged, Version: i.version})
			return
		}
		if failure = g.load(base.At(i.url)); g.Stopped() {
			return
		}
		break
	}
	r.End(failure)
}

// indexName returns the name of the index of firmware (FA-PLAN-5).
func indexName(id device.Identity) string {
	model := strings.NewReplacer(" ", "_", "-", "_").Replace(strings.ToLower(id.Product))
	return "fanvil_" + model + "_hwv" + strings.ReplaceAll(id.Hardware, ".", "_") + ".txt"
}
