package snom

import (
	"path"
	"strconv"
	"strings"
	"time"

	"provsim/device"
	"provsim/device/steps"
	"provsim/macro"
	"provsim/profile"
	"provsim/resync"
)

const (
	mostNested = 5 // files that name files (SN-PLAN-3)
	mostHops   = 5 // changes of setting_server in one run (SN-CHG-2)
)

// plan is a resync: the sources in their order, each with its files (SN-SRC-1).
func plan(r *steps.Run) {
	g := &getter{Run: r}
	r.TLS.AnyChain = anyChain(r.Model.Quirks, r.Device.Software())
	sources := r.Text(order)
	if r.Model.Quirks[discovery] == "2011" {
		sources = "pnp:stop stored:stop dhcp:stop" // SN-SRC-3
	}
	named := false
	for entry := range strings.FieldsSeq(sources) {
		source, mode, _ := strings.Cut(entry, ":")
		base, ok, err := g.source(source)
		if g.Stopped() {
			return
		}
		switch {
		case err != nil:
			r.End(device.Ending{Outcome: resync.BadRule, Note: source + ": " + err.Error()})
			return
		case !ok:
			continue
		}
		named = true
		found, moved := g.server(base)
		if g.Stopped() {
			return
		}
		if source == "redirection" { // SN-SRC-2: the redirection must lead to another server
			found = moved
		}
		if found && mode != "proceed" {
			break
		}
	}
	if !named {
		r.End(r.Device.NoServer("no source names a server", 66, 67, 43))
		return
	}
	if g.firmware(); !g.Stopped() {
		r.Finish()
	}
}

// getter is a run.
type getter struct {
	*steps.Run
	base steps.Base // of the server that was asked last
}

// source returns where a source leads, or false where it gives nothing.
func (g *getter) source(name string) (steps.Base, bool, error) {
	lease, text := g.Device.Lease(), ""
	switch name {
	case "redirection", "stored":
		text = g.Text(settingServer)
	case "pnp": // SN-SRC-5
		if g.Model.PnP == "" {
			break
		}
		id := g.Device.Identity()
		vendor, model := "snom", "snom"+id.Product
		if g.Model.Quirks.On(pnpOEM) {
			vendor, model = "OEM", "OEM"
		}
		text, _ = g.PnP("MAC%3a"+id.MAC.Upper(), g.PnPEvent(vendor, model), "snom"+id.Product+"/"+id.Software)
	case "dhcp":
		text = steps.OptionText(lease, "66")
		if file := steps.OptionText(lease, "67"); file != "" && strings.Contains(text, "://") { // SN-SRC-6
			text = strings.TrimSuffix(text, "/") + "/" + strings.TrimPrefix(file, "/")
		}
		if text == "" {
			text = steps.OptionText(lease, "43")
		}
	}
	if text == "" {
		return steps.Base{}, false, nil
	}
	base, err := g.parse(text)
	return base, err == nil, err
}

func (g *getter) parse(text string) (steps.Base, error) {
	if d := g.Device; strings.Contains(text, "{") {
		text = macro.Expand(text, vars(d.Identity(), d.Lease()), macro.Braces)
	}
	base, err := g.Base(text, "tftp")
	base.Login(g.Text(httpUser), g.Text(httpPass))
	return base, err
}

// server asks a server for its files, and the server that these name instead, and
// reports whether a file was found, and whether the latest server had one after the
// first had named it (SN-SRC-7, SN-PLAN-1, -2, SN-CHG-2).
func (g *getter) server(base steps.Base) (found, moved bool) {
	for hop := 0; ; hop++ {
		before := g.Text(settingServer)
		here := g.files(base)
		found, moved = found || here, hop > 0 && here
		after := g.Text(settingServer)
		if g.Stopped() || after == before || after == "" || hop == mostHops {
			return found, moved
		}
		next, err := g.parse(after)
		if err != nil {
			return found, moved
		}
		base = next
	}
}

// files asks a server for the one file that it names, or for those of the product, and
// reports whether one was found (SN-PLAN-1, -2, -5).
func (g *getter) files(base steps.Base) (found bool) {
	g.base = base
	name, mac := "snom"+g.Device.Product().Name, g.Device.MAC().Upper()
	switch {
	case base.File != "" || base.Query != "":
		return g.file(base.Whole(), "file", false, 0)
	case name == "snomM3":
		return g.file(base.At("Config/"+mac+".cfg"), "specific", true, 0)
	}
	found = g.file(base.At(name+".htm"), "general", true, 0)
	if g.Stopped() {
		return found
	}
	return g.file(base.At(name+"-"+mac+".htm"), "specific", true, 0) || found
}

// file asks for a file and for those that it names (SN-PLAN-3).
func (g *getter) file(t profile.Target, slot string, may bool, depth int) bool {
	lenient := g.Model.Quirks.On(htmlEmpty)
	f, ok := g.Fetch(steps.Ask{
		Slot: slot, Target: t, May: may, Key: strconv.FormatBool(lenient),
		Open: func(body []byte) *device.File { return read(body, lenient) },
	})
	if !ok {
		return false
	}
	d, parsed := f.More.(*document)
	if !parsed || f.Fault.Outcome != resync.None {
		return false
	}
	base := g.base
	base.Path = t.Path[:strings.LastIndexByte(t.Path, '/')+1]
	for i, name := range d.files {
		if depth == mostNested {
			break
		}
		name = macro.Expand(name, vars(g.Device.Identity(), g.Device.Lease()), macro.Braces)
		if g.file(base.At(name), slot+"."+strconv.Itoa(i+1), true, depth+1); g.Stopped() {
			return true
		}
	}
	return true
}

