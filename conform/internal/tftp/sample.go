package tftp

import (
	"errors"
	"fmt"
	"strings"

	"provsim/conform/check"
	"provsim/internal/fetch/tftp"
)

// A sample is a file that the server has.
type sample struct {
	name  string
	first []byte // its first 512 bytes, or all of it
	more  bool   // there are more bytes
}

// sample returns the file that most checks read: the first phone's own, or else
// one that the target names. It asks for it without options, so that a check
// which fails after it fails for its own reason.
func (c *client) sample() (sample, error) {
	names := c.files()
	if len(names) == 0 {
		return sample{}, inapplicable("no file is known that the TFTP server has: --mac and a rule with tftp, or tftp.text in --target")
	}
	return c.begin(names[0])
}

// begin returns the beginning of a file.
func (c *client) begin(name string) (sample, error) {
	x, first, err := c.ask(name)
	if err != nil || first.Op != tftp.OpData || first.Block != 1 {
		return sample{}, base(fmt.Sprintf("a plain request for %q", name), came("DATA 1", first, err))
	}
	x.abort()
	return sample{name, first.Data, len(first.Data) == 512}, nil
}

// configuration returns the name of the first phone's file, "" where it is not
// fetched by TFTP.
func (c *client) configuration() string {
	if len(c.p.Target.Phones) == 0 {
		return ""
	}
	req, err := c.p.Request(c.p.Target.Phones[0].MAC)
	if err != nil || req.Scheme != "tftp" {
		return ""
	}
	return strings.TrimPrefix(req.Path, "/")
}

// responds makes sure that the server answers at all, for checks that take
// silence for an answer.
func (c *client) responds() error {
	_, first, err := c.ask(missing)
	switch {
	case errors.Is(err, check.ErrSilence):
		return errors.New("a request for a missing file brings no answer, which this check builds on: see tftp/1")
	case err != nil:
		return base("a request for a missing file", came("an answer", first, err))
	}
	return nil
}

// base says that a question cannot be asked because the server does not even do
// what the question builds on. That it does is what other checks ask.
func base(what string, err error) error {
	if wrong, ok := err.(*unmet); ok {
		return fmt.Errorf("%s is not answered with %s, which this check builds on: %s", what, wrong.expected, wrong.actual)
	}
	return err
}

// files returns the names of the files that the server should have, those of
// the target behind the first phone's.
func (c *client) files() (names []string) {
	if name := c.configuration(); name != "" {
		names = append(names, name)
	}
	for _, name := range []string{c.p.Target.TFTP.Text, c.p.Target.TFTP.Large} {
		if name != "" {
			names = append(names, strings.TrimPrefix(name, "/"))
		}
	}
	return names
}

// small begins to read a file in blocks so small that there are several: of 8
// bytes, of 32 with further options, or of 512 where the server grants no other.
// The exchange is at the point where DATA 1 comes.
func (c *client) small(blocks int, options ...tftp.Option) (*exchange, error) {
	file, err := c.sample()
	if err != nil {
		return nil, err
	}
	size := option("blksize", "8")
	if len(options) > 0 {
		size.Value = "32" // atftpd 0.8 wants a block to be as large as the OACK
	}
	x, first, err := c.ask(file.name, append(options, size)...)
	if err != nil {
		return nil, came("DATA or OACK", first, err)
	}
	if first.Op == tftp.OpOptionAck && x.block < 512 {
		if len(file.first)/x.block+1 < blocks {
			return nil, inapplicable(fmt.Sprintf("%q is too short for %d blocks: give a longer file as tftp.text in --target", file.name, blocks))
		}
		return x, x.begin(first)
	}
	x.abort()
	if c.p.Target.TFTP.Large == "" {
		return nil, inapplicable("the server grants no small blocks: give a file of more than a few thousand bytes as tftp.large in --target")
	}
	if file, err = c.begin(strings.TrimPrefix(c.p.Target.TFTP.Large, "/")); err != nil {
		return nil, err
	}
	x, first, err = c.ask(file.name, options...)
	if err != nil {
		return nil, came("DATA or OACK", first, err)
	}
	return x, x.begin(first)
}
