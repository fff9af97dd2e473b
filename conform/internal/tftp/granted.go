package tftp

import (
	"provsim/conform/check"
	"provsim/internal/fetch/tftp"
)

// option makes one; options of a request are often single.
func option(name, value string) tftp.Option { return tftp.Option{Name: name, Value: value} }

var blksizeGranted = check.Check{
	ID:          "tftp/10",
	Title:       "larger blocks are granted",
	Requirement: "A server grants a block size that fits an Ethernet frame, which makes a firmware image a third of the packets.",
	Source:      "RFC 2348",
	Level:       check.Should,
	Tags:        []check.Tag{check.Performance},
	Needs:       []check.Need{check.TFTPServer},
	Advice: check.Advices{
		check.ATFTPD:   {Text: "start it without --no-blksize"},
		check.TFTPDHPA: {Text: "start it without --refuse blksize"},
		check.Dnsmasq:  {Text: "remove tftp-no-blocksize"},
	},
	Run: asking(func(c *client) (string, error) { return c.grants("blksize", "1428") }),
}

// Few servers know it, and phones do without.
var windowsizeGranted = check.Check{
	ID:          "tftp/11",
	Title:       "several blocks at a time are granted",
	Requirement: "A server may grant a window of several blocks, which makes up for a long way to the phones.",
	Source:      "RFC 7440",
	Level:       check.Info,
	Tags:        []check.Tag{check.Performance},
	Needs:       []check.Need{check.TFTPServer},
	Advice: check.Advices{
		check.ATFTPD:   {Text: "version 0.8 or later, without --no-windowsize"},
		check.TFTPDHPA: {Text: "version 5.2 does not know it; atftpd 0.8 does"},
		check.Dnsmasq:  {Text: "version 2.90 does not know it; atftpd 0.8 does"},
	},
	Run: asking(func(c *client) (string, error) { return c.grants("windowsize", "8") }),
}

// grants asks for an option and returns the answer if it names the option.
func (c *client) grants(name, asked string) (string, error) {
	file, err := c.sample()
	if err != nil {
		return "", err
	}
	_, first, err := c.ask(file.name, option(name, asked))
	if _, granted := value(first.Options, name); err != nil || !granted {
		return "", came("OACK with "+name, first, err)
	}
	return first.String(), nil
}

var together = check.Check{
	ID:          "tftp/40",
	Title:       "options are granted together as well as alone",
	Requirement: "A server that grants options one by one grants them in one request too.",
	Source:      "RFC 2347, any number of options in a request; FV-TFTP-1",
	Level:       check.Should,
	Needs:       []check.Need{check.TFTPServer},
	Advice: check.Advices{
		check.AnyServer: {Text: "update the server; phones that ask for a size and a timeout read in small blocks"},
	},
	Run: asking(func(c *client) (string, error) {
		file, err := c.sample()
		if err != nil {
			return "", err
		}
		all := []tftp.Option{option("blksize", "1428"), option("timeout", "2"), option("tsize", "0"), option("windowsize", "8")}
		var known []tftp.Option
		for _, o := range all {
			_, first, err := c.ask(file.name, o)
			if err != nil {
				return "", came("DATA or OACK", first, err)
			}
			if _, granted := value(first.Options, o.Name); granted {
				known = append(known, o)
			}
		}
		if len(known) < 2 {
			return "", inapplicable("the server grants less than two options")
		}
		_, first, err := c.ask(file.name, all...)
		for _, o := range known {
			if _, granted := value(first.Options, o.Name); err != nil || !granted {
				return "", came("OACK with "+o.Name+", as when it is asked for alone", first, err)
			}
		}
		return first.String(), nil
	}),
}

// without makes a check inapplicable where an option is not granted, which it
// need not be.
func without(err error, name string) error {
	if _, ok := err.(*unmet); ok {
		return inapplicable("the server does not grant " + name)
	}
	return err
}

// begun asks for an option and is at the point where DATA 1 comes; the answer's
// value goes with it. It is inapplicable where the option is not granted.
func (c *client) begun(name, asked string, more ...tftp.Option) (*exchange, string, error) {
	file, err := c.sample()
	if err != nil {
		return nil, "", err
	}
	x, first, err := c.ask(file.name, append([]tftp.Option{option(name, asked)}, more...)...)
	if err != nil {
		return nil, "", came("DATA or OACK", first, err)
	}
	got, granted := value(first.Options, name)
	if !granted {
		return nil, "", inapplicable("the server does not grant " + name)
	}
	return x, got, nil
}
