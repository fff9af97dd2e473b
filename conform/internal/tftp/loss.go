package tftp

import (
	"fmt"

	"provsim/conform/check"
	"provsim/internal/fetch/tftp"
)

var repeated = check.Check{
	ID:          "tftp/26",
	Title:       "what is not acknowledged is sent again",
	Requirement: "A server repeats an OACK, a DATA packet and the last DATA packet of a file when no acknowledgement comes.",
	Source:      "RFC 1350 sections 2 and 6; RFC 1123 section 4.2.3.2",
	Level:       check.Must,
	Needs:       []check.Need{check.TFTPServer},
	Patient:     true,
	Advice: check.Advices{
		check.AnyServer: {Text: "let the server repeat after a second or two; phones give up after a few seconds"},
		check.ATFTPD:    {Text: "start it with --retry-timeout 1"},
		check.TFTPDHPA:  {Text: "start it with --retransmit 1000000"},
	},
	Run: asking(func(c *client) (string, error) {
		file, err := c.sample()
		if err != nil {
			return "", err
		}
		waiting := []func(*client, string) (*exchange, tftp.Packet, error){
			func(c *client, name string) (*exchange, tftp.Packet, error) {
				return c.ask(name, option("blksize", "512"))
			},
			func(c *client, name string) (*exchange, tftp.Packet, error) { return c.ask(name) },
			(*client).unfinished,
		}
		var (
			exchanges [3]*exchange
			packets   [3]tftp.Packet
		)
		for i, start := range waiting {
			if exchanges[i], packets[i], err = start(c, file.name); err != nil {
				return "", came("DATA or OACK", packets[i], err)
			}
		}
		// All three wait at the same time.
		for i, x := range exchanges {
			want := packets[i].Op
			block := packets[i].Block
			got, err := x.next(3 * c.p.Patience)
			if err != nil || got.Op != want || got.Block != block {
				return "", came([]string{"the first answer again", "DATA 1 again", "the last block again"}[i], got, err)
			}
		}
		return "the first answer, DATA 1 and the last block", nil
	}),
}

// unfinished reads a file and does not acknowledge the last block, which it
// returns without its data.
func (c *client) unfinished(name string) (*exchange, tftp.Packet, error) {
	const most = 1 << 11
	x, first, err := c.ask(name)
	if err != nil {
		return x, first, err
	}
	if err := x.begin(first); err != nil {
		return x, first, err
	}
	for n := 1; ; n++ {
		data, err := x.data(n)
		last := tftp.Packet{Op: tftp.OpData, Block: uint16(n)}
		if err != nil || len(data) < x.block || n == most {
			return x, last, err
		}
		if err := x.ack(uint16(n)); err != nil {
			return x, last, err
		}
	}
}

var requestTwice = check.Check{
	ID:          "tftp/27",
	Title:       "a repeated request does no harm",
	Requirement: "A server goes on with a transfer when the request for it comes once more, from the same port, because the first answer was late.",
	Source:      "RFC 1350 section 4, a request that the network delivers twice",
	Level:       check.Must,
	Needs:       []check.Need{check.TFTPServer},
	Advice: check.Advices{
		check.AnyServer: {Text: "update the server; phones repeat their request whenever the network is slow"},
	},
	Run: asking(func(c *client) (string, error) {
		const blocks = 4
		x, err := c.small(blocks)
		if err != nil {
			return "", err
		}
		if err := x.SendTo(x.Server(), x.asked); err != nil {
			return "", err
		}
		if _, _, err := x.take(blocks); err != nil {
			return "", err
		}
		return fmt.Sprintf("%d blocks behind it", blocks), nil
	}),
}
