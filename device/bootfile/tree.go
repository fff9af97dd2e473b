package bootfile

import (
	"cmp"

	"provsim/device"
	"provsim/macro"
	"provsim/profile"
)

// Tree returns what a server has for phones of a family: the file for all phones of
// a model and the phone's own. Boot files and what users have set are rightly missing
// (YL-PLAN-1 to -4).
func Tree(common func(product string) string) *device.Tree {
	return &device.Tree{
		Files: []device.TreeFile{
			{Name: "$MAC.boot", Missing: true},
			{Name: "y000000000000.boot", Missing: true},
			{Name: "$COMMON", Common: true},
			{Name: "$MAC.cfg", Own: true},
			{Name: "$MAC-local.cfg", Missing: true},
			{Class: device.ImageClass},
		},
		Vars:   func(id device.Identity) macro.Vars { return macro.Map{"COMMON": common(id.Product)} },
		Sample: []device.Setting{{Name: "account.1.user_name", Value: "$MAC"}},
		Write:  write,
		Pad:    device.PadLines,
	}
}

// write returns a configuration file (YL-FMT-1).
func write(version string, settings profile.Config, own []device.Setting) []byte {
	body := []byte(First + "\n## version " + version + "\n")
	for name, value := range device.Both(settings, own) {
		body = append(body, name+" = "+cmp.Or(value, empties)+"\n"...)
	}
	if settings.Len()+len(own) == 0 {
		body = append(body, powerOn+" = 1\n"...) // as shipped: phones take no file without a setting
	}
	return body
}
