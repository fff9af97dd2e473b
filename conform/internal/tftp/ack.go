package tftp

import (
	"fmt"

	"provsim/conform/check"
	"provsim/internal/fetch/tftp"
)

var apprentice = check.Check{
	ID:          "tftp/28",
	Title:       "no Sorcerer's Apprentice: a repeated ACK brings no repeated DATA",
	Requirement: "A server does not send a block again because an acknowledgement comes twice.",
	Source:      "RFC 1123 section 4.2.3.1, the Sorcerer's Apprentice Syndrome; RFC 1350 section 6",
	Level:       check.Should,
	Tags:        []check.Tag{check.Performance},
	Needs:       []check.Need{check.TFTPServer},
	Advice: check.Advices{
		check.AnyServer: {Text: "update the server; one packet that the network doubles makes it send all that follow twice"},
		check.ATFTPD:    {Text: "version 0.8.0 does so also with --prevent-sas; tftpd-hpa and dnsmasq do not"},
	},
	Run: asking(func(c *client) (string, error) {
		const blocks = 4
		x, err := c.small(blocks)
		if err != nil {
			return "", err
		}
		if _, err := x.data(1); err != nil {
			return "", err
		}
		for range 2 {
			if err := x.ack(1); err != nil {
				return "", err
			}
		}
		for n := uint16(2); n <= blocks; {
			got, err := x.next(3 * c.p.Patience)
			switch {
			case err != nil || got.Op != tftp.OpData:
				return "", came(fmt.Sprintf("DATA %d", n), got, err)
			case got.Block == n-1 && n > 2:
				return "", not(fmt.Sprintf("DATA %d once", got.Block), "DATA %d twice", got.Block)
			case got.Block == n:
				if err := x.ack(n); err != nil {
					return "", err
				}
				n++
			}
		}
		return "each block once", nil
	}),
}

var oldAck = check.Check{
	ID:          "tftp/29",
	Title:       "an old ACK does not move the transfer",
	Requirement: "A server sends the next block for an acknowledgement of the block that it sent last, not for one of an earlier block.",
	Source:      "RFC 1350 section 2; RFC 1123 section 4.2.3.1; github.com/troglobit/uftpd issue 44",
	Level:       check.Must,
	Needs:       []check.Need{check.TFTPServer},
	Patient:     true,
	Advice: check.Advices{
		check.AnyServer: {Text: "update the server; phones lose blocks where the network delays packets"},
	},
	Run: asking(func(c *client) (string, error) {
		x, err := c.small(4)
		if err != nil {
			return "", err
		}
		if _, _, err := x.take(2); err != nil {
			return "", err
		}
		if _, err := x.data(3); err != nil {
			return "", err
		}
		if err := x.ack(1); err != nil {
			return "", err
		}
		const want = "nothing new after DATA 3 and ACK 1"
		if err := x.quiet(want, func(p tftp.Packet) bool { return p.Op == tftp.OpData && p.Block <= 3 }); err != nil {
			return "", err
		}
		if err := x.ack(3); err != nil {
			return "", err
		}
		_, err = x.data(4)
		return "DATA 4 after ACK 3, not after ACK 1", err
	}),
}
