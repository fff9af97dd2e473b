package http

import (
	"context"
	"fmt"
	nethttp "net/http"
	"regexp"
	"sync"
	"time"

	"provsim/conform/check"
)

var agents = check.Check{
	ID:          "http/34",
	Title:       "the answer does not depend on the User-Agent",
	Requirement: "The answer does not depend on the User-Agent, which anybody can write.",
	Source:      "RFC 9110 section 10.1.5; FV-HTTP-1; CWE-290",
	Level:       check.Info,
	Tags:        []check.Tag{check.Security},
	Needs:       []check.Need{check.AFile, check.WebServer},
	Advice: check.Advices{
		check.AnyServer: {Text: "a filter by User-Agent stops no attacker and locks out phones with newer firmware: ask for a certificate or a password"},
	},
	Run: ofFile(func(ctx context.Context, f *file) check.Finding {
		others := []struct{ name, agent string }{
			{"a browser", "Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0"},
			{"a tool", "curl/8.5.0"},
			{"a client without User-Agent", ""},
		}
		for _, other := range others {
			answer, err := f.Ask(ctx, f.from, f.rawBy(other.agent, f.path, "HTTP/1.1\r\nHost: "+f.from.Authority()))
			switch {
			case ctx.Err() != nil:
				return check.Errorf("asking as %s: %w", other.name, ctx.Err())
			case err != nil:
				return check.Fail("the phone's answer", "none for %s", other.name)
			case answer.Status != f.whole.Status:
				return check.Fail("the phone's answer", "%s for %s", answer, other.name)
			case !f.same(ctx, answer):
				return check.Fail("the phone's answer", "another file for %s", other.name)
			}
		}
		return check.Pass("the same for a phone, a browser, a tool and a client without User-Agent")
	}),
}

// versioned finds a product with its version.
var versioned = sync.OnceValue(func() *regexp.Regexp {
	return regexp.MustCompile(`[A-Za-z]/[0-9]`)
})

var versions = check.Check{
	ID:          "http/35",
	Title:       "the server does not show its version",
	Requirement: "Server and X-Powered-By name no version: an attacker looks up its vulnerabilities.",
	Source:      "RFC 9110 sections 10.2.4 and 17.12; CWE-200",
	Level:       check.Info,
	Tags:        []check.Tag{check.Security},
	Needs:       []check.Need{check.AFile, check.WebServer},
	Advice: check.Advices{
		check.Nginx:    {In: "http", Config: "server_tokens off;"},
		check.Apache:   {In: "server config", Config: "ServerTokens Prod"},
		check.Lighttpd: {Config: `server.tag = "lighttpd"`},
	},
	Run: ofFile(func(_ context.Context, f *file) check.Finding {
		for _, name := range []string{"Server", "X-Powered-By"} {
			if value := f.whole.Header.Get(name); versioned().MatchString(value) {
				return check.Fail("no version", "%s: %s", name, value)
			}
		}
		return check.Pass("no version")
	}),
}

// maxDrift is how far the clocks of server and phone may be apart, with room for
// the tester's own.
const maxDrift = 5 * time.Minute

var clock = check.Check{
	ID:          "http/36",
	Title:       "the server's clock is right",
	Requirement: "Date is there and within five minutes of the time: certificates, caches and logs go by that clock.",
	Source:      "RFC 9110 section 6.6.1",
	Level:       check.Info,
	Needs:       []check.Need{check.AFile, check.WebServer},
	Advice: check.Advices{
		check.AnyServer: {Text: "timedatectl set-ntp true"},
	},
	Run: ofFile(func(_ context.Context, f *file) check.Finding {
		text := f.whole.Header.Get("Date")
		date, err := nethttp.ParseTime(text)
		if err != nil {
			return check.Fail("the time as Date", "Date: %s", text)
		}
		if drift := time.Until(date).Abs(); drift > maxDrift {
			return check.Fail("the time as Date", "%s", wrong(drift)).With("Date: %s", text)
		}
		return check.Pass("within %v", maxDrift)
	}),
}

// wrong says how wrong a clock is in words that stay the same from one minute to
// the next.
func wrong(drift time.Duration) string {
	if drift < 48*time.Hour {
		return fmt.Sprintf("a clock that is wrong by %.0f hours", drift.Hours())
	}
	return fmt.Sprintf("a clock that is wrong by %.0f days", drift.Hours()/24)
}
