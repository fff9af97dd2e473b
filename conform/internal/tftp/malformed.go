package tftp

import (
	"errors"
	"fmt"
	"strings"
	"time"

	"provsim/conform/check"
	"provsim/internal/fetch/tftp"
)

var wellFormed = check.Check{
	ID:          "tftp/38",
	Title:       "packets are well formed",
	Requirement: "A server's ERROR ends with one NUL, and its OACK has pairs of a name and a value, each ended by a NUL, and nothing else.",
	Source:      "RFC 1350 section 5; RFC 2347; github.com/troglobit/uftpd issue 43; github.com/pypxe/PyPXE issue 66",
	Level:       check.Must,
	Needs:       []check.Need{check.TFTPServer},
	Advice: check.Advices{
		check.AnyServer: {Text: "update the server; strict devices drop such packets and wait for their timeout"},
	},
	Run: asking(func(c *client) (string, error) {
		file, err := c.sample()
		if err != nil {
			return "", err
		}
		var seen []string
		for _, wire := range [][]byte{
			request(missing, "octet"),
			request(file.name, "octet", option("blksize", "1428"), option("tsize", "0")),
			request(file.name, "octet"),
		} {
			x, err := c.talk()
			if err != nil {
				return "", err
			}
			if err := x.SendTo(x.Server(), wire); err != nil {
				return "", err
			}
			got, err := x.Receive(c.p.Patience)
			if errors.Is(err, check.ErrSilence) {
				return "", fmt.Errorf("a request is not answered, which this check builds on: see tftp/1 and tftp/2")
			}
			if err != nil || got.Bad != nil {
				return "", came("a well-formed packet", got, err)
			}
			x.peer = got.From
			seen = append(seen, got.String())
		}
		return strings.Join(seen, ", "), nil
	}),
}

// malformed are datagrams for the request port that are no good request.
var malformed = []struct{ what, wire string }{
	{"an empty datagram", ""},
	{"a datagram of 1 byte", "A"},
	{"operation 0", "\x00\x00"},
	{"operation 7", "\x00\x07\x00\x01"},
	{"operation 65535", "\xff\xff\xff\xff"},
	{"a request without a name", "\x00\x01"},
	{"a request with an empty name", "\x00\x01\x00octet\x00"},
	{"a request without NUL", "\x00\x01name"},
	{"a request without a mode", "\x00\x01name\x00"},
	{"a mode without NUL", "\x00\x01name\x00octet"},
	{"mode mail", "\x00\x01name\x00mail\x00"},
	{"an unknown mode", "\x00\x01name\x00binary\x00"},
	{"an option without a value", "\x00\x01name\x00octet\x00blksize\x00"},
	{"an option without NUL", "\x00\x01name\x00octet\x00blksize\x00512"},
	{"an option without a name", "\x00\x01name\x00octet\x00\x00\x00"},
	{"an option twice", "\x00\x01name\x00octet\x00blksize\x00512\x00blksize\x00512\x00"},
	{"100 options", "\x00\x01name\x00octet\x00" + strings.Repeat("a\x00b\x00", 100)},
	{"a name of 500 bytes", "\x00\x01" + strings.Repeat("a", 500) + "\x00octet\x00"},
	{"a name of 1,400 bytes", "\x00\x01" + strings.Repeat("a", 1400) + "\x00octet\x00"},
	{"a mode of 400 bytes", "\x00\x01name\x00" + strings.Repeat("o", 400) + "\x00"},
	{"a value of 400 bytes", "\x00\x01name\x00octet\x00blksize\x00" + strings.Repeat("9", 400) + "\x00"},
	{"a name of format directives", "\x00\x01%s%n%s%n%x\x00octet\x00"},
	{"a name of line breaks", "\x00\x01a\r\nb\x1b[2J\x00octet\x00"},
	{"a name of no UTF-8", "\x00\x01\xff\xfe\xc0\x80\x00octet\x00"},
	{"a request of NULs", "\x00\x01" + strings.Repeat("\x00", 200)},
	{"DATA", "\x00\x03\x00\x01data"},
	{"an ACK", "\x00\x04\x00\x01"},
	{"an ACK of 2 bytes", "\x00\x04"},
	{"an ERROR of 3 bytes", "\x00\x05\x00"},
	{"an OACK", "\x00\x06blksize\x00512\x00"},
}

// strange are datagrams for the port of a transfer.
var strange = []struct{ what, wire string }{
	{"an empty datagram in a transfer", ""},
	{"an ACK of 2 bytes in a transfer", "\x00\x04"},
	{"an ACK of 3 bytes in a transfer", "\x00\x04\x00"},
	{"an ACK of 600 bytes in a transfer", "\x00\x04\x00\x09" + strings.Repeat("x", 596)},
	{"a request in a transfer", "\x00\x01name\x00octet\x00"},
	{"operation 9 in a transfer", "\x00\x09\x00\x01"},
	{"an ERROR without NUL in a transfer", "\x00\x05\x00\x00gone"},
}

var survives = check.Check{
	ID:          "tftp/39",
	Title:       "malformed packets do no harm",
	Requirement: "A server answers a malformed packet with an error or drops it, and serves the next request.",
	Source:      "RFC 1350 section 5; github.com/msoulier/tftpy issue 140; github.com/scottlamb/hikvision-tftpd issue 15; github.com/landley/toybox pull request 297",
	Level:       check.Must,
	Tags:        []check.Tag{check.Security},
	Needs:       []check.Need{check.TFTPServer, check.Destructive},
	Alone:       true,
	Advice: check.Advices{
		check.AnyServer: {Text: "update the server, start it again, and let only the phones' network reach port 69/udp"},
	},
	Run: asking(func(c *client) (string, error) {
		file, err := c.sample()
		if err != nil {
			return "", err
		}
		for _, bad := range malformed {
			x, err := c.talk()
			if err != nil {
				return "", err
			}
			if err := x.SendTo(x.Server(), []byte(bad.wire)); err != nil {
				return "", err
			}
			if err := c.alive(file, bad.what); err != nil {
				return "", err
			}
			x.collect()
		}
		for _, bad := range strange {
			x, first, err := c.ask(file.name, option("blksize", "8"))
			if err != nil {
				return "", came("DATA or OACK", first, err)
			}
			if err := x.SendTo(x.peer, []byte(bad.wire)); err != nil {
				return "", err
			}
			if err := c.alive(file, bad.what); err != nil {
				return "", err
			}
		}
		return fmt.Sprintf("a good read after each of %d", len(malformed)+len(strange)), nil
	}),
}

// collect looks whether an answer is there already, so that a transfer which the
// server made of a malformed request is ended with the others.
func (x *exchange) collect() {
	x.next(time.Millisecond) // what it is does not matter
}

// alive reads the beginning of a file, after something malformed.
func (c *client) alive(file sample, after string) error {
	x, err := c.talk()
	if err != nil {
		return err
	}
	first, err := x.ask(request(file.name, "octet"))
	if err != nil || first.Op != tftp.OpData {
		return about("after "+after, came("DATA 1 of a good request", first, err))
	}
	x.abort()
	return nil
}
