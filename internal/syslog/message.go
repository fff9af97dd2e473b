package syslog

import (
	"cmp"
	"fmt"
	"strings"

	"provsim/device"
	"provsim/internal/journal"
)

// priority is facility and severity (RFC 5424 section 6.2.1).
type priority int

const (
	local0 priority = 16 << 3

	failure = local0 | 3 // error
	success = local0 | 5 // notice
	request = local0 | 6 // informational
)

// message returns the record's message, or nil where the parent sends none.
func message(r *journal.Record, product string) []byte {
	text, priority := template(&r.Event)
	if text == "" {
		return nil
	}
	wall := "-"
	if !r.Wall.IsZero() {
		wall = r.Wall.UTC().Format("2006-01-02T15:04:05.000000Z")
	}
	text = strings.NewReplacer(
		"$PN", plain(product, 64), "$MAC", r.Device.Colons(), "$URL", cmp.Or(plain(r.URL, 1000), "-"),
		"$OUTCOME", r.Outcome.String(), "$VERSION", cmp.Or(plain(r.Version, 64), "-"),
	).Replace(text)
	return fmt.Appendf(nil, "<%d>1 %s %s provsim - %s - %s", priority, wall, r.Device, r.Kind, text)
}

// template returns the text of an event. A start without a URL contacts no server, so
// only its failure is sent. The message about new firmware has its version, as the parent
// does.
func template(e *device.Event) (string, priority) {
	switch ok := e.Outcome.Success(); {
	case e.Kind == device.ResyncStart && e.URL != "":
		return "$PN $MAC -- resync requested: $URL", request
	case e.Kind == device.ResyncDone && ok:
		return "$PN $MAC -- resync succeeded: $URL: $OUTCOME", success
	case e.Kind == device.ResyncDone:
		return "$PN $MAC -- resync failed: $URL: $OUTCOME", failure
	case e.Kind == device.UpgradeStart && e.URL != "":
		return "$PN $MAC -- upgrade requested: $URL", request
	case e.Kind == device.UpgradeDone && ok:
		return "$PN $MAC -- upgrade succeeded: $URL: $OUTCOME, version $VERSION", success
	case e.Kind == device.UpgradeDone:
		return "$PN $MAC -- upgrade failed: $URL: $OUTCOME", failure
	}
	return "", 0
}

// plain keeps a text from ending the message early, and cuts it to most bytes,
// so that a message fits into one Ethernet frame and into what every collector
// should take (RFC 5424 section 6.1).
func plain(text string, most int) string {
	text = strings.Map(func(r rune) rune {
		if r < ' ' || r > '~' {
			return '?'
		}
		return r
	}, text)
	return text[:min(len(text), most)]
}
