package http

import (
	"bytes"
	"context"
	"fmt"
	nethttp "net/http"
	"strings"
	"time"

	"provsim/conform/check"
)

var validators = check.Check{
	ID:          "http/26",
	Title:       "ETag and Last-Modified are stable",
	Requirement: "The same bytes have the same ETag and Last-Modified, the tag is quoted, and the date is not after that of the answer.",
	Source:      "RFC 9110 sections 8.8.1 to 8.8.3",
	Level:       check.Should,
	Needs:       []check.Need{check.AFile, check.WebServer},
	Advice: check.Advices{
		check.Apache:    {Text: "for several servers that serve the same files", In: "VirtualHost", Config: "FileETag MTime Size"},
		check.AnyServer: {Text: "a script sends no ETag rather than one made of random numbers or of the time"},
	},
	Run: ofFile(func(ctx context.Context, f *file) check.Finding {
		again, err := f.get(ctx)
		if err != nil {
			return check.Errorf("asking for %s again: %w", f.path, err)
		}
		for _, name := range []string{"ETag", "Last-Modified"} {
			// Apache calls a tag weak while the file is younger than a second; it is
			// the same one by RFC 9110 section 8.8.3.2.
			was, is := strings.TrimPrefix(f.whole.Header.Get(name), "W/"), strings.TrimPrefix(again.Header.Get(name), "W/")
			if again.Status == f.whole.Status && bytes.Equal(again.Body, f.whole.Body) && was != is {
				return check.Fail("the same "+name+" for the same bytes", "another %s for the same bytes", name)
			}
		}
		if fault := faultOfTag(f.whole.Header.Get("ETag")); fault != "" {
			return check.Fail("a quoted ETag", "%s", fault)
		}
		return f.modified()
	}),
}

// faultOfTag says what is wrong with an ETag (RFC 9110 section 8.8.3).
func faultOfTag(tag string) string {
	opaque := strings.TrimPrefix(tag, "W/")
	if tag != "" && (len(opaque) < 2 || opaque[0] != '"' || opaque[len(opaque)-1] != '"') {
		return fmt.Sprintf("ETag: %s", tag)
	}
	return ""
}

// modified judges the date of the file.
func (f *file) modified() check.Finding {
	text := f.whole.Header.Get("Last-Modified")
	if text == "" {
		return check.Pass("ETag: %s, no Last-Modified", f.whole.Header.Get("ETag"))
	}
	changed, err := nethttp.ParseTime(text)
	if err != nil {
		return check.Fail("a date as Last-Modified", "Last-Modified: %s", text)
	}
	// A server without Date has no clock that its dates could be held against.
	if now, err := nethttp.ParseTime(f.whole.Header.Get("Date")); err == nil && changed.After(now.Add(time.Second)) {
		return check.Fail("a Last-Modified that is not after Date", "a Last-Modified after Date")
	}
	return check.Pass("ETag: %s, Last-Modified: %s", f.whole.Header.Get("ETag"), text)
}

var ifNoneMatch = check.Check{
	ID:          "http/27",
	Title:       "an unchanged ETag is answered with 304",
	Requirement: "If-None-Match with the file's ETag is answered with 304 and no body, with another tag by the file.",
	Source:      "RFC 9110 sections 13.1.2 and 15.4.5",
	Level:       check.Should,
	Tags:        []check.Tag{check.Performance},
	Needs:       []check.Need{check.AFile, check.WebServer},
	Advice: check.Advices{
		check.Nginx:     {In: "server", Config: "etag on;"},
		check.AnyServer: {Text: "a proxy that compresses files must weaken the tag and not change it"},
	},
	Run: ofFile(func(ctx context.Context, f *file) check.Finding {
		tag := f.whole.Header.Get("ETag")
		if tag == "" {
			return check.Skip("the file has no ETag")
		}
		return f.conditional(ctx, "If-None-Match", tag, `"provsim-0"`)
	}),
}

var ifModifiedSince = check.Check{
	ID:          "http/28",
	Title:       "an unchanged date is answered with 304",
	Requirement: "If-Modified-Since with the file's Last-Modified is answered with 304 and no body, with an earlier date by the file.",
	Source:      "RFC 9110 sections 13.1.3 and 15.4.5",
	Level:       check.Should,
	Tags:        []check.Tag{check.Performance},
	Needs:       []check.Need{check.AFile, check.WebServer},
	Advice: check.Advices{
		check.Nginx:     {In: "server", Config: "if_modified_since exact;"},
		check.AnyServer: {Text: "give files that come from a backup a new date"},
	},
	Run: ofFile(func(ctx context.Context, f *file) check.Finding {
		changed, err := nethttp.ParseTime(f.whole.Header.Get("Last-Modified"))
		if err != nil {
			return check.Skip("the file has no Last-Modified")
		}
		return f.conditional(ctx, "If-Modified-Since", f.whole.Header.Get("Last-Modified"),
			changed.Add(-24*time.Hour).UTC().Format(nethttp.TimeFormat))
	}),
}

// conditional asks on a condition that does not hold, and on one that does.
func (f *file) conditional(ctx context.Context, field, same, other string) check.Finding {
	const want = "304 without a body, and the file where it is another"
	unchanged, err := f.get(ctx, field+": "+same)
	if err != nil {
		return check.Errorf("asking with %s: %w", field, err)
	}
	if unchanged.Status != nethttp.StatusNotModified || len(unchanged.Body) > 0 {
		if !f.steady(ctx) {
			return unsteady
		}
		return check.Fail(want, "%s", unchanged)
	}
	changed, err := f.get(ctx, field+": "+other)
	if err != nil {
		return check.Errorf("asking with %s: %w", field, err)
	}
	if changed.Status != nethttp.StatusOK {
		return check.Fail(want, "304, and %s where it is another", changed)
	}
	return check.Pass("304, and the file where it is another")
}
