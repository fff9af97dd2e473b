package journal

import (
	"fmt"
	"io"
	"strconv"
	"strings"
	"time"
	"unicode"

	"provsim/device"
)

// Text is a sink that writes a line for people: seconds since the run began,
// device, event, and what there is to say about it. Programs read [JSON], the
// words here may change. Make one with [NewText].
type Text struct {
	w io.Writer
}

// NewText returns a sink that writes each record to w with one Write.
func NewText(w io.Writer) *Text { return &Text{w: w} }

// Add returns the writer's error.
func (t *Text) Add(r *Record) error {
	line := fmt.Sprintf("%10.3f  %s  %-13s  %s", r.T.Seconds(), r.Device, r.Kind, strings.Join(words(r), ", "))
	_, err := io.WriteString(t.w, strings.TrimRight(line, " ")+"\n")
	return err
}

// late is the delay from which on the text says that something was due earlier.
const late = 100 * time.Millisecond

// words returns what the record says beyond its kind, the most telling first.
func words(r *Record) []string {
	var said []string
	say := func(there bool, format string, value any) {
		if there {
			said = append(said, fmt.Sprintf(format, value))
		}
	}
	say(r.Outcome != 0, "%s", r.Outcome)
	say(r.Expected, "%s", "as expected")
	if r.Kind == device.Transferred {
		say(true, "%s", r.Method)
		say(true, "%s", r.Class)
	}
	say(r.Job != 0 && !strings.HasPrefix(r.Kind.String(), r.Job.String()+"."), "%s", r.Job)
	say(r.Cause != 0, "%s", r.Cause)
	say(r.URL != "", "%s", plain(r.URL))
	say(r.Bytes != 0, "%d bytes", r.Bytes)
	say(r.Kind.HasDue() && r.T-r.Due >= late, "due since %.3f", r.Due.Seconds())
	took := "took %s"
	if r.Kind == device.Rebooting { // it begins now
		took = "back in %s"
	}
	say(r.Took != 0, took, r.Took.Round(time.Microsecond))
	say(r.Version != "", "version %s", plain(r.Version))
	say(r.Note != "", "%s", plain(r.Note))
	return said
}

// plain quotes a text that would not show as it is, such as a server's escape
// sequence for the terminal.
func plain(text string) string {
	unseen := func(r rune) bool { return !unicode.IsPrint(r) || r == unicode.ReplacementChar }
	if strings.ContainsFunc(text, unseen) {
		return strconv.Quote(text)
	}
	return text
}
