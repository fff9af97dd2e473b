package grandstream

import (
	"bytes"
	"strings"

	"provsim/device"
	"provsim/macro"
	"provsim/profile"
)

// tree is what a server has: the phone's own XML file with all settings, because the
// first XML file that is found hides the others (GS-PLAN-2).
var tree = &device.Tree{
	Files: []device.TreeFile{
		{Name: "cfg$MAC", Missing: true},
		{Name: "cfg$MAC.bin", Missing: true},
		{Name: "cfg$MAC.xml", Common: true, Own: true},
		{Name: "cfg.txt", Common: true},
		{Name: "$MODEL", Missing: true},
		{Name: "cfg.xml", Missing: true},
		{Name: "dev$MAC.cfg", Missing: true},
		{Class: device.AuxClass, Missing: true},
		{Class: device.ImageClass},
	},
	Vars: func(id device.Identity) macro.Vars {
		return macro.Map{"MODEL": "cfg" + strings.ToLower(id.Product) + ".xml"}
	},
	Sample: []device.Setting{{Name: "P35", Value: "$MAC"}},
	Write: func(version string, settings profile.Config, own []device.Setting) []byte {
		body := device.WriteXML([]string{"gs_provision", "config"}, version, settings, own)
		for _, name := range []string{"gs_provision", "config"} {
			body = bytes.Replace(body, []byte("<"+name+">"), []byte("<"+name+` version="1">`), 1)
		}
		return body
	},
	Pad: device.PadXML,
}
