package polycom

import (
	"fmt"
	"path"
	"strconv"
	"strings"
	"time"

	"provsim/device"
	"provsim/device/steps"
	"provsim/macro"
	"provsim/resync"
)

// connectionTimeout is how long a server may take to answer (PC-RETRY-1). It bounds
// transfers of everything but images.
const connectionTimeout = 10 * time.Second

// pollWait is how long a phone without an image waits before it boots again
// (PC-IMG-4).
const pollWait = time.Minute

// allZero is the file name of all phones.
const allZero = "000000000000"

// phone is one resync under way.
type phone struct {
	*steps.Run
	product product
	vars    macro.Vars
	base    base
	agent   string // of the stage that asks
	latest  string // the URL that was asked for last

	master  *master
	down    device.Ending  // the server cannot be reached: the stage is over
	why     string         // no master was found
	configs []*device.File // of CONFIG_FILES
	over    []*device.File // override files that were found
	image   *device.File   // the application's image, where the server has one that fits
}

// plan is a resync: a boot, or a poll (PC-FILE-1, PC-POLL-4).
func plan(r *steps.Run) {
	id := r.Device.Identity()
	p := &phone{Run: r, product: productOf(id), vars: vars(id)}
	cause := r.Device.Cause()
	if cause == resync.Notify && r.Firmware.Text(alwaysReboot) == "1" { // PC-SYNC-1
		r.Forget()
		r.End(device.Ending{Outcome: resync.Unchanged, Then: device.ThenReboot, Note: "check-sync reboots the phone without asking"})
		return
	}
	polls := cause == resync.Periodic || cause == resync.Person || cause == resync.Notify
	switch {
	case !polls && !p.informed(), !p.locate():
	case polls:
		p.poll()
	default:
		p.boot()
	}
}

// boot is the plan of a boot. Each part reports false where it waits for an answer or
// has ended the job.
func (p *phone) boot() {
	first := p.base
	first.Path += p.product.part + ".bootrom.ld"
	if !p.Pause(p.seconds(startDelay), first.URL()) {
		return
	}
	p.stage(true)
	if p.Model.Quirks.On(appDHCP) { // what the bootROM does stays when the lease changes
		p.base = p.Has(&device.File{Aside: true, More: p.base}).More.(base)
	}
	switch {
	case p.product.ucs:
		if !p.bootLog() {
			return
		}
	case !p.askServer() || !p.bootImage():
		return
	case p.down.Outcome == resync.None && !p.bootLog():
		return
	case !p.Pause(p.seconds(applicationDelay), p.latest):
		return
	}
	if !p.lease() {
		return
	}
	p.stage(false)
	switch {
	case !p.askServer():
		return
	case p.down.Outcome != resync.None: // PC-RETRY-2
		p.End(p.down)
		return
	case !p.install() || !p.lists() || !p.extras():
		return
	}
	p.settle()
}

func (p *phone) bootLog() bool {
	_, ok := p.upload("boot.log", "boot log")
	return ok
}

// poll is steps 3, 4 and 7 as application.
func (p *phone) poll() {
	p.stage(false)
	if !p.askServer() {
		return
	}
	fail := func(v device.Ending) {
		p.Forget() // its failure changes nothing
		p.End(v)
	}
	switch {
	case p.down.Outcome != resync.None:
		fail(p.down)
		return
	case p.master == nil:
		fail(device.Ending{Outcome: resync.NoMaster, Note: p.why})
		return
	case !p.lists():
		return
	}
	if bad := p.missing(); bad != "" {
		fail(device.Ending{Outcome: resync.Partial, Note: bad})
		return
	}
	p.compare()
}

func (p *phone) seconds(name string) time.Duration {
	return time.Duration(p.Firmware.Number(name)) * time.Second
}

// stage begins a stage: as bootROM or Updater, or as application.
func (p *phone) stage(loader bool) {
	p.agent = agent(p.Device.Identity(), loader, p.Firmware.Text(tagSerial) == "1")
	p.master, p.down, p.why, p.image = nil, device.Ending{}, "", nil
}