// firmware asks for the file that names the firmware, and for the image where its
// name has another version (SN-PLAN-4, SN-UP-1).
func (g *getter) firmware() {
	url := g.Text(firmware)
	if url == "" || g.Text(updatePolicy) == "never_update_firm" || g.Text(updatePolicy) == "settings_only" {
		return
	}
	at, err := g.parse(url)
	if err != nil {
		return
	}
	f, ok := g.Fetch(steps.Ask{Slot: "firmware_status", Target: at.Whole(), Open: func(body []byte) *device.File { return read(body, false) }})
	if !ok {
		return
	}
	d, parsed := f.More.(*document)
	if !parsed || d.image == "" {
		return
	}
	image := at.At(macro.Expand(d.image, vars(g.Device.Identity(), g.Device.Lease()), macro.Braces))
	version := versionOf(image.Path)
	if version == "" || version == g.Device.Software() {
		return
	}
	got, ok := g.Fetch(steps.Ask{Slot: "firmware", Target: image, Class: device.ImageClass, Limit: g.Model.FirmwareLimit})
	if !ok {
		return
	}
	if got.Fault.Outcome == resync.None {
		g.Install(version, image.URL())
	}
}

// versionOf returns the version in an image's name, such as 10.1.169.16 of
// snomD785-10.1.169.16-SIP-r.bin.
func versionOf(name string) string {
	for part := range strings.SplitSeq(path.Base(name), "-") {
		if strings.Count(part, ".") >= 2 && strings.Trim(part, "0123456789.") == "" {
			return part
		}
	}
	return ""
}

// merge applies a file: a setting with the flag ! is written only where the phone
// stores no value of it yet (SN-FMT-3).
func merge(f *steps.Firmware, old profile.Config, file *device.File) *device.Change {
	d, ok := file.More.(*document)
	if !ok || len(d.once) == 0 {
		return f.Merge(old, file)
	}
	kept := *file
	kept.Config = file.Config.Filter(func(name, _ string) bool {
		_, stored := old.Get(name)
		return !(stored && d.once[name])
	})
	return f.Merge(old, &kept)
}

// schedules returns when the phones resync (SN-TRG-1 to -3).
func schedules(f *steps.Firmware) resync.Settings {
	set := resync.Settings{Begin: steps.LocalTime(f.Model.Epoch)}
	sync := resync.Schedule{Job: resync.Resync, AtBoot: resync.AnyBoot, FromBoot: true, Lines: resync.IgnoresThem}
	if f.Model.Personality == nil || f.Text(backOff) != "" {
		sync.Retry = delays(f.Text(backOff))
	}
	if seconds := f.Number(refresh); seconds > 0 {
		sync.Every = resync.Every(time.Duration(seconds) * time.Second)
	}
	if f.Text(polling) == "on" {
		poll(f, &sync)
	}
	set.Jobs[0] = sync
	return set
}

// poll reads the polling settings: at a time of day, by a period, or on days that
// the address fixes.
func poll(f *steps.Firmware, sync *resync.Schedule) {
	period := time.Duration(max(f.Number(pollPeriod), 1)) * time.Second
	days := int((period + 24*time.Hour - 1) / (24 * time.Hour))
	begin := steps.TimeOfDay(f.Text(pollTime))
	switch mode := f.Text(pollMode); {
	case mode == "rel" || mode == "random" && days <= 1:
		sync.Every = resync.Every(period)
	case mode == "random":
		sync.Daily = &resync.Daily{At: begin, Window: steps.Window(begin, f.Text(pollEnd)), Days: days, ByMAC: true}
	default:
		sync.Daily = &resync.Daily{At: begin, Days: days}
	}
}

// delays reads a back-off: "120", "3,6:3600" (a random time from 3 to 6 s, and twice
// as much each time, up to 3600 s), "3,6;10,20" (a random time of each pair). Each
// delay is drawn anew (SN-TRG-3).
func delays(text string) (list resync.Delays) {
	text, most, doubles := strings.Cut(text, ":")
	limit := seconds(most)
	for pair := range strings.SplitSeq(text, ";") {
		low, high, _ := strings.Cut(pair, ",")
		from := seconds(low)
		list = append(list, resync.Wait{Base: from, Spread: max(seconds(high)-from, 0)})
	}
	if last := list[len(list)-1]; doubles && last.Base > 0 {
		for last.Base < limit {
			last.Base, last.Spread = 2*last.Base, 2*last.Spread
			if last.Base+last.Spread > limit {
				last = resync.Wait{Base: min(last.Base, limit), Spread: max(limit-last.Base, 0)}
			}
			list = append(list, last)
		}
	}
	return list
}

func seconds(text string) time.Duration {
	n, err := strconv.ParseUint(strings.TrimSpace(text), 10, 31)
	if err != nil {
		return 0
	}
	return time.Duration(n) * time.Second
}
