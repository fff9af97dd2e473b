package audiocodes

import (
	"fmt"
	"strings"

	"provsim/device"
	"provsim/profile"
)

// tree is what a server without firmware has: a file of the phone's own (AC-URL-2). Its
// version is a setting that no phone knows and all keep (AC-CFG-3).
var tree = &device.Tree{
	Files: []device.TreeFile{
		{Name: defaultImage, Class: device.ImageClass, Missing: true},
		{Name: defaultConfig, Common: true, Own: true},
	},
	Sample: []device.Setting{{Name: lineID, Value: "<MAC>"}, {Name: lineEnabled, Value: "1"}},
	Write: func(version string, settings profile.Config, own []device.Setting) []byte {
		var b strings.Builder
		fmt.Fprintf(&b, "provsim/version=%s\n", version)
		for name, value := range device.Both(settings, own) {
			fmt.Fprintf(&b, "%s=%s\n", name, value)
		}
		return []byte(b.String())
	},
	Pad: func(body []byte, size int) []byte {
		comments := device.PadLines(nil, size-len(body))
		return append(body, strings.ReplaceAll(string(comments), "#", ";")...)
	},
}