// askServer takes steps 1, 3 and 4 of the boot.
func (p *phone) askServer() bool {
	if !p.product.ucs {
		for _, name := range []string{p.product.part + ".bootrom.ld", "bootrom.ld"} {
			f, ok := p.imageFile("bootrom", name, true)
			if !ok {
				return false
			}
			if p.down.Outcome != resync.None {
				return true
			}
			if f.Fault.Outcome == resync.None {
				break
			}
		}
	}
	return p.findMaster() && (p.down.Outcome != resync.None || p.findImage())
}

// findMaster asks for the named master file, the phone's own and that of all phones.
func (p *phone) findMaster() bool {
	names := append(p.own(".cfg"), allZero+".cfg")
	if p.base.master != "" {
		names = append([]string{p.base.master}, names...)
	}
	var why []string
	for i, name := range names {
		f, ok := p.get(steps.Ask{Slot: "master", Open: openMaster, May: i < len(names)-1}, name)
		switch {
		case !ok:
			return false
		case p.down.Outcome != resync.None:
			return true
		case f.Fault.Outcome == resync.None:
			p.master = f.More.(*master)
			return true
		}
		why = append(why, name+" "+f.Fault.Outcome.String())
	}
	p.why = "no master file: " + strings.Join(why, ", ")
	return true
}

// own returns the names of a file of the phone's own (PC-ID-1).
func (p *phone) own(suffix string) []string {
	lower, upper := p.Device.MAC().String()+suffix, p.Device.MAC().Upper()+suffix
	switch p.Model.Quirks[macCase] {
	case "upper":
		return []string{upper}
	case "both":
		return []string{lower, upper}
	}
	return []string{lower}
}

// findImage asks for the application's image (PC-IMG-1).
func (p *phone) findImage() bool {
	name := p.master.get(appPath, &p.product, p.vars)
	if name == "" {
		return true
	}
	folder, file := path.Split(name)
	for i, name := range []string{folder + p.product.part + "." + file, name} {
		f, ok := p.imageFile("image", name, i == 0)
		switch {
		case !ok:
			return false
		case p.down.Outcome != resync.None:
			return true
		case f.Fault.Outcome == resync.None:
			p.image = f
			return true
		}
	}
	return true
}

// imageFile asks for an image, and reads only its head where that is the one in flash
// (PC-IMG-3).
func (p *phone) imageFile(slot, name string, may bool) (*device.File, bool) {
	ask := steps.Ask{Slot: slot, Class: device.ImageClass, Open: p.openImage, Marked: true, Head: headSize, Limit: p.Model.FirmwareLimit, Timeout: p.Model.Timeout, May: may, Key: p.product.name}
	if before := p.Seen(slot); before != "" && p.Model.Quirks[imageRead] != "full" {
		ask.Enough = func(head []byte) bool {
			f := openImage(head)
			f.Digest = steps.Digest(head)
			return mark(f) == before
		}
	}
	return p.get(ask, name)
}

// openImage refuses an image for another product.
func (p *phone) openImage(head []byte) *device.File {
	f := openImage(head)
	if i, ok := f.More.(image); ok && i.product != "" && i.product != p.product.name {
		return &device.File{Fault: device.Ending{Outcome: resync.BadImage, Note: fmt.Sprintf("the image is for product %q, this is %q", i.product, p.product.name)}}
	}
	return f
}

// bootImage restarts the phone into a newer bootROM, which formats the file system,
// or into another application (PC-IMG-2).
func (p *phone) bootImage() bool {
	for _, f := range p.Files() {
		before := p.Seen("bootrom")
		if f.Name != "bootrom" || f.Fault.Outcome != resync.None || before == "" || mark(f) == before || f.Version != "" && f.Version <= p.product.loader {
			continue
		}
		p.Has(&device.File{Name: "image", Digest: "formatted"})
		p.Has(whole(flash(p.Device.Stored().Config), "formatted"))
		p.End(device.Ending{Outcome: resync.Applied, After: device.Reboot, Version: f.Version, Note: "another bootROM: the file system is formatted"})
		return false
	}
	return p.install()
}

