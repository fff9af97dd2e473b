package steps

import (
	"bytes"
	"strings"

	"provsim/device"
	"provsim/profile"
	"provsim/resync"
)

// SealImage returns a firmware image that stands in for those of vendors whose form
// is not public: a first line with the product and the version, and then the body.
func SealImage(product, version string, body []byte) []byte {
	return append([]byte(product+" "+version+"\n"), body...)
}

// OpenImage returns how a product reads what [SealImage] has made. The file has the
// version.
func OpenImage(product string) func(image []byte) *device.File {
	return func(image []byte) *device.File {
		line, _, ended := bytes.Cut(image[:min(len(image), 200)], []byte("\n"))
		version, ok := strings.CutPrefix(string(line), product+" ")
		if !ended || !ok || version == "" || profile.IndexControl(version) >= 0 {
			return Bad(resync.BadImage, "the first line is not "+product+" and a version, which stand in for the vendor's image")
		}
		return &device.File{Version: version}
	}
}

// Bad returns a file that cannot be used.
func Bad(o resync.Outcome, note string) *device.File {
	return &device.File{Fault: device.Ending{Outcome: o, Note: note}}
}
