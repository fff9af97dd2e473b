package fanvil

import (
	"cmp"
	"strings"

	"provsim/device"
	"provsim/macro"
	"provsim/profile"
)

// tree is what a server has: a file for all phones of a model and a file of the
// phone's own (FA-PLAN-1, FA-PLAN-2).
var tree = &device.Tree{
	Files: []device.TreeFile{
		{Name: "$COMMON", Common: true},
		{Name: "$mac.cfg", Own: true},
		{Class: device.AuxClass, Missing: true},
		{Class: device.ImageClass},
	},
	Vars: func(id device.Identity) macro.Vars {
		return macro.Map{"COMMON": cmp.Or(commons[id.Product], "common.cfg")}
	},
	Sample: []device.Setting{{Name: "SIP1 Phone Number", Value: "$mac"}},
	Write: func(version string, settings profile.Config, own []device.Setting) []byte {
		var b strings.Builder
		b.WriteString(firstMark + cmp.Or(version, "1") + "\n<SETTINGS MODULE>\n")
		for name, value := range device.Both(settings, own) {
			b.WriteString(name + " :" + value + "\n")
		}
		return []byte(b.String() + endMark + "\n")
	},
	Pad: device.PadLines, // what stands after the last mark is not read
}
