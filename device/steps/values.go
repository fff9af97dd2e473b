package steps

import (
	"strconv"
	"strings"
	"time"
	"unicode"

	"provsim/device"
	"provsim/resync"
)

// Number returns a setting that is a number, as it was at the boot; 0 where it is
// none.
func (f *Firmware) Number(name string) int {
	n, err := strconv.Atoi(f.Text(name))
	if err != nil || n < 0 {
		return 0
	}
	return n
}

// The quirks of TLS.
const (
	TLSNoVerify   = "tls-no-verify"
	TLSNoHostname = "tls-no-hostname"
)

// Trusts returns what phones bring to TLS handshakes that take any certificate, or one
// for any name, by their settings; by their quirks they do anyway.
func (f *Firmware) Trusts(anyChain, anyName bool) device.TLSOptions {
	q := f.Model.Quirks
	return device.TLSOptions{AnyChain: anyChain || q.On(TLSNoVerify), AnyName: anyName || q.On(TLSNoHostname), CommonName: true, TLSRange: f.Model.TLS}
}

// VersionNumber returns the n-th number of a version such as 66.86.0.15, counted from 0;
// 0 where there is none.
func VersionNumber(version string, n int) int {
	for ; n > 0; n-- {
		_, version, _ = strings.Cut(version, ".")
	}
	version, _, _ = strings.Cut(version, ".")
	value, _ := strconv.Atoi(version)
	return value
}

// Install ends a resync with a new firmware version: what the files have brought is
// stored, and the phone reboots into the new version. The events are for the journal.
func (r *Run) Install(version, url string, events ...device.Event) {
	r.draft = r.Model.Memo.Draft(device.Draft{Before: r.draft, Software: version, URL: url})
	r.End(device.Ending{Outcome: resync.Applied, Version: version, After: device.Reboot, Note: "firmware " + version, Events: events})
}

// LocalTime returns a wall time as the time since 1970 on a clock there; 0 in
// virtual time, which begins at midnight.
func LocalTime(epoch time.Time) time.Duration {
	if epoch.IsZero() {
		return 0
	}
	_, offset := epoch.Zone()
	return time.Duration(epoch.Unix()+int64(offset)) * time.Second
}

// TimeOfDay reads HH:MM as the time since midnight; what is not of that form is
// midnight.
func TimeOfDay(text string) time.Duration {
	hour, minute, _ := strings.Cut(strings.TrimSpace(text), ":")
	h, err1 := strconv.Atoi(hour)
	m, err2 := strconv.Atoi(minute)
	if err1 != nil || err2 != nil || h < 0 || h > 23 || m < 0 || m > 59 {
		return 0
	}
	return time.Duration(h)*time.Hour + time.Duration(m)*time.Minute
}

// Window returns how long it is from a time of day to an end HH:MM, over midnight if
// need be; without an end it is no time.
func Window(begin time.Duration, end string) time.Duration {
	if end == "" {
		return 0
	}
	w := TimeOfDay(end) - begin
	if w < 0 {
		w += 24 * time.Hour
	}
	return w
}

// Week reads digits, Sunday being 0, as the days of [resync.Daily].
func Week(digits string) (days uint8) {
	for _, c := range digits {
		if c >= '0' && c <= '6' {
			days |= 1 << (c - '0')
		}
	}
	return days
}

// OptionText returns an option of a lease that is a text, by its number; "" where the
// lease does not have it, or where it holds something else.
func OptionText(l device.Lease, number string) string {
	if number == "" {
		return ""
	}
	n, err := strconv.ParseUint(number, 10, 8)
	if err != nil {
		return ""
	}
	text := l.Offer.Text(uint8(n))
	if strings.ContainsFunc(text, func(r rune) bool { return r == unicode.ReplacementChar || unicode.IsControl(r) }) {
		return ""
	}
	return strings.TrimSpace(text)
}
