package http

import (
	"bytes"
	"context"
	"fmt"
	nethttp "net/http"

	"provsim/conform/check"
)

// enough is how long a file must be for the checks of ranges.
const enough = 32

var rangeAdvice = check.Advices{
	check.Nginx:     {Text: "turns ranges off, where a program behind nginx gets them wrong", In: "server", Config: "max_ranges 0;"},
	check.Apache:    {In: "VirtualHost", Config: "MaxRanges none"},
	check.Lighttpd:  {Config: `server.range-requests = "disable"`},
	check.AnyServer: {Text: "a script that does not support ranges answers with the whole file"},
}

var ranges = check.Check{
	ID:          "http/29",
	Title:       "a range is the range that was asked for",
	Requirement: "A request with Range is answered with those bytes and a Content-Range that says so, or with the whole file.",
	Source:      "RFC 9110 sections 14.2, 14.4 and 15.3.7",
	Level:       check.Must,
	Needs:       []check.Need{check.AFile, check.WebServer},
	Advice:      rangeAdvice,
	Run: ofFirmware(func(ctx context.Context, f *file) check.Finding {
		size := len(f.whole.Body)
		if size < enough {
			return check.Skip("a file of %d bytes has no part worth asking for", size)
		}
		asked := []struct {
			spec        string
			first, last int
		}{{"bytes=3-12", 3, 12}, {"bytes=0-0", 0, 0}}
		if f.whole.Cut == nil { // the end is known
			asked = append(asked, asked[0])
			asked[2].spec, asked[2].first, asked[2].last = "bytes=-5", size-5, size-1
		}
		for _, part := range asked {
			answer, err := f.get(ctx, "Range: "+part.spec)
			if err != nil {
				return check.Errorf("asking for %s: %w", part.spec, err)
			}
			if fault := f.faultOfPart(ctx, answer, part.first, part.last); fault != "" {
				return check.Fail("the part, or the whole file", "%s", fault).With("asked for %s", part.spec)
			}
		}
		return check.Pass("every part that was asked for")
	}),
}

// faultOfPart says what is wrong with the answer to a request for some bytes.
func (f *file) faultOfPart(ctx context.Context, a *check.Answer, first, last int) string {
	switch {
	case f.same(ctx, a) || a.Status == nethttp.StatusOK && f.whole.Cut != nil:
		return ""
	case a.Status != nethttp.StatusPartialContent:
		return a.String()
	case len(a.Body) != last+1-first || !bytes.Equal(a.Body, f.whole.Body[first:last+1]) && f.steady(ctx):
		return "status 206 and other bytes"
	}
	where := a.Header.Get("Content-Range")
	want := fmt.Sprintf("bytes %d-%d/%d", first, last, len(f.whole.Body))
	if where != want && where != fmt.Sprintf("bytes %d-%d/*", first, last) && f.whole.Cut == nil && f.steady(ctx) {
		return "Content-Range: " + where
	}
	return ""
}

// A server need not know ranges (RFC 9110 section 14.2): the whole file is always
// a right answer, bytes from elsewhere never.
var beyond = check.Check{
	ID:          "http/30",
	Title:       "a range beyond the end is refused",
	Requirement: "A request for bytes beyond the end is answered with 416, or with the whole file.",
	Source:      "RFC 9110 sections 14.1.2 and 15.5.17",
	Level:       check.Should,
	Needs:       []check.Need{check.AFile, check.WebServer},
	Advice:      rangeAdvice,
	Run: ofFirmware(func(ctx context.Context, f *file) check.Finding {
		answer, err := f.get(ctx, "Range: bytes=1073741824-")
		switch {
		case err != nil:
			return check.Errorf("asking for bytes beyond the end: %w", err)
		case f.same(ctx, answer) || f.whole.Cut != nil && answer.Status == nethttp.StatusOK:
			return check.Pass("the whole file")
		case answer.Status != nethttp.StatusRequestedRangeNotSatisfiable:
			return check.Fail("status 416, or the whole file", "%s", answer)
		}
		return check.Pass("status 416")
	}),
}

var ifRange = check.Check{
	ID:          "http/31",
	Title:       "no range of another version",
	Requirement: "A request for the rest of a file that has changed since, by If-Range, is answered with the whole new file.",
	Source:      "RFC 9110 section 13.1.5: otherwise a phone joins halves of two firmwares",
	Level:       check.Must,
	Needs:       []check.Need{check.AFile, check.WebServer},
	Advice:      rangeAdvice,
	Run: ofFirmware(func(ctx context.Context, f *file) check.Finding {
		answer, err := f.get(ctx, "Range: bytes=3-12", `If-Range: "provsim-0"`)
		switch {
		case err != nil:
			return check.Errorf("asking with If-Range: %w", err)
		case answer.Status != nethttp.StatusOK:
			return check.Fail("status 200 and the whole file", "%s", answer)
		}
		return check.Pass("the whole file")
	}),
}
