package tftp

import (
	"context"
	"errors"
	"fmt"

	"provsim/conform/check"
	"provsim/internal/fetch/tftp"
)

// client asks the server; each run of a check has one.
type client struct {
	ctx   context.Context
	p     *check.Probe
	talks []*exchange
}

// asking makes a check's Run of a function that returns what it has seen, or an
// error: an *unmet where the server is wrong, an inapplicable where the question
// makes no sense, any other where it could not be asked.
func asking(ask func(*client) (seen string, err error)) func(context.Context, *check.Probe) check.Finding {
	return func(ctx context.Context, p *check.Probe) check.Finding {
		c := &client{ctx: ctx, p: p}
		defer c.close()
		seen, err := ask(c)
		var (
			wrong *unmet
			skip  inapplicable
		)
		switch {
		case err == nil:
			return check.Pass("%s", seen)
		case errors.As(err, &skip):
			return check.Skip("%s", string(skip))
		case ctx.Err() != nil:
			return check.Errorf("%w", ctx.Err())
		case errors.As(err, &wrong):
			return check.Fail(wrong.expected, "%s", wrong.actual).With("%s", wrong.detail)
		}
		return check.Errorf("%w", err)
	}
}

// An unmet says how a server does not meet a check's requirement.
type unmet struct{ expected, actual, detail string }

func (u *unmet) Error() string { return "expected " + u.expected + ", got " + u.actual }

// not returns that what is expected is not what came.
func not(expected, format string, args ...any) error {
	return &unmet{expected: expected, actual: fmt.Sprintf(format, args...)}
}

// An inapplicable says why a check does not apply.
type inapplicable string

func (i inapplicable) Error() string { return string(i) }

// came returns what was received, or why nothing was, as the server's fault. An
// error of this machine stays one.
func came(expected string, packet fmt.Stringer, err error) error {
	switch {
	case err == nil:
		return not(expected, "%s", packet)
	case errors.Is(err, check.ErrSilence):
		return not(expected, "no answer")
	case errors.Is(err, check.ErrTooMuch), errors.Is(err, errMalformed):
		return not(expected, "%v", err)
	}
	return err
}

// close ends all exchanges, and tells the server, so that it does not repeat itself.
func (c *client) close() {
	for _, x := range c.talks {
		x.abort()
		x.Close()
	}
}

// talk opens a conversation from a new port.
func (c *client) talk() (*exchange, error) {
	t, err := c.p.OpenTFTP(c.ctx)
	if err != nil {
		return nil, err
	}
	x := &exchange{TFTPConn: t, p: c.p, block: 512, window: 1}
	c.talks = append(c.talks, x)
	return x, nil
}

// ask opens a conversation with a read request in mode octet and returns the
// first answer to it.
func (c *client) ask(file string, options ...tftp.Option) (*exchange, tftp.Packet, error) {
	x, err := c.talk()
	if err != nil {
		return nil, tftp.Packet{}, err
	}
	first, err := x.ask(request(file, "octet", options...))
	return x, first, err
}
