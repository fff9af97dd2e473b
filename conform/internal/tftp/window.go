package tftp

import (
	"fmt"
	"strconv"

	"provsim/conform/check"
	"provsim/internal/fetch/tftp"
)

var windowAdvice = check.Advices{
	check.ATFTPD:    {Text: "start it with --no-windowsize"},
	check.AnyServer: {Text: "update the server, or switch the option windowsize off"},
}

// windowed begins to read in small blocks with a window of 4, and is at the
// point where DATA 1 comes.
func (c *client) windowed() (*exchange, error) {
	x, err := c.small(7, option("windowsize", "4"))
	if err != nil {
		return nil, err
	}
	got, granted := value(x.granted, "windowsize")
	if !granted {
		return nil, inapplicable("the server does not grant windowsize")
	}
	if size, err := strconv.Atoi(got); err != nil || size < 1 || size > 4 {
		return nil, not("windowsize of 1 to 4", "windowsize=%s", got)
	}
	return x, nil
}

var windowKept = check.Check{
	ID:          "tftp/20",
	Title:       "the window is kept, and never more than asked",
	Requirement: "A server that grants a window answers with no more blocks than were asked for, and sends exactly that number from one acknowledgement to the next.",
	Source:      "RFC 7440 sections 3 and 4",
	Level:       check.Must,
	Needs:       []check.Need{check.TFTPServer},
	Patient:     true,
	Advice:      windowAdvice,
	Run: asking(func(c *client) (string, error) {
		x, err := c.windowed()
		if err != nil {
			return "", err
		}
		want := fmt.Sprintf("%d blocks, then a wait for ACK %d", x.window, x.window)
		for n := 0; n < x.window; n++ {
			got, err := x.next(c.p.Patience)
			if n == 0 && got.Op == tftp.OpOptionAck { // it has crossed ACK 0
				n--
				continue
			}
			if err != nil || got.Op != tftp.OpData || int(got.Block) != n+1 {
				return "", about(fmt.Sprintf("after %d blocks", n), came(want, got, err))
			}
		}
		err = x.quiet(want, func(p tftp.Packet) bool { return p.Op == tftp.OpData && int(p.Block) <= x.window })
		return want, err
	}),
}

var windowGap = check.Check{
	ID:          "tftp/21",
	Title:       "a gap in the window is filled",
	Requirement: "A server that gets an acknowledgement from within its window goes on behind the block that is acknowledged.",
	Source:      "RFC 7440 section 4; github.com/troglobit/uftpd issue 44",
	Level:       check.Must,
	Needs:       []check.Need{check.TFTPServer},
	Advice:      windowAdvice,
	Run: asking(func(c *client) (string, error) {
		x, err := c.windowed()
		if err != nil {
			return "", err
		}
		if x.window < 3 {
			return "", inapplicable("the server grants a window of less than 3 blocks")
		}
		for n := 1; n <= x.window; n++ {
			if _, err := x.data(n); err != nil {
				return "", err
			}
		}
		// As if the blocks behind the second had been lost.
		if err := x.ack(2); err != nil {
			return "", err
		}
		const want = "DATA 3 after ACK 2"
		for {
			got, err := x.next(c.p.Patience)
			switch {
			case err == nil && got.Op == tftp.OpData && got.Block < 3: // it has crossed ACK 2
			case err != nil || got.Op != tftp.OpData || got.Block != 3:
				return "", came(want, got, err)
			default:
				return want, nil
			}
		}
	}),
}
