package phone

import (
	"context"
	"fmt"
	"net/http"
	"path"
	"strings"
	"unicode"

	"provsim/device"
	"provsim/internal/web/app"
	"provsim/resync"
)

func (p *Page) uploadFirmware(w http.ResponseWriter, r *http.Request) error {
	name, body, err := uploaded(r)
	if err != nil {
		return p.answer(w, r, "", "", err)
	}
	in, version, err := p.image(r.Context(), name, body)
	if err != nil {
		return p.answer(w, r, "", "", err)
	}
	return p.leave(w, r, fmt.Sprintf("Firmware %s is installed, and the phone reboots.", version), in)
}

// image checks a firmware image as the phone does with one that it has fetched
// (FV-UP-6), and returns how to install it.
func (p *Page) image(ctx context.Context, name string, body []byte) (in device.Input, version string, err error) {
	s, err := p.look(ctx)
	if err != nil {
		return in, "", err
	}
	if p := s.model.Personality; !p.TakesImage {
		return in, "", &app.Error{Status: http.StatusConflict, Text: "the firmware is not installed: the page of " + p.Vendor + " phones takes none; they fetch it from their server"}
	}
	in = device.Input{Kind: device.Install, Reply: &device.Reply{Body: body, Bytes: int64(len(body)), Name: fileName(name)}}
	switch {
	case s.status.InCall:
		return in, "", &app.Error{Status: http.StatusConflict, Text: "the firmware is not installed: a line is active, hang up first"}
	case s.status.Running != resync.NoJob:
		return in, "", &app.Error{Status: http.StatusConflict, Text: "the firmware is not installed: the phone is busy, try again when it is idle"}
	}
	verdict := s.trial(*s.stored).Judge(in.Reply)
	if verdict.Outcome != resync.Applied {
		return in, "", app.BadRequest(fmt.Sprintf("the firmware is not installed: %v: %s", verdict.Outcome, verdict.Note))
	}
	return in, verdict.Version, nil
}

// fileName returns the name that a browser gives a file, in a form that a version
// may have: short, without folders and control characters.
func fileName(name string) string {
	const longest = 100 // characters
	name = strings.Map(func(r rune) rune {
		if !unicode.IsPrint(r) {
			return -1
		}
		return r
	}, path.Base(strings.ReplaceAll(name, `\`, "/")))
	if r := []rune(name); len(r) > longest {
		name = string(r[:longest])
	}
	if strings.Trim(name, "./") == "" {
		return "firmware"
	}
	return name
}
