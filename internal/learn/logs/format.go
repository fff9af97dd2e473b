package logs

import (
	"errors"
	"fmt"
	"net/netip"
	"slices"
	"strings"

	"provsim/internal/nearest"
)

// parser reads the lines of one file.
type parser func(c *clock, line []byte, e *Entry) Reason

// format is a kind of log.
type format struct {
	name   string
	parser func() parser // for one file
}

// The default formats of web servers. The word after the address is the name of the
// site, which lighttpd writes there.
const (
	commonLine   = `$remote_addr $identity $remote_user [$time_local] "$request" $status $body_bytes_sent`
	combinedLine = commonLine + ` "$http_referer" "$http_user_agent"$provsim_tail`
)

// formats are tried in their order; of those that read a file equally well the first counts.
var formats = []format{
	{"combined", forTemplate(combinedLine)}, // nginx, Apache and lighttpd with User-Agent, and a time in seconds behind it
	{"vhost", forTemplate("$host " + combinedLine)},
	{"common", forTemplate(commonLine)},                           // without User-Agent
	{"json", func() parser { return parseJSON }},                  // nginx's names or Caddy's
	{"haproxy", func() parser { return parseHAProxy }},            // without what syslog puts before it
	{"syslog", func() parser { return (&daemons{}).parseSyslog }}, // or a daemon's own file of that form
	{"kea", func() parser { return parseKea }},
}

func forTemplate(line string) func() parser {
	return func() parser {
		t, err := compile(line)
		if err != nil {
			panic(err) // a constant of this file
		}
		return t.parse
	}
}

// Names returns the names of the formats.
func Names() (names []string) {
	for _, f := range formats {
		names = append(names, f.name)
	}
	return names
}

// ErrFormat means that a format does not parse, or that a file's is not known.
var ErrFormat = errors.New("log format")

// chosen returns the format that a user names or writes.
func chosen(text string) (*format, error) {
	names := Names()
	if i := slices.Index(names, text); i >= 0 {
		return &formats[i], nil
	}
	if !strings.ContainsAny(text, "$%") {
		if near, ok := nearest.Name(text, names); ok {
			return nil, fmt.Errorf("%w %q is unknown, did you mean %q?", ErrFormat, text, near)
		}
		return nil, fmt.Errorf("%w %q is unknown, want one of %s, or a format as in nginx's log_format or Apache's LogFormat", ErrFormat, text, strings.Join(names, ", "))
	}
	t, err := compile(text)
	if err != nil {
		return nil, fmt.Errorf("%w: %w", ErrFormat, err)
	}
	return &format{name: "given", parser: func() parser { return t.parse }}, nil
}

// recognised returns the format that reads most of the first lines of a file; nil: none
// reads half of them.
func recognised(o *Options, lines [][]byte) *format {
	var best *format
	most := 0
	for i := range formats {
		score := 0
		parse, c := formats[i].parser(), o.clock()
		for _, line := range lines {
			var e Entry
			switch parse(c, line, &e) {
			case Good:
				score += 2
				if _, err := netip.ParseAddr(string(e.Address)); err == nil {
					score += 2
				}
			case Other, NoLine, Repeated:
				score += 2
			}
		}
		if score > most && score >= len(lines) {
			best, most = &formats[i], score
		}
	}
	return best
}
