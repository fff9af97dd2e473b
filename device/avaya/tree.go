package avaya

import (
	"cmp"
	"strings"

	"provsim/device"
	"provsim/macro"
	"provsim/profile"
)

// tree is what a server has: the upgrade file, which names the settings file, which
// names the phone's own (AV-FILE-2).
var tree = &device.Tree{
	Files: []device.TreeFile{
		{Name: "$UPGRADE", Tail: "GET 46xxsettings.txt\n"},
		{Name: "46xxsettings.txt", Common: true, Tail: "GET $MACADDR.txt\n"},
		{Name: "$MACADDR.txt", Own: true},
		{Class: device.ImageClass},
	},
	Vars: func(id device.Identity) macro.Vars {
		return macro.Map{"UPGRADE": generationOf(id.Product).upgrade}
	},
	Sample: []device.Setting{{Name: "FORCE_SIP_EXTENSION", Value: "$MACADDR"}},
	Write: func(version string, settings profile.Config, own []device.Setting) []byte {
		var b strings.Builder
		b.WriteString("## version " + cmp.Or(version, "1") + "\n# START\n") // a file without a statement counts as missing (AV-LANG-8)
		for name, value := range device.Both(settings, own) {
			b.WriteString("SET " + name + ` "` + strings.ReplaceAll(value, `"`, "'") + "\"\n")
		}
		return []byte(b.String())
	},
	Pad: device.PadLines,
}
