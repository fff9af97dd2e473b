package tftp

import (
	"fmt"
	"strconv"
	"strings"

	"provsim/conform/check"
	"provsim/internal/fetch/tftp"
)

// missing is a name that no server has a file for.
const missing = "provsim-no-such-file.conf"

var notFound = check.Check{
	ID:          "tftp/1",
	Title:       "a missing file is error 1",
	Requirement: "A server answers a request for a file that it does not have with error 1, at once.",
	Source:      "RFC 1350 appendix, error codes; FV-TFTP-1",
	Level:       check.Must,
	Needs:       []check.Need{check.TFTPServer},
	Advice: check.Advices{
		check.AnyServer: {Text: "a phone takes error 1 for not-found and retries later; silence costs it the whole schedule of retransmission"},
		check.TFTPDHPA:  {Text: `TFTP_OPTIONS="--secure" in /etc/default/tftpd-hpa, and a folder that its user can search; other faults give error 0 or 2`},
		check.Dnsmasq:   {Text: "the folder must exist when dnsmasq starts, and its user must be able to read it", Config: "tftp-root=/srv/tftp"},
	},
	Run: asking(func(c *client) (string, error) {
		const want = "ERROR 1"
		x, err := c.talk()
		if err != nil {
			return "", err
		}
		got, err := x.askOnce(request(missing, "octet"))
		if err != nil || got.Op != tftp.OpError || got.Code != tftp.CodeNotFound {
			return "", came(want, got, err)
		}
		return got.String(), nil
	}),
}

var wholeFiles = check.Check{
	ID:          "tftp/2",
	Title:       "files are read block by block",
	Requirement: "A server sends each file in mode octet in blocks of 512 bytes, numbered from 1, of which the last is shorter.",
	Source:      "RFC 1350 sections 2, 5 and 6; FV-TFTP-1",
	Level:       check.Must,
	Needs:       []check.Need{check.TFTPServer},
	Advice: check.Advices{
		check.AnyServer: {Text: "the files must have the names that phones ask for, and the server's user must be able to read them"},
		check.TFTPDHPA:  {Text: `TFTP_DIRECTORY="/srv/tftp" and TFTP_OPTIONS="--secure" in /etc/default/tftpd-hpa, and files of mode 644`},
		check.Dnsmasq: {Text: "with tftp-secure the files must belong to dnsmasq's user", Config: `enable-tftp
tftp-root=/srv/tftp`},
	},
	Run: asking(func(c *client) (string, error) {
		names := c.files()
		if len(names) == 0 {
			return "", inapplicable("no file is known that the TFTP server has: --mac and a rule with tftp, or tftp.text in --target")
		}
		var seen []string
		for _, name := range names {
			body, whole, err := c.plain(name, 1<<11)
			if err != nil {
				return "", about(strconv.Quote(name), err)
			}
			if !whole && name == c.configuration() {
				return "", not("at most 1,048,576 bytes, as phones take (FV-NET-1)", "%q: more", name)
			}
			if !whole {
				seen = append(seen, fmt.Sprintf("the first %d bytes of %q", len(body), name))
				continue
			}
			seen = append(seen, fmt.Sprintf("%q of %d bytes", name, len(body)))
		}
		return strings.Join(seen, ", "), nil
	}),
}

// about says which of several questions a server is wrong with.
func about(what string, err error) error {
	if wrong, ok := err.(*unmet); ok {
		return not(wrong.expected, "%s: %s", what, wrong.actual)
	}
	return err
}

// plain reads a file without options, up to a number of blocks. The first answer
// is a part of the question here.
func (c *client) plain(name string, blocks int) (body []byte, whole bool, err error) {
	x, first, err := c.ask(name)
	if err != nil {
		return nil, false, came("DATA 1", first, err)
	}
	if err := x.begin(first); err != nil {
		return nil, false, not("DATA 1", "%s", first)
	}
	defer x.abort()
	return x.take(blocks)
}
