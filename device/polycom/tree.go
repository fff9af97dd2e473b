package polycom

import (
	"bytes"
	"cmp"
	"encoding/xml"
	"fmt"
	"strings"

	"provsim/device"
	"provsim/profile"
)

// tree is what a good server has. Each of its files is a master file and a file of
// parameters in one: phones take of it what they asked for.
var tree = &device.Tree{
	Files: []device.TreeFile{
		{Name: "[MACADDRESS].cfg"},
		{Name: "phone-[MACADDRESS].cfg", Own: true},
		{Name: "sip.cfg", Common: true},
		{Name: "bootrom.ld", Class: device.ImageClass},
		{Name: "sip.ld", Class: device.ImageClass},
	},
	Sample: []device.Setting{{Name: regAddress, Value: "[MACADDRESS]"}},
	Write:  write,
	Pad:    device.PadXML,
}

const declaration = `<?xml version="1.0" standalone="yes"?>` + "\n"

// writeAttribute writes a parameter of a file.
func writeAttribute(b *bytes.Buffer, name, value string) {
	b.WriteString("\n\t" + name + `="`)
	xml.EscapeText(b, []byte(value)) // a bytes.Buffer takes all that is written
	b.WriteByte('"')
}

func write(version string, settings profile.Config, own []device.Setting) []byte {
	var b bytes.Buffer
	b.WriteString(declaration)
	fmt.Fprintf(&b, "<!-- version %s -->\n", strings.ReplaceAll(cmp.Or(version, "1"), "-", "."))
	b.WriteString(`<APPLICATION APP_FILE_PATH="sip.ld" CONFIG_FILES="phone-[PHONE_MAC_ADDRESS].cfg, sip.cfg">` + "\n<parameters")
	for _, s := range own {
		writeAttribute(&b, s.Name, s.Value)
	}
	for name, value := range settings.All() {
		writeAttribute(&b, name, value)
	}
	b.WriteString("/>\n</APPLICATION>\n")
	return b.Bytes()
}
