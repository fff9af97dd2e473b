package flyingvoice

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"path"
	"strconv"
	"strings"

	"provsim/device"
	"provsim/resync"
)

// imageMagic is the first line of a firmware image of ours (FV-UP-6). Lines
// NAME=value follow up to an empty line, and then the image itself.
const imageMagic = "provsim-image 1\n"

// Image is what the header of a firmware image says.
type Image struct {
	Product string // the device that it is for
	Version string // SWVER after the upgrade
}

// SealImage returns a firmware image with a header and a body.
func SealImage(i Image, body []byte) []byte {
	sum := sha256.Sum256(body)
	header := fmt.Sprintf("%sproduct=%s\nversion=%s\nlength=%d\nsha256=%x\n\n", imageMagic, i.Product, i.Version, len(body), sum)
	return append([]byte(header), body...)
}

// openImage reads the header of a file that starts with the magic line, and
// checks its length and digest. It reports false for a file without it.
func openImage(file []byte) (i Image, ours bool, err error) {
	rest, ours := bytes.CutPrefix(file, []byte(imageMagic))
	if !ours {
		return i, false, nil
	}
	header, body, ok := bytes.Cut(rest, []byte("\n\n"))
	if !ok || len(header) > 1024 {
		return i, true, fmt.Errorf("image header has no end, want an empty line after it")
	}
	var length, digest string
	for line := range strings.Lines(string(header)) {
		name, value, _ := strings.Cut(strings.TrimSuffix(line, "\n"), "=")
		switch name {
		case "product":
			i.Product = value
		case "version":
			i.Version = value
		case "length":
			length = value
		case "sha256":
			digest = value
		}
	}
	sum := sha256.Sum256(body)
	switch {
	case i.Version == "":
		err = fmt.Errorf("image header has no version")
	case length != strconv.Itoa(len(body)):
		err = fmt.Errorf("image has %d bytes after its header, want %s", len(body), length)
	case digest != hex.EncodeToString(sum[:]):
		err = fmt.Errorf("image does not match the SHA-256 of its header")
	}
	return i, true, err
}

// judgeImage judges a fetched image (FV-UP-5, FV-UP-6).
func (f *firmware) judgeImage(d *device.Device, reply *device.Reply) (device.Ending, *device.Draft) {
	image, ours, err := openImage(reply.Body)
	switch {
	case err != nil:
		return device.Ending{Outcome: resync.BadImage, Note: err.Error()}, nil
	case ours && image.Product != d.Product().Name:
		return device.Ending{Outcome: resync.BadImage, Note: fmt.Sprintf("image is for product %q, this is %q", image.Product, d.Product().Name)}, nil
	}
	// An upload leaves the URL alone: the Upgrade Rule's is still to be done, or
	// was done (FV-UP-2).
	name, url := reply.Name, d.Stored().UpgradeURL
	if name == "" {
		target, _ := f.upgradeTarget(d)
		name, url = target.Path, d.URL()
	}
	if !ours {
		image.Version = versionOfFile(name)
	}
	ending := device.Ending{Outcome: resync.Applied, Version: image.Version, Note: reply.Note}
	return ending, f.model.Memo.Draft(device.Draft{Software: image.Version, URL: url})
}

// versionOfFile returns the file name of a URL's path without its extension.
func versionOfFile(urlPath string) string {
	urlPath, _, _ = strings.Cut(urlPath, "?")
	name := path.Base(urlPath)
	if stem := strings.TrimSuffix(name, path.Ext(name)); stem != "" {
		return stem
	}
	return name
}
