package polycom

import (
	"bytes"
	"encoding/xml"
	"fmt"
	"strings"
	"time"

	"provsim/device"
	"provsim/device/steps"
	"provsim/profile"
	"provsim/resync"
)

// upload puts a log (PC-UP-1). Whatever the answer, it changes nothing (PC-UP-3).
func (p *phone) upload(name, what string) (*device.File, bool) {
	files, at, begin := p.Files(), p.Device.Asked(), p.Model.Epoch
	ask := steps.Ask{
		Slot: what, Method: device.Write, Class: device.LogClass, May: true,
		Body: func() []byte { return logText(files, at, begin) },
	}
	return p.within(ask, logFolder, p.own("-" + name)[0])
}

// logText is the text of a log: a line for each file (PC-UP-1). Its times are those
// of the latest request.
func logText(files []*device.File, at time.Duration, begin time.Time) []byte {
	stamp := fmt.Sprintf("%010.3f", at.Seconds())
	if !begin.IsZero() {
		stamp = begin.Add(at).Format("0102150405")
	}
	b := fmt.Appendf(nil, "%s|%-5s|4|00|Initial log entry\n", stamp, "so")
	for _, f := range files {
		text := "has been read"
		switch o := f.Fault.Outcome; {
		case f.Name == "":
			continue
		case o == resync.Sent:
			text = "has been sent"
		case o != resync.None:
			text = "failed: " + o.String()
		}
		b = fmt.Appendf(b, "%s|%-5s|4|00|%s %s\n", stamp, "cfg", f.Name, text)
	}
	return b
}

// changed is the order that a person's change of settings brings about.
const changed device.Order = "changed"

// saves is [device.Personality].Saves.
func saves(stored, saved profile.Config) (profile.Config, device.Order) {
	return stored.Merge(saved), changed
}

// keepAlive is what a phone sends between its boots: what a person has changed
// (PC-UP-2), and the application's log every two days (PC-UP-1).
func keepAlive(r *steps.Run) {
	id := r.Device.Identity()
	p := &phone{Run: r, product: productOf(id), vars: vars(id)}
	_, ordered := r.Order()
	if !p.locate() {
		return
	}
	p.stage(false)
	p.master = p.recall()
	if ordered {
		p.sendChanges()
		return
	}
	if f, ok := p.upload("app.log", "application log"); ok {
		r.Forget()
		r.End(f.Fault)
	}
}

// folders are the master's attributes that count after a boot, too.
var folders = []string{logFolder, overFolder, contacts}

// folderMark separates folders where they are remembered. It can be in no XML file.
const folderMark = "\x1f"

// rememberFolders keeps the folders of the master for what is sent later (PC-FILE-6).
func (p *phone) rememberFolders() {
	var values []string
	for _, name := range folders {
		values = append(values, p.master.get(name, &p.product, p.vars))
	}
	mark := strings.Join(values, folderMark)
	if p.Seen("folders") != "" || strings.Trim(mark, folderMark) != "" {
		p.Remember("folders", mark)
	}
}

// recall returns a master that has only the folders of the latest one.
func (p *phone) recall() *master {
	m := &master{attributes: map[string]string{}}
	for i, value := range strings.Split(p.Seen("folders"), folderMark) {
		m.attributes[folders[i%len(folders)]] = value
	}
	return m
}

// ownDirectory is the slot of the directory that the phone has sent.
const ownDirectory = "own-directory"

// change is a file that a person has changed on the phone.
type change struct {
	slot, suffix, folder string
	class                device.Class
	body                 []byte // encrypted where it is to be
}

// changes returns the files that the server does not have, as far as the phone knows.
func (p *phone) changes() (all []change) {
	add := func(c change, encrypts string) {
		if p.Firmware.Text(encrypts) == "1" { // PC-ENC-4
			c.body = seal(c.body, p.Firmware.Text(fileKey))
		}
		if steps.Digest(c.body) != p.Seen(c.slot) {
			all = append(all, c)
		}
	}
	var b profile.Builder
	p.addOverrides(&b)
	over := change{slot: "phone", suffix: "-phone.cfg", folder: overFolder, class: device.ConfigClass}
	if p.product.ucs { // the emulator's page is the phone's web page
		over.slot, over.suffix = "web", "-web.cfg"
	}
	if own := b.Config(); own.Len() > 0 || p.Seen(over.slot) != "" {
		over.body = overridesText(own)
		add(over, encryptsOver)
	}
	if people, ok := p.Device.Stored().Config.Get(directory); ok {
		add(change{slot: ownDirectory, suffix: "-directory.xml", folder: contacts, class: device.AuxClass, body: directoryText(people)}, encryptsDir)
	}
	return all
}

// sendChanges puts what a person has changed, each as a whole file (PC-UP-2).
func (p *phone) sendChanges() {
	v := device.Ending{Outcome: resync.Unchanged, Keep: true, After: device.Remain}
	list := p.Has(&device.File{Aside: true, More: p.changes()}) // what is changed meanwhile is for the next order
	for _, c := range list.More.([]change) {
		ask := steps.Ask{Slot: c.slot, Method: device.Write, Class: c.class, May: true, Body: func() []byte { return c.body }}
		f, ok := p.within(ask, c.folder, p.own(c.suffix)[0])
		if !ok {
			return
		}
		if v.Outcome == resync.Unchanged || v.Outcome == resync.Sent {
			v.Outcome, v.Note = f.Fault.Outcome, f.Fault.Note
		}
		if f.Fault.Outcome == resync.Sent {
			p.Remember(c.slot, steps.Digest(c.body))
		}
	}
	p.End(v)
}

// overridesText is an override file (PC-CFG-3).
func overridesText(own profile.Config) []byte {
	b := bytes.NewBufferString(declaration + "<PHONE_CONFIG>\n<OVERRIDES")
	for name, value := range own.All() {
		writeAttribute(b, name, value)
	}
	b.WriteString("/>\n</PHONE_CONFIG>\n")
	return b.Bytes()
}

// directoryText is a directory of contacts.
func directoryText(people string) []byte {
	b := bytes.NewBufferString(declaration + "<directory>\n<item_list>\n")
	for entry := range strings.SplitSeq(people, ",") {
		if number, name, ok := strings.Cut(strings.TrimSpace(entry), " "); ok {
			b.WriteString("<item><fn>")
			xml.EscapeText(b, []byte(strings.TrimSpace(name))) // a bytes.Buffer takes all that is written
			b.WriteString("</fn><ct>")
			xml.EscapeText(b, []byte(number))
			b.WriteString("</ct></item>\n")
		}
	}
	b.WriteString("</item_list>\n</directory>\n")
	return b.Bytes()
}
