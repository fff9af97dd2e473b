package journal

import (
	"encoding/hex"
	"io"
	"strconv"
	"time"
	"unicode/utf8"

	"provsim/device"
)

// JSON is a sink that writes JSON lines. Make one with [NewJSON].
type JSON struct {
	w    io.Writer
	line []byte
}

// NewJSON returns a sink that writes each record to w with one Write. For many
// records give it a [bufio.Writer], and flush that in the end.
func NewJSON(w io.Writer) *JSON { return &JSON{w: w} }

// Add returns the writer's error.
func (j *JSON) Add(r *Record) error {
	j.line = appendJSON(j.line[:0], r)
	_, err := j.w.Write(j.line)
	return err
}

// appendJSON appends the record's line, its end included. The package
// documentation lists the members.
func appendJSON(b []byte, r *Record) []byte {
	b = Seconds(r.T).append(append(b, `{"t":`...))
	if !r.Wall.IsZero() {
		b = r.Wall.UTC().AppendFormat(append(b, `,"wall":"`...), time.RFC3339Nano)
		b = append(b, '"')
	}
	b = hex.AppendEncode(append(b, `,"device":"`...), r.Device[:])
	b = strconv.AppendUint(append(b, `","seq":`...), uint64(r.Seq), 10)
	b = appendMember(b, `,"event":`, r.Kind.String())
	if r.Due != 0 || r.Kind.HasDue() {
		b = Seconds(r.Due).append(append(b, `,"due":`...))
	}
	if r.Took != 0 || r.Kind.HasTook() {
		b = Seconds(r.Took).append(append(b, `,"took":`...))
	}
	b = appendMember(b, `,"outcome":`, r.Outcome.String())
	b = appendMember(b, `,"url":`, r.URL)
	if r.Bytes != 0 {
		b = strconv.AppendInt(append(b, `,"bytes":`...), r.Bytes, 10)
	}
	if r.Status != 0 {
		b = strconv.AppendInt(append(b, `,"status":`...), int64(r.Status), 10)
	}
	if r.Tries != 0 {
		b = strconv.AppendInt(append(b, `,"tries":`...), int64(r.Tries), 10)
	}
	if r.Local {
		b = append(b, `,"local":true`...)
	}
	if r.Method != 0 || r.Kind == device.Transferred {
		b = appendMember(b, `,"method":`, r.Method.String())
	}
	if r.Class != 0 || r.Kind == device.Transferred {
		b = appendMember(b, `,"class":`, r.Class.String())
	}
	if r.Expected {
		b = append(b, `,"expected":true`...)
	}
	b = appendMember(b, `,"job":`, r.Job.String())
	b = appendMember(b, `,"cause":`, r.Cause.String())
	b = appendMember(b, `,"version":`, r.Version)
	b = appendMember(b, `,"note":`, r.Note)
	return append(b, '}', '\n')
}

func appendMember(b []byte, name, value string) []byte {
	if value == "" {
		return b
	}
	return appendString(append(b, name...), value)
}

// appendString quotes as RFC 8259 section 7 wants it. U+2028 and U+2029 are
// escaped too, because some readers take them for the end of a line.
func appendString(b []byte, text string) []byte {
	b = append(b, '"')
	for _, r := range text {
		switch {
		case r == '"' || r == '\\':
			b = append(b, '\\', byte(r))
		case r == '\n':
			b = append(b, `\n`...)
		case r == '\t':
			b = append(b, `\t`...)
		case r < ' ' || r == '\u007f' || r == '\u0085' || r == '\u2028' || r == '\u2029':
			b = append(b, `\u`...)
			b = hex.AppendEncode(b, []byte{byte(r >> 8), byte(r)})
		default:
			b = utf8.AppendRune(b, r)
		}
	}
	return append(b, '"')
}
