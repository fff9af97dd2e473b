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
	Advice: check.Advices{
		check.AnyServer: {Text: "use one port for all transfers only where a firewall demands it: devices that tell their transfers apart by the port mix them up"},
		check.Dnsmasq:   {Text: "remove tftp-single-port; a firewall can be told a range of ports", Config: "tftp-port-range=50000,50999"},
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
	Advice: check.Advices{
		check.TFTPDHPA: {Text: `TFTP_ADDRESS="192.0.2.1:69" in /etc/default/tftpd-hpa`},
		check.ATFTPD:   {Text: "start it with --bind-address 192.0.2.1"},
		check.Dnsmasq: {Config: `listen-address=192.0.2.1
bind-interfaces`},
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

var unknownTIDTold = check.Check{
	ID:          "tftp/24",
	Title:       "a packet with an unknown TID gets error 5",
	Requirement: "A server answers a packet that comes to a transfer's port from another port or host with error 5, unknown transfer ID.",
	Source:      "RFC 1350 section 4",
	Level:       check.Info,
	Needs:       []check.Need{check.TFTPServer},
	Patient:     true,
	Advice: check.Advices{
		check.AnyServer: {Text: "without it a device that has rebooted in a transfer waits for its timeout; nothing worse follows"},
	},
	Run: asking(func(c *client) (string, error) {
		x, err := c.answered()
		if err != nil {
			return "", err
		}
		other, err := c.talk()
		if err != nil {
			return "", err
		}
		// Its port may be one that an earlier transfer still sends to.
		other.peer = x.peer
		if err := other.SendTo(x.peer, tftp.Packet{Op: tftp.OpAck, Block: 1}.Append(nil)); err != nil {
			return "", err
		}
		got, err := other.next(c.p.Patience)
		if err != nil || got.Op != tftp.OpError || got.Code != tftp.CodeUnknownTID {
			return "", came("ERROR 5", got, err)
		}
		return got.String(), nil
	}),
}

var unknownTIDIgnored = check.Check{
	ID:          "tftp/25",
	Title:       "a packet with an unknown TID does not disturb a transfer",
	Requirement: "A server goes on with a transfer whatever comes to its port from another port or host.",
	Source:      "RFC 1350 section 4",
	Level:       check.Must,
	Tags:        []check.Tag{check.Security},
	Needs:       []check.Need{check.TFTPServer},
	Patient:     true,
	Advice: check.Advices{
		check.AnyServer: {Text: "update the server; until then anybody on the network can break a phone's transfer"},
		check.ATFTPD:    {Text: "start it without --no-source-port-checking"},
	},
	Run: asking(func(c *client) (string, error) {
		other, err := c.talk()
		if err != nil {
			return "", err
		}
		strangers := []tftp.Packet{{Op: tftp.OpError, Message: "not mine"}, {Op: tftp.OpAck, Block: 2}}
		exchanges := make([]*exchange, len(strangers)) // in the last, DATA 2 is waiting for its ACK
		for i, packet := range strangers {
			x, err := c.small(4)
			if err != nil {
				return "", err
			}
			if _, _, err := x.take(i); err != nil {
				return "", err
			}
			if _, err := x.data(i + 1); err != nil {
				return "", err
			}
			if err := other.SendTo(x.peer, packet.Append(nil)); err != nil {
				return "", err
			}
			exchanges[i] = x
		}
		return "the next DATA in spite of another client's ERROR and ACK", each(exchanges, func(i int, x *exchange) error {
			want := "nothing new after another client's " + strangers[i].String()
			if err := x.quiet(want, func(p tftp.Packet) bool { return p.Op == tftp.OpData && int(p.Block) == i+1 }); err != nil {
				return err
			}
			if err := x.ack(uint16(i + 1)); err != nil {
				return err
			}
			_, err := x.data(i + 2)
			return err
		})
	}),
}
