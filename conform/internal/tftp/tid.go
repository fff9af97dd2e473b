package tftp

import (
	"provsim/conform/check"
	"provsim/internal/fetch/tftp"
)

var ownPort = check.Check{
	ID:          "tftp/22",
	Title:       "a transfer has a port of its own",
	Requirement: "A server answers from a port that it chose for the transfer, not from its request port.",
	Source:      "RFC 1350 section 4",
	Level:       check.Should,
	Needs:       []check.Need{check.TFTPServer},
	Advice: map[check.Server]string{
		check.AnyServer: "one port for all is right only where a firewall demands it; devices that know their transfers by the port mix them up",
		check.Dnsmasq:   "remove tftp-single-port; tftp-port-range=50000,50999 is what firewalls can be told",
	},
	Run: asking(func(c *client) (string, error) {
		x, err := c.answered()
		if err != nil {
			return "", err
		}
		if x.peer.Port() == x.Server().Port() {
			return "", not("DATA 1 from a new port", "DATA 1 from the request port")
		}
		return "DATA 1 from a new port", nil
	}),
}

var sameAddress = check.Check{
	ID:          "tftp/23",
	Title:       "the answer comes from the address that was asked",
	Requirement: "A server with several addresses answers from the one that the request was sent to.",
	Source:      "RFC 1350 section 4, the client knows its peer by it; github.com/pin/tftp pull request 58",
	Level:       check.Must,
	Needs:       []check.Need{check.TFTPServer},
	Advice: map[check.Server]string{
		check.TFTPDHPA: "TFTP_ADDRESS=\"192.0.2.1:69\"",
		check.ATFTPD:   "--bind-address 192.0.2.1",
		check.Dnsmasq:  "listen-address=192.0.2.1 and bind-interfaces",
	},
	Run: asking(func(c *client) (string, error) {
		x, err := c.answered()
		if err != nil {
			return "", err
		}
		if got, want := x.peer.Addr(), x.Server().Addr(); got != want {
			return "", not("DATA 1 from "+want.String(), "DATA 1 from %s", got)
		}
		return "DATA 1 from " + x.peer.Addr().String(), nil
	}),
}

// answered returns an exchange whose request was answered with DATA 1, for
// checks of where that came from.
func (c *client) answered() (*exchange, error) {
	file, err := c.sample()
	if err != nil {
		return nil, err
	}
	x, first, err := c.ask(file.name)
	if err != nil {
		return nil, came("DATA 1", first, err)
	}
	return x, x.begin(first)
}

var strangerTold = check.Check{
	ID:          "tftp/24",
	Title:       "a stranger is told error 5",
	Requirement: "A server answers a packet that comes to a transfer's port from elsewhere with error 5.",
	Source:      "RFC 1350 section 4",
	Level:       check.Info,
	Needs:       []check.Need{check.TFTPServer},
	Advice: map[check.Server]string{
		check.AnyServer: "without it a device that has rebooted in a transfer waits for its timeout; nothing worse follows",
	},
	Run: asking(func(c *client) (string, error) {
		x, err := c.answered()
		if err != nil {
			return "", err
		}
		stranger, err := c.talk()
		if err != nil {
			return "", err
		}
		// Its port may be one that an earlier transfer still sends to.
		stranger.peer = x.peer
		if err := stranger.SendTo(x.peer, tftp.Packet{Op: tftp.OpAck, Block: 1}.Append(nil)); err != nil {
			return "", err
		}
		got, err := stranger.next(c.p.Patience)
		if err != nil || got.Op != tftp.OpError || got.Code != tftp.CodeUnknownTID {
			return "", came("ERROR 5", got, err)
		}
		return got.String(), nil
	}),
}

var strangerIgnored = check.Check{
	ID:          "tftp/25",
	Title:       "a stranger does not disturb a transfer",
	Requirement: "A server goes on with a transfer whatever comes to its port from elsewhere.",
	Source:      "RFC 1350 section 4",
	Level:       check.Must,
	Tags:        []check.Tag{check.Security},
	Needs:       []check.Need{check.TFTPServer},
	Advice: map[check.Server]string{
		check.AnyServer: "update the server; until then anybody on the network can break a phone's transfer",
		check.ATFTPD:    "start it without --no-source-port-checking",
	},
	Run: asking(func(c *client) (string, error) {
		x, err := c.small(4)
		if err != nil {
			return "", err
		}
		stranger, err := c.talk()
		if err != nil {
			return "", err
		}
		for block, packet := range []tftp.Packet{
			{Op: tftp.OpError, Message: "not mine"}, {Op: tftp.OpAck, Block: 2},
		} {
			if _, err := x.data(block + 1); err != nil {
				return "", err
			}
			if err := stranger.SendTo(x.peer, packet.Append(nil)); err != nil {
				return "", err
			}
			want := "nothing new after a stranger's " + packet.String()
			if err := x.quiet(want, func(p tftp.Packet) bool { return p.Op == tftp.OpData && int(p.Block) == block+1 }); err != nil {
				return "", err
			}
			if err := x.ack(uint16(block + 1)); err != nil {
				return "", err
			}
		}
		_, err = x.data(3)
		return "DATA 3 in spite of a stranger's ERROR and ACK", err
	}),
}
