package bootfile

import (
	"strings"

	"provsim/device"
	"provsim/device/steps"
	"provsim/profile"
	"provsim/resync"
)

// users begins the names under which a phone stores what a person has set, beside the
// value in force. No file can name such a setting.
const users = "user/"

// Saves is [device.Personality].Saves: what a person has set is kept apart, except for
// static settings (YL-FMT-4), and uploaded (YL-OUT-1).
func (f *Family) Saves(stored, saved profile.Config) (profile.Config, device.Order) {
	var b profile.Builder
	for name, value := range saved.All() {
		if !strings.HasPrefix(name, "static.") {
			b.Set(users+name, value, 0)
		}
	}
	own := b.Config()
	config := stored.Merge(saved).Merge(own)
	if sync, _ := config.Get(customSync); !f.Uploads || own.Len() == 0 || sync != "1" {
		return config, ""
	}
	return config, "upload"
}

// set returns what a person has set on a device.
func set(d *device.Device) profile.Config {
	var own profile.Builder
	for name, value := range d.Stored().Config.All() {
		if name, ok := strings.CutPrefix(name, users); ok {
			own.Set(name, value, 0)
		}
	}
	return own.Config()
}

// protect puts what a person has set over the files so far (YL-FMT-4).
func protect(r *steps.Run) {
	if r.Text(customProtect) != "1" {
		return
	}
	if own := set(r.Device); own.Len() > 0 {
		r.Has(&device.File{Name: "what the user has set", Config: own})
	}
}

// local returns where the file of what a person has set is, on the server or where the
// settings say.
func (g *getter) local() (profile.Target, string) {
	where := g.server
	if text := g.r.Text(customSyncPath); text != "" {
		if base, err := g.Family.base(g.r, text); err == nil {
			where = &server{Base: base}
		}
	}
	return where.at("$MA-local.cfg", g.r.Device)
}

// upload is the order to upload what a person has set (YL-OUT-1).
func (f *Family) upload(r *steps.Run) {
	r.Order()
	server, ok := f.find(r)
	if !ok {
		return
	}
	g := &getter{Family: f, r: r, server: server}
	a := g.ask(g.local, "local", nil, false)
	a.Class, a.Method = device.LogClass, device.Write
	if r.Text(uploadMethod) == "1" && strings.HasPrefix(a.Target.Scheme, "http") {
		a.Method = device.Post
	}
	own := set(r.Device)
	a.Body = func() []byte { return write("1", own, nil) }
	if file, ok := r.Fetch(a); ok {
		v := file.Fault
		if v.Outcome == resync.None {
			v.Outcome = resync.Sent
		}
		r.Forget()
		r.End(v)
	}
}
