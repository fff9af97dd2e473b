package tftp

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"sync"
	"time"

	"provsim/conform/check"
	"provsim/internal/fetch/tftp"
)

// RFC 1350 does not say what follows block 65,535. Servers and phones go on
// with 0 (FV-TFTP-1); a firmware image of 32 MiB in blocks of 512 gets there.
// The check gets there sooner, with blocks of 8.
var rollover = check.Check{
	ID:          "tftp/30",
	Title:       "block numbers roll over to 0",
	Requirement: "A server goes on with block 0 behind block 65,535.",
	Source:      "FV-TFTP-1; RFC 1350 section 5, block numbers have 16 bits",
	Level:       check.Must,
	Needs:       []check.Need{check.TFTPServer, check.LargeFile, check.Heavy},
	Advice: check.Advices{
		check.AnyServer: {Text: "update the server, or keep firmware images under 32 MiB"},
	},
	Run: asking(func(c *client) (string, error) {
		const enough = 1<<16 + 4
		name := strings.TrimPrefix(c.p.Target.TFTP.Large, "/")
		if _, err := c.begin(name); err != nil {
			return "", err
		}
		x, first, err := c.ask(name, option("blksize", "8"), option("windowsize", "64"))
		if err == nil && first.Op == tftp.OpError { // atftpd 0.8: the OACK is larger than a block
			x, first, err = c.ask(name, option("blksize", "8"))
		}
		if err != nil {
			return "", came("DATA or OACK", first, err)
		}
		if x.block > 64 {
			return "", inapplicable(fmt.Sprintf("the server grants no blocks of 8 bytes, and 65,536 of %d are too many for a check", x.block))
		}
		if err := x.begin(first); err != nil {
			return "", err
		}
		if err := x.takeInTime(c.ctx, enough); err != nil {
			return "", err
		}
		if x.taken < enough {
			return "", inapplicable(fmt.Sprintf("%q has %d blocks of %d bytes, %d are needed: give a larger file as tftp.large in --target", name, x.taken, x.block, enough))
		}
		return fmt.Sprintf("%d blocks", enough), nil
	}),
}

// takeInTime takes a number of blocks. Where the way to the server is too long for
// that before the check's time is over, the check does not apply.
func (x *exchange) takeInTime(ctx context.Context, blocks int) error {
	end, limited := ctx.Deadline()
	for x.taken < blocks && !x.over {
		if _, _, err := x.take(min(1<<10, blocks-x.taken)); err != nil {
			return err
		}
		if limited && time.Until(end) < x.p.Patience {
			return inapplicable(fmt.Sprintf("%d of %d blocks came in the time that a check may take", x.taken, blocks))
		}
	}
	return nil
}

var manyClients = check.Check{
	ID:          "tftp/31",
	Title:       "200 clients at once are served",
	Requirement: "A server serves 200 clients that ask at the same time and repeat their request, as phones do after a power failure.",
	Source:      "RFC 1350 section 4, a port for each transfer; dnsmasq manual, tftp-max",
	Level:       check.Should,
	Tags:        []check.Tag{check.Performance},
	Needs:       []check.Need{check.TFTPServer, check.Heavy},
	Alone:       true,
	Advice: check.Advices{
		check.Dnsmasq:   {Config: "tftp-max=500"},
		check.ATFTPD:    {Text: "start it with --maxthread 500"},
		check.AnyServer: {Text: "let the server take as many transfers at a time as there are phones on one power line"},
	},
	Run: asking(func(c *client) (string, error) {
		const clients = 200
		file, err := c.sample()
		if err != nil {
			return "", err
		}
		exchanges := make([]*exchange, clients)
		for i := range exchanges {
			if exchanges[i], err = c.talk(); err != nil {
				return "", err
			}
		}
		errs := rush(exchanges, file.name)
		served := len(exchanges) - len(errs)
		if served < clients {
			return "", not(fmt.Sprintf("%d of %d served", clients, clients), "%d served; of another: %v", served, errs[0])
		}
		return fmt.Sprintf("%d of %d", served, clients), c.ctx.Err()
	}),
}

// rush has all clients ask for a file before any of them goes on, and returns
// why some did not get it.
func rush(exchanges []*exchange, name string) (errs []error) {
	var (
		asking, reading sync.WaitGroup
		mu              sync.Mutex
	)
	asking.Add(len(exchanges))
	for _, x := range exchanges {
		reading.Go(func() {
			first, err := x.askOnce(request(name, "octet"))
			repeated := errors.Is(err, check.ErrSilence)
			asking.Done()
			asking.Wait()
			if err = x.insist(first, err); err != nil {
				mu.Lock()
				errs = append(errs, err)
				mu.Unlock()
			}
			if repeated {
				x.settle()
			}
		})
	}
	reading.Wait()
	return errs
}

// settle refuses the transfers of requests that waited in the server's queue
// and were repeated. Otherwise they would take up its slots.
func (x *exchange) settle() {
	for end := time.Now().Add(3 * x.p.Patience); time.Now().Before(end); {
		if _, err := x.next(x.p.Patience); err != nil {
			return
		}
	}
}

// insist goes on with a transfer, or repeats the request as a phone does.
func (x *exchange) insist(first tftp.Packet, err error) error {
	if errors.Is(err, check.ErrSilence) {
		first, err = x.ask(x.asked)
	}
	if err != nil {
		return err
	}
	if err := x.begin(first); err != nil {
		return err
	}
	_, _, err = x.take(64)
	return err
}
