package tftp

import (
	"bytes"
	"fmt"
	"strconv"
	"strings"

	"provsim/conform/check"
	"provsim/internal/fetch/tftp"
)

var blksizeKept = check.Check{
	ID:          "tftp/15",
	Title:       "the block size is kept, and never more than asked",
	Requirement: "A server that grants a block size answers with no more than was asked for, and sends blocks of the size that it answers.",
	Source:      "RFC 2348",
	Level:       check.Must,
	Needs:       []check.Need{check.TFTPServer},
	Advice: check.Advices{
		check.AnyServer: {Text: "update the server, or switch the option blksize off"},
		check.ATFTPD:    {Text: "start it with --no-blksize"},
		check.TFTPDHPA:  {Text: "start it with --refuse blksize"},
		check.Dnsmasq:   {Config: "tftp-no-blocksize"},
	},
	Run: asking(func(c *client) (string, error) {
		file, err := c.sample()
		if err != nil {
			return "", err
		}
		body, _, err := c.plain(file.name, 64)
		if err != nil {
			return "", err
		}
		var seen []string
		for _, asked := range []int{8, 9, 511, 1000, 1428, 8192} {
			x, got, err := c.begun("blksize", strconv.Itoa(asked))
			if _, skip := err.(inapplicable); skip {
				continue // some servers grant only usual sizes
			}
			if err != nil {
				return "", err
			}
			size, err := strconv.Atoi(got)
			if err != nil || size < 8 || size > asked {
				return "", not(fmt.Sprintf("blksize of 8 to %d", asked), "blksize=%s", got)
			}
			if err := x.sends(body); err != nil {
				return "", about(fmt.Sprintf("blksize=%d granted for %d", size, asked), err)
			}
			seen = append(seen, fmt.Sprintf("%d for %d", size, asked))
		}
		if len(seen) == 0 {
			return "", inapplicable("the server does not grant blksize")
		}
		return strings.Join(seen, ", "), nil
	}),
}

// sends acknowledges the OACK and holds DATA 1 against the block size and
// against the file.
func (x *exchange) sends(body []byte) error {
	defer x.abort()
	if err := x.ack(0); err != nil {
		return err
	}
	data, err := x.data(1)
	if err != nil {
		return err
	}
	if want := body[:min(len(body), x.block)]; !bytes.Equal(data, want) {
		return not(fmt.Sprintf("DATA 1 with the file's first %d bytes", len(want)), "DATA 1 (%d bytes)", len(data))
	}
	return nil
}

var oddValues = check.Check{
	ID:          "tftp/16",
	Title:       "values out of range are not granted",
	Requirement: "A server ignores an option whose value is out of range or no number, answers with one in range that is not larger, or refuses with an error.",
	Source:      "RFC 2348; RFC 2349; RFC 7440; RFC 2347, error 8",
	Level:       check.Info,
	Needs:       []check.Need{check.TFTPServer},
	Advice: check.Advices{
		check.AnyServer: {Text: "update the server; only devices at fault ask for such values"},
	},
	Run: asking(func(c *client) (string, error) {
		file, err := c.sample()
		if err != nil {
			return "", err
		}
		for _, test := range []struct {
			option   tftp.Option
			low, top int
		}{
			{option("blksize", "0"), 8, 0}, {option("blksize", "7"), 8, 7}, {option("blksize", "65465"), 8, 65464},
			{option("blksize", "99999999999"), 8, 65464}, {option("blksize", "-1"), 8, 65464}, {option("blksize", "many"), 8, 65464},
			{option("timeout", "0"), 1, 0}, {option("timeout", "256"), 1, 0},
			{option("windowsize", "0"), 1, 0}, {option("windowsize", "65536"), 1, 65535},
		} {
			_, first, err := c.ask(file.name, test.option)
			if err != nil {
				return "", about(test.option.Name+"="+test.option.Value, came("DATA, OACK or ERROR", first, err))
			}
			got, granted := value(first.Options, test.option.Name)
			if n, err := strconv.Atoi(got); granted && (err != nil || n < test.low || n > test.top) {
				return "", not(fmt.Sprintf("no %s=%s", test.option.Name, test.option.Value), "%s", first)
			}
		}
		return "none is granted as it was asked", nil
	}),
}

var tsizeRight = check.Check{
	ID:          "tftp/17",
	Title:       "tsize is the file's size",
	Requirement: "A server that answers tsize answers with the size of what it then sends.",
	Source:      "RFC 2349; FV-TFTP-1",
	Level:       check.Must,
	Needs:       []check.Need{check.TFTPServer},
	Advice: check.Advices{
		check.ATFTPD:   {Text: "start it with --no-tsize"},
		check.TFTPDHPA: {Text: "start it with --refuse tsize"},
		check.Dnsmasq:  {Text: "put new files in place by mv, so that none changes while it is read"},
	},
	Run: asking(func(c *client) (string, error) {
		x, got, err := c.begun("tsize", "0")
		if err != nil {
			return "", err
		}
		if err := x.ack(0); err != nil {
			return "", err
		}
		body, whole, err := x.take(1 << 11)
		if err != nil {
			return "", err
		}
		size, err := strconv.Atoi(got)
		if err != nil || whole && size != len(body) || size < len(body) {
			return "", not(fmt.Sprintf("tsize=%d", len(body)), "tsize=%s", got)
		}
		return "tsize=" + got, nil
	}),
}
