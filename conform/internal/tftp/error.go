package tftp

import (
	"provsim/conform/check"
	"provsim/internal/fetch/tftp"
)

// nothing allows no packet, for [exchange.quiet].
func nothing(tftp.Packet) bool { return false }

var errorOnce = check.Check{
	ID:          "tftp/35",
	Title:       "an error is sent once",
	Requirement: "A server does not repeat an ERROR packet, which no client acknowledges.",
	Source:      "RFC 1350 sections 2 and 7",
	Level:       check.Should,
	Tags:        []check.Tag{check.Security},
	Needs:       []check.Need{check.TFTPServer},
	Patient:     true,
	Advice: check.Advices{
		check.AnyServer: {Text: "update the server"},
	},
	Run: asking(func(c *client) (string, error) {
		x, got, err := c.ask(missing)
		if err != nil || got.Op != tftp.OpError {
			return "", base("a request for a missing file", came("ERROR", got, err))
		}
		return "once", x.quiet("one ERROR", nothing)
	}),
}

var errorUnanswered = check.Check{
	ID:          "tftp/36",
	Title:       "an error is not answered",
	Requirement: "A server does not answer an ERROR packet that comes to its request port: two servers that do answer each other for ever.",
	Source:      "RFC 1350 section 7; CVE-2024-2169, loops between UDP servers",
	Level:       check.Should,
	Tags:        []check.Tag{check.Security},
	Needs:       []check.Need{check.TFTPServer},
	Patient:     true,
	Advice: check.Advices{
		check.AnyServer: {Text: "update the server; until then drop what comes to port 69/udp from ports below 1024"},
	},
	Run: asking(func(c *client) (string, error) {
		if err := c.responds(); err != nil {
			return "", err
		}
		x, err := c.talk()
		if err != nil {
			return "", err
		}
		for _, code := range []tftp.Code{0, tftp.CodeUnknownTID} {
			packet := tftp.Packet{Op: tftp.OpError, Code: code, Message: "not mine"}
			if err := x.SendTo(x.Server(), packet.Append(nil)); err != nil {
				return "", err
			}
		}
		return "no answer", x.quiet("no answer to an ERROR", nothing)
	}),
}

var errorEnds = check.Check{
	ID:          "tftp/37",
	Title:       "an error ends the transfer",
	Requirement: "A server sends nothing more after the client's ERROR, such as error 8 by which it declines an OACK.",
	Source:      "RFC 1350 section 7; RFC 2347, error 8",
	Level:       check.Should,
	Needs:       []check.Need{check.TFTPServer},
	Patient:     true,
	Advice: check.Advices{
		check.AnyServer: {Text: "update the server; a phone that is switched off in a download gets packets for a while"},
	},
	Run: asking(func(c *client) (string, error) {
		file, err := c.sample()
		if err != nil {
			return "", err
		}
		var exchanges []*exchange
		for _, options := range [][]tftp.Option{nil, {option("blksize", "512")}} {
			x, first, err := c.ask(file.name, options...)
			if err != nil {
				return "", came("DATA or OACK", first, err)
			}
			if err := x.reply(tftp.Packet{Op: tftp.OpError, Code: tftp.CodeOptions, Message: "declined"}); err != nil {
				return "", err
			}
			x.over = true
			exchanges = append(exchanges, x)
		}
		const want = "nothing after the client's ERROR"
		// Time for a repetition: some servers repeat after 3 s.
		return want, each(exchanges, func(_ int, x *exchange) error { return x.quietFor(c.p.Patience*7/4, want, nothing) })
	}),
}
