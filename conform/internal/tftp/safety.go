package tftp

import (
	"bytes"
	"errors"
	"fmt"
	"time"

	"provsim/conform/check"
	"provsim/internal/fetch/tftp"
)

// systemFiles are readable by anybody on their systems, and what shows that it
// is they.
var systemFiles = []struct{ name, mark string }{
	{"../../../../../../../../etc/passwd", "root:"},
	{"/etc/passwd", "root:"},
	{"./x/../../../../../../../../../etc/passwd", "root:"},
	{"....//....//....//....//....//etc/passwd", "root:"},
	{"../../../../../../../../etc/passwd\x00.conf", "root:"},
	{"../../../../../../../../proc/version", "Linux version"},
	{"/proc/version", "Linux version"},
	{`..\..\..\..\..\..\..\..\windows\win.ini`, "[fonts]"},
	{`C:\windows\win.ini`, "[fonts]"},
}

// A server that has its own idea of a root folder may serve what is there for
// any of these names; only what it serves from outside counts.
var outside = check.Check{
	ID:          "tftp/32",
	Title:       "nothing outside the root folder is served",
	Requirement: "A server does not serve the system's own files, by whatever name they are asked for.",
	Source:      "RFC 1123 section 4.2.3.4; RFC 1350, security considerations",
	Level:       check.Must,
	Tags:        []check.Tag{check.Security},
	Needs:       []check.Need{check.TFTPServer},
	Advice: map[check.Server]string{
		check.TFTPDHPA: "TFTP_OPTIONS=\"--secure\" and TFTP_DIRECTORY=\"/srv/tftp\"",
		check.ATFTPD:   "give a root folder as the last argument: atftpd --daemon /srv/tftp",
		check.Dnsmasq:  "tftp-root=/srv/tftp; without it every readable file is served",
	},
	Run: asking(func(c *client) (string, error) {
		if err := c.responds(); err != nil {
			return "", err
		}
		var exchanges []*exchange
		for _, file := range systemFiles {
			x, err := c.talk()
			if err != nil {
				return "", err
			}
			if err := x.SendTo(x.Server(), request(file.name, "octet")); err != nil {
				return "", err
			}
			exchanges = append(exchanges, x)
		}
		end := time.Now().Add(c.p.Patience) // of all: some servers do not answer at all
		for i, x := range exchanges {
			// An error is silence or the like, which gives nothing away.
			got, err := x.next(time.Until(end))
			if err == nil && bytes.Contains(got.Data, []byte(systemFiles[i].mark)) {
				return "", not("ERROR, or nothing", "%q: %s of the system's file", systemFiles[i].name, got)
			}
		}
		return fmt.Sprintf("none of %d names", len(systemFiles)), c.ctx.Err()
	}),
}

// The check asks to write a file that nobody has. To overwrite one that is there
// would tell more of tftpd-hpa, which creates none as it comes, but would not be
// forgiven.
var writing = check.Check{
	ID:          "tftp/33",
	Title:       "write requests are refused",
	Requirement: "A server that provisions phones takes no files from anybody.",
	Source:      "RFC 1350, security considerations; RFC 1123 section 4.2.3.4",
	Level:       check.Must,
	Tags:        []check.Tag{check.Security},
	Needs:       []check.Need{check.TFTPServer, check.Destructive},
	Advice: map[check.Server]string{
		check.TFTPDHPA: "remove --create from TFTP_OPTIONS, and let no file in the folder be writable for others",
		check.ATFTPD:   "let the folder and its files belong to root, mode 755 and 644: the server writes as nobody",
		check.Dnsmasq:  "dnsmasq takes no files; another server answers here",
	},
	Run: asking(func(c *client) (string, error) {
		const name = "provsim-write-check.tmp"
		if err := c.responds(); err != nil {
			return "", err
		}
		x, err := c.talk()
		if err != nil {
			return "", err
		}
		wire := request(name, "octet")
		wire[1] = opWrite
		got, err := x.ask(wire)
		if err == nil && got.Op == tftp.OpAck {
			// atftpd looks whether it may write when the first block comes.
			if err := x.reply(tftp.Packet{Op: tftp.OpData, Block: 1}); err != nil {
				return "", err
			}
			got, err = x.next(c.p.Patience)
		}
		switch {
		case err != nil:
			return "no answer", c.ctx.Err()
		case got.Op != tftp.OpError:
			return "", &unmet{"ERROR", got.String(), "an empty file " + name + " is left behind on the server"}
		}
		return got.String(), nil
	}),
}

// opWrite is the operation of a write request (RFC 1350 section 5).
const opWrite = 2

var silent = check.Check{
	ID:          "tftp/34",
	Title:       "little is sent to a silent client",
	Requirement: "A server that hears nothing after its first packet repeats it a few times only: the address of the request may be forged.",
	Source:      "RFC 4732, attack amplifiers; RFC 1123 section 4.2.3.2, exponential back-off",
	Level:       check.Should,
	Tags:        []check.Tag{check.Security},
	Needs:       []check.Need{check.TFTPServer},
	Advice: map[check.Server]string{
		check.AnyServer: "let only the phones' network reach port 69/udp; nft add rule inet filter input udp dport 69 ip saddr != 192.0.2.0/24 drop",
		check.TFTPDHPA:  "--retransmit 1000000",
		check.ATFTPD:    "--retry-timeout 5",
	},
	Run: asking(func(c *client) (string, error) {
		file, err := c.sample()
		if err != nil {
			return "", err
		}
		x, err := c.talk()
		if err != nil {
			return "", err
		}
		asked := request(file.name, "octet")
		if err := x.SendTo(x.Server(), asked); err != nil {
			return "", err
		}
		const most = 8
		size := 0
		for packets, end := 0, time.Now().Add(2*c.p.Patience); ; packets++ {
			got, err := x.Receive(time.Until(end))
			if errors.Is(err, check.ErrSilence) {
				return fmt.Sprintf("%d packets, %d bytes to a request of %d", packets, size, len(asked)), nil
			}
			if err != nil {
				return "", came("a few repetitions", got, err)
			}
			x.peer = got.From
			if size += len(got.Raw); packets >= most {
				return "", not(fmt.Sprintf("at most %d packets in %v", most, 2*c.p.Patience), "more: %d bytes to a request of %d", size, len(asked))
			}
		}
	}),
}
