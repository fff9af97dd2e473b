package ciscospa

import (
	"cmp"
	"fmt"
	"path"
	"regexp"
	"strings"

	"provsim/device"
	"provsim/device/steps"
	"provsim/profile"
	"provsim/profile/rule"
	"provsim/resync"
)

// image returns where a rule says that the firmware is, and the ending of an upgrade
// that cannot ask there (SPA-UP-1, SPA-UP-2). A rule without a scheme has no target.
func (r *reader) image(text string) (profile.Target, device.Ending) {
	a, t, err := r.find(text)
	switch {
	case err != nil:
		return profile.Target{}, refusal(err)
	case a == nil:
		return t, device.Ending{Outcome: resync.Unchanged, Note: "Upgrade Rule names no image"}
	case t.Scheme == "https" && !r.Model.Quirks.On(httpsUpgrade):
		return t, device.Ending{Outcome: resync.HTTPSUpgrade, Final: true, Note: "Upgrade Rule must not use https, use http or tftp (SPA-UP-2)"}
	}
	return t, device.Ending{}
}

// wanted compares the rule's URL with that of the upgrade done last. A rule that cannot
// be used is tried, so that it fails in the journal.
func wanted(f *steps.Firmware, d *device.Device) bool {
	return newReader(f, d, f.Config()).upgrades()
}

func (r *reader) upgrades() bool {
	t, v := r.image(r.setting(upgradeRule))
	return v.Outcome != resync.Unchanged && (t.Scheme == "" || t.URL() != r.device.Stored().UpgradeURL)
}

// imageVersion finds the version in the name of an image: spa50x-30x-7-5-5.bin.
var imageVersion = regexp.MustCompile(`(\d+)[-.](\d+)[-.](\d+)(\(?[a-z0-9]*\)?)$`)

// upgrade asks for an image and judges it. Its version is that of its name.
// A rule that was given counts in place of that in the settings (SPA-UP-3).
func upgrade(r *steps.Run) {
	d, reply := r.Device, r.Reply()
	given, isGiven := r.Order()
	if reply == nil {
		rules := newReader(r.Firmware, d, r.Firmware.Config())
		t, v := rules.image(cmp.Or(string(given), rules.setting(upgradeRule)))
		if t.Scheme != "" {
			r.Fetch(steps.Ask{Target: t, Class: device.ImageClass, Limit: r.Model.FirmwareLimit, NoHTTPS: !r.Model.Quirks.On(httpsUpgrade)})
		}
		if v.Outcome != resync.None {
			r.Forget()
			r.End(v)
		}
		return
	}
	name, _, _ := strings.Cut(cmp.Or(reply.Name, path.Base(d.URL())), "?")
	url := d.URL()
	if reply.Name != "" || isGiven { // the URL of the rule in the settings is still to be done
		url = d.Stored().UpgradeURL
	}
	version := strings.TrimSuffix(name, path.Ext(name))
	if found := imageVersion.FindStringSubmatch(version); found != nil {
		version = strings.Join(found[1:4], ".") + found[4]
	}
	smallest, limited := rule.ParseValue(r.Firmware.Text("Downgrade_Rev_Limit"))
	v, known := rule.ParseValue(version)
	r.Forget()
	switch {
	case reply.Outcome != resync.None:
		r.End(device.Ending{Outcome: reply.Outcome, Note: reply.Note})
	case len(reply.Body) == 0 && reply.Bytes == 0:
		r.End(device.Ending{Outcome: resync.Empty, Note: "the image has no bytes"})
	case limited && known && v.Less(&smallest):
		r.End(device.Ending{Outcome: resync.BadImage, Note: fmt.Sprintf("version %s is smaller than Downgrade_Rev_Limit (SPA-UP-1)", version)})
	default:
		r.Install(version, url)
		r.End(device.Ending{Outcome: resync.Applied, Version: version, Note: reply.Note})
	}
}
