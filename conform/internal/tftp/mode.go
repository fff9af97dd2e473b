package tftp

import (
	"bytes"
	"fmt"
	"strconv"
	"strings"

	"provsim/conform/check"
	"provsim/internal/fetch/tftp"
)

// Phones read in mode octet, so netascii is for information only.
var netascii = check.Check{
	ID:          "tftp/3",
	Title:       "netascii has CR LF line ends",
	Requirement: "A server sends a text in mode netascii with CR LF at the end of each line.",
	Source:      "RFC 1350 section 5; RFC 764",
	Level:       check.Info,
	Tags:        []check.Tag{check.OldPhones},
	Needs:       []check.Need{check.TFTPServer, check.TextFile},
	Advice: check.Advices{
		check.AnyServer: {Text: "let devices ask in mode octet, or write the files with CR LF line ends"},
	},
	Run: asking(func(c *client) (string, error) {
		name := strings.TrimPrefix(c.p.Target.TFTP.Text, "/")
		octet, whole, err := c.plain(name, 1<<11)
		switch {
		case err != nil:
			return "", err
		case !whole || bytes.ContainsRune(octet, '\r') || !bytes.ContainsRune(octet, '\n'):
			return "", inapplicable(fmt.Sprintf("%q is no short text with LF line ends: give one as tftp.text in --target", name))
		}
		want := bytes.ReplaceAll(octet, []byte("\n"), []byte("\r\n"))
		got, err := c.inMode(name, "netascii", len(want)/512+1)
		if err != nil {
			return "", err
		}
		if !bytes.Equal(got, want) {
			return "", not(fmt.Sprintf("%d bytes with CR LF", len(want)), "%s", difference(got, octet))
		}
		return fmt.Sprintf("%d bytes for %d", len(got), len(octet)), nil
	}),
}

func difference(got, octet []byte) string {
	if bytes.Equal(got, octet) {
		return fmt.Sprintf("%d bytes with LF, as in mode octet", len(got))
	}
	return fmt.Sprintf("%d bytes, %d CR LF", len(got), bytes.Count(got, []byte("\r\n")))
}

// inMode reads up to a number of blocks in a mode other than octet.
func (c *client) inMode(name, mode string, blocks int) ([]byte, error) {
	x, err := c.talk()
	if err != nil {
		return nil, err
	}
	first, err := x.ask(request(name, mode))
	if err != nil {
		return nil, came("DATA 1", first, err)
	}
	if err := x.begin(first); err != nil {
		return nil, err
	}
	body, _, err := x.take(blocks)
	return body, err
}

var anyCase = check.Check{
	ID:          "tftp/7",
	Title:       "the mode is read in any case",
	Requirement: "A server reads the word octet in upper, lower and mixed case.",
	Source:      "RFC 1350 section 5",
	Level:       check.Should,
	Tags:        []check.Tag{check.OldPhones},
	Needs:       []check.Need{check.TFTPServer},
	Advice: check.Advices{
		check.AnyServer: {Text: "update the server"},
	},
	Run: asking(func(c *client) (string, error) {
		file, err := c.sample()
		if err != nil {
			return "", err
		}
		for _, mode := range []string{"OCTET", "Octet"} {
			got, err := c.inMode(file.name, mode, 1)
			if err != nil {
				return "", about(mode, err)
			}
			if !bytes.Equal(got, file.first) {
				return "", not("the same bytes as in mode octet", "mode %s: %d other bytes", mode, len(got))
			}
		}
		return "OCTET and Octet", nil
	}),
}

var leadingSlash = check.Check{
	ID:          "tftp/8",
	Title:       "a leading slash leads to the same file",
	Requirement: "A server may take a name with a leading slash for one in its root folder: devices that get a URL rely on it.",
	Source:      "RFC 3617, the path of a URL; RFC 1350 leaves names to the server",
	Level:       check.Info,
	Needs:       []check.Need{check.TFTPServer},
	Advice: check.Advices{
		check.TFTPDHPA: {Text: `TFTP_OPTIONS="--secure" in /etc/default/tftpd-hpa makes the root folder /`},
		check.ATFTPD:   {Text: "give the root folder as the last argument; names below it may begin with /"},
		check.Dnsmasq:  {Text: "it goes before names that begin with / as well", Config: "tftp-root=/srv/tftp"},
	},
	Run: asking(func(c *client) (string, error) {
		file, err := c.sample()
		if err != nil {
			return "", err
		}
		x, got, err := c.ask("/" + file.name)
		if err != nil || got.Op != tftp.OpData || !bytes.Equal(got.Data, file.first) {
			return "", came("the same DATA 1", got, err)
		}
		x.abort()
		return got.String(), nil
	}),
}

var directory = check.Check{
	ID:          "tftp/9",
	Title:       "a folder is not a file",
	Requirement: "A server answers a request for a folder with an error, not with an empty file.",
	Source:      "RFC 1350 section 1, a server reads and writes files; behaviour of atftpd 0.8",
	Level:       check.Should,
	Needs:       []check.Need{check.TFTPServer},
	Advice: check.Advices{
		check.AnyServer: {Text: "a rule that ends with / or names a folder gives phones an empty file there; let rules name files"},
	},
	Run: asking(func(c *client) (string, error) {
		if err := c.responds(); err != nil {
			return "", err
		}
		for _, name := range []string{".", "/", "./"} {
			_, got, err := c.ask(name)
			if err != nil || got.Op != tftp.OpError {
				return "", about(strconv.Quote(name), came("ERROR", got, err))
			}
		}
		return "ERROR", nil
	}),
}
