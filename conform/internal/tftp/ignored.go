package tftp

import (
	"strings"

	"provsim/conform/check"
	"provsim/internal/fetch/tftp"
)

var unknownIgnored = check.Check{
	ID:          "tftp/12",
	Title:       "unknown options are ignored",
	Requirement: "A server serves a request with options that it does not know, such as those by which phones tell what they are, and leaves them out of its answer.",
	Source:      "RFC 2347, server's side; github.com/msoulier/tftpy issue 141, phones with an empty option are refused",
	Level:       check.Must,
	Needs:       []check.Need{check.TFTPServer},
	Advice: check.Advices{
		check.AnyServer: {Text: "update the server; phones of some vendors cannot leave their options out"},
	},
	Run: asking(func(c *client) (string, error) {
		file, err := c.sample()
		if err != nil {
			return "", err
		}
		for _, unknown := range []tftp.Option{option("x-provsim", "1"), option("phone_MODEL", "IP542N V1.0"), option("phone_REV", "")} {
			for _, with := range [][]tftp.Option{{unknown}, {unknown, option("blksize", "1428")}} {
				_, first, err := c.ask(file.name, with...)
				if err != nil || first.Op != tftp.OpData && first.Op != tftp.OpOptionAck {
					return "", about(unknown.Name+"="+unknown.Value, came("DATA or OACK", first, err))
				}
				if _, named := value(first.Options, unknown.Name); named {
					return "", not("an answer without "+unknown.Name, "%s", first)
				}
			}
		}
		return "as if they were not there", nil
	}),
}

var nothingUnasked = check.Check{
	ID:          "tftp/13",
	Title:       "the server adds no options",
	Requirement: "A server's OACK has only options that the client asked for, and a request without options is answered with DATA.",
	Source:      "RFC 2347, OACK: an option that was not asked for makes the client end the transfer with error 8",
	Level:       check.Must,
	Needs:       []check.Need{check.TFTPServer},
	Advice: check.Advices{
		check.AnyServer: {Text: "update the server, or switch the option off that it adds"},
	},
	Run: asking(func(c *client) (string, error) {
		file, err := c.sample()
		if err != nil {
			return "", err
		}
		for _, asked := range []tftp.Option{option("tsize", "0"), option("blksize", "1428"), option("timeout", "3"), option("windowsize", "4")} {
			_, first, err := c.ask(file.name, asked)
			if err != nil || first.Op == tftp.OpError {
				return "", about(asked.Name+" asked", came("DATA or OACK", first, err))
			}
			for _, o := range first.Options {
				if !strings.EqualFold(o.Name, asked.Name) {
					return "", not("OACK with "+asked.Name+" alone", "%s", first)
				}
			}
		}
		return "each option alone", nil
	}),
}

var anyCaseOption = check.Check{
	ID:          "tftp/14",
	Title:       "option names are read in any case",
	Requirement: "A server that knows an option knows it in upper, lower and mixed case.",
	Source:      "RFC 2347, packet formats",
	Level:       check.Should,
	Tags:        []check.Tag{check.OldPhones},
	Needs:       []check.Need{check.TFTPServer},
	Advice: check.Advices{
		check.AnyServer: {Text: "update the server; devices that write options otherwise read without them"},
	},
	Run: asking(func(c *client) (string, error) {
		if _, err := c.grants("blksize", "1428"); err != nil {
			return "", without(err, "blksize")
		}
		for _, name := range []string{"BLKSIZE", "BlkSize"} {
			if _, err := c.grants(name, "1428"); err != nil {
				return "", err
			}
		}
		return "BLKSIZE and BlkSize", nil
	}),
}
