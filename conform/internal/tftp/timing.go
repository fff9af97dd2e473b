package tftp

import (
	"errors"
	"sync"
	"time"

	"provsim/conform/check"
	"provsim/internal/fetch/tftp"
)

var timeoutKept = check.Check{
	ID:          "tftp/18",
	Title:       "the timeout is kept",
	Requirement: "A server that answers timeout answers with the value that was asked for, and repeats a packet after that time.",
	Source:      "RFC 2349",
	Level:       check.Should,
	Needs:       []check.Need{check.TFTPServer},
	Patient:     true,
	Advice: check.Advices{
		check.ATFTPD:    {Text: "start it with --no-timeout"},
		check.TFTPDHPA:  {Text: "start it with --refuse timeout"},
		check.AnyServer: {Text: "update the server, or switch the option timeout off"},
	},
	Run: asking(func(c *client) (string, error) {
		x, got, err := c.begun("timeout", "1")
		if err != nil {
			return "", err
		}
		if got != "1" {
			return "", not("timeout=1", "timeout=%s", got)
		}
		const want = "the OACK again after 1 s"
		began := time.Now()
		again, err := x.next(max(3*time.Second, c.p.Patience))
		// A busy server is late, but none is early by half.
		if err != nil || again.Op != tftp.OpOptionAck || time.Since(began) < time.Second/2 {
			if errors.Is(err, check.ErrSilence) || err == nil && again.Op == tftp.OpOptionAck {
				return "", not(want, "%s", map[bool]string{true: "the OACK again in less than half of that", false: "nothing in three times that"}[err == nil])
			}
			return "", came(want, again, err)
		}
		return want, nil
	}),
}

var oackFirst = check.Check{
	ID:          "tftp/19",
	Title:       "DATA waits for the OACK's acknowledgement",
	Requirement: "A server sends DATA 1 only after the client has acknowledged the OACK, with ACK 0.",
	Source:      "RFC 2347, read request",
	Level:       check.Must,
	Needs:       []check.Need{check.TFTPServer},
	Patient:     true,
	Advice: check.Advices{
		check.AnyServer: {Text: "update the server, or switch its options off"},
	},
	Run: asking(func(c *client) (string, error) {
		x, _, err := c.begun("blksize", "1024")
		if err != nil {
			return "", err
		}
		const want = "nothing but the OACK before ACK 0"
		if err := x.quiet(want, func(p tftp.Packet) bool { return p.Op == tftp.OpOptionAck }); err != nil {
			return "", err
		}
		if err := x.ack(0); err != nil {
			return "", err
		}
		_, err = x.data(1)
		return "DATA 1 after ACK 0", err
	}),
}

// each goes on with several exchanges at the same time, and returns the first one's
// error.
func each(exchanges []*exchange, goOn func(i int, x *exchange) error) error {
	errs := make([]error, len(exchanges))
	var all sync.WaitGroup
	for i, x := range exchanges {
		all.Go(func() { errs[i] = goOn(i, x) })
	}
	all.Wait()
	for _, err := range errs {
		if err != nil {
			return err
		}
	}
	return nil
}

// quiet waits one patience, in which only allowed packets may come.
func (x *exchange) quiet(want string, allowed func(tftp.Packet) bool) error {
	return x.quietFor(x.p.Patience, want, allowed)
}

func (x *exchange) quietFor(wait time.Duration, want string, allowed func(tftp.Packet) bool) error {
	for end := time.Now().Add(wait); ; {
		got, err := x.next(time.Until(end))
		switch {
		case errors.Is(err, check.ErrSilence):
			return nil
		case err != nil || !allowed(got):
			return came(want, got, err)
		}
	}
}
