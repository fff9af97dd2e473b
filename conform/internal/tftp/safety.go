package tftp

import (
	"bytes"
	"errors"
	"fmt"
	"time"

	"provsim/conform/check"
	"provsim/internal/fetch/tftp"
)

// systemFiles are files that every user of their systems can read, with a text
// that shows that it is them.
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

// A server may map any of these names to a file in its root folder. Only files
// from outside count.
var outside = check.Check{
	ID:          "tftp/32",
	Title:       "no path traversal: nothing outside the root folder is served",
	Requirement: "A server does not serve the system's own files, by whatever name they are asked for.",
	Source:      "RFC 1123 section 4.2.3.4; RFC 1350, security considerations",
	Level:       check.Must,
	Tags:        []check.Tag{check.Security},
	Needs:       []check.Need{check.TFTPServer},
	Advice: check.Advices{
		check.TFTPDHPA: {Text: `TFTP_OPTIONS="--secure" and TFTP_DIRECTORY="/srv/tftp" in /etc/default/tftpd-hpa`},
		check.ATFTPD:   {Text: "give a root folder as the last argument: atftpd --daemon /srv/tftp"},
		check.Dnsmasq:  {Text: "without it dnsmasq serves every readable file", Config: "tftp-root=/srv/tftp"},
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
			// Silence and other errors are as good as a refusal.
			got, err := x.next(time.Until(end))
			if err == nil && bytes.Contains(got.Data, []byte(systemFiles[i].mark)) {
				return "", not("ERROR, or nothing", "%q: %s of the system's file", systemFiles[i].name, got)
			}
		}
		return fmt.Sprintf("none of %d names", len(systemFiles)), c.ctx.Err()
	}),
}

// The check asks to write a file that does not exist. To overwrite an existing
// one would find more on tftpd-hpa, which creates none by default, but it would
// do harm.
var writing = check.Check{
	ID:          "tftp/33",
	Title:       "write requests are refused",
	Requirement: "A server that provisions phones accepts no files.",
	Source:      "RFC 1350, security considerations; RFC 1123 section 4.2.3.4",
	Level:       check.Must,
	Tags:        []check.Tag{check.Security},
	Needs:       []check.Need{check.TFTPServer, check.Destructive},
	Advice: check.Advices{
		check.TFTPDHPA: {Text: "remove --create from TFTP_OPTIONS, and let no file in the folder be writable for others"},
		check.ATFTPD:   {Text: "let the folder and its files belong to root, mode 755 and 644: the server writes as nobody"},
		check.Dnsmasq:  {Text: "dnsmasq takes no files; another server answers here"},
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
	Title:       "a silent client gets few repetitions",
	Requirement: "A server that gets no answer to its first packet repeats it a few times only: the address of the request may be forged.",
	Source:      "RFC 4732, attack amplifiers; RFC 1123 section 4.2.3.2, exponential back-off",
	Level:       check.Should,
	Tags:        []check.Tag{check.Security},
	Needs:       []check.Need{check.TFTPServer},
	Patient:     true,
	Advice: check.Advices{
		check.AnyServer: {Text: "let only the phones' network reach port 69/udp: nft add rule inet filter input udp dport 69 ip saddr != 192.0.2.0/24 drop"},
		check.TFTPDHPA:  {Text: "start it with --retransmit 1000000"},
		check.ATFTPD:    {Text: "start it with --retry-timeout 5"},
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
		// One each half second, with the usual patience. The longer, the more would be in order.
		const most = 7
		within := min(c.p.Patience, check.DefaultPatience) * 7 / 4
		size := 0
		for packets, end := 0, time.Now().Add(within); ; packets++ {
			got, err := x.Receive(time.Until(end))
			if errors.Is(err, check.ErrSilence) {
				return fmt.Sprintf("%d packets, %d bytes to a request of %d", packets, size, len(asked)), nil
			}
			if err != nil {
				return "", came("a few repetitions", got, err)
			}
			x.peer = got.From
			if size += len(got.Raw); packets >= most {
				return "", not(fmt.Sprintf("at most %d packets in %v", most, within), "more: %d bytes to a request of %d", size, len(asked))
			}
		}
	}),
}