// install restarts the phone into another application image.
func (p *phone) install() bool {
	before := p.Seen("image")
	switch flash := p.Firmware.Text(imageInFlash); {
	case p.image == nil && before == "" && flash == "none" && p.master != nil:
		if p.Pause(pollWait-p.Model.BootTime, p.latest) {
			p.Forget()
			p.End(device.Ending{Outcome: resync.NotFound, Then: device.ThenReboot, Note: "no image in flash and none on the server (PC-IMG-4)"})
		}
		return false
	case p.image == nil, before == "" && flash == "current", mark(p.image) == before:
		return true
	}
	if p.image.Version != "" {
		p.Install(p.image.Version, p.latest)
		return false
	}
	p.End(device.Ending{Outcome: resync.Applied, After: device.Reboot, Note: "another application image"})
	return false
}

// lists is step 7: CONFIG_FILES and MISC_FILES.
func (p *phone) lists() bool {
	key := p.Firmware.Text(fileKey)
	for i, name := range p.master.list(configFiles, &p.product, p.vars) {
		f, ok := p.get(steps.Ask{Slot: "config." + strconv.Itoa(i), Open: openConfig(key), Key: key}, name)
		if !ok || p.rejects(f) {
			return false
		}
		p.configs = append(p.configs, f)
	}
	for i, name := range p.master.list(miscFiles, &p.product, p.vars) {
		if _, ok := p.get(steps.Ask{Slot: "misc." + strconv.Itoa(i), Class: device.AuxClass, Open: openAny, May: true}, name); !ok {
			return false
		}
	}
	return true
}

// rejects ends a job where a file cannot be decrypted: the phone reboots until the
// server has a good one (PC-ENC-3).
func (p *phone) rejects(f *device.File) bool {
	if f.Fault.Outcome != resync.BadKey {
		return false
	}
	p.Forget()
	p.End(device.Ending{Outcome: resync.BadKey, Then: device.ThenReboot, Note: f.Fault.Note})
	return true
}

// extras is steps 8 to 12. Apart from the override files nothing of them is read.
func (p *phone) extras() bool {
	aux := func(slot, folder string, names ...string) bool {
		for _, name := range names {
			f, ok := p.within(steps.Ask{Slot: slot, Class: device.AuxClass, Open: openAny, Marked: true, May: true}, folder, name)
			if !ok {
				return false
			}
			if f.Fault.Outcome == resync.None {
				break
			}
		}
		return true
	}
	over := func(slot string) bool {
		for _, name := range p.own("-" + slot + ".cfg") {
			key := p.Firmware.Text(fileKey)
			f, ok := p.within(steps.Ask{Slot: slot, Open: openConfig(key), Key: key, May: true}, overFolder, name)
			if !ok || p.rejects(f) {
				return false
			}
			if f.Fault.Outcome == resync.None && f.More != nil {
				p.over = append(p.over, f)
				break
			}
		}
		return true
	}
	appLog := func() bool {
		_, ok := p.upload("app.log", "application log")
		return ok
	}
	directory, common := p.own("-directory.xml"), allZero+"-directory.xml"
	if p.product.ucs {
		return over("phone") && over("web") && aux("license", licences, allZero+"-license.cfg") && aux("own-license", licences, p.own("-license.cfg")...) &&
			aux("calls", callLists, p.own("-calls.xml")...) && aux("directory", contacts, append(directory, common)...) &&
			p.hasLog() && appLog()
	}
	if p.Seen("directory")+p.Seen(ownDirectory) == "" && !aux("directory", contacts, append(directory, common)...) {
		return false
	}
	return over("phone") && aux("directory", contacts, directory...) && appLog()
}

// hasLog asks whether the log is on the server (step 12 of generation ucs).
func (p *phone) hasLog() bool {
	if p.base.Scheme == "tftp" {
		return true // has no such request
	}
	_, ok := p.within(steps.Ask{Slot: "head", Method: device.Head, Class: device.LogClass, May: true}, logFolder, p.own("-app.log")[0])
	return ok
}
