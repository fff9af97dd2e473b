package tftp

import (
	"bytes"
	"fmt"
	"strconv"
	"strings"

	"provsim/conform/check"
	"provsim/internal/fetch/tftp"
)

var emptyFile = check.Check{
	ID:          "tftp/4",
	Title:       "an empty file is one empty block",
	Requirement: "A server sends a file of 0 bytes as DATA 1 without data.",
	Source:      "RFC 1350 section 6",
	Level:       check.Should,
	Needs:       []check.Need{check.TFTPServer, check.EmptyFile},
	Advice: check.Advices{
		check.AnyServer: {Text: "update the server; until then, let no empty file lie where phones ask"},
	},
	Run: asking(func(c *client) (string, error) {
		const want = "DATA 1 (0 bytes)"
		x, first, err := c.ask(strings.TrimPrefix(c.p.Target.TFTP.Empty, "/"))
		if err != nil || first.Op != tftp.OpData || first.Block != 1 || len(first.Data) > 0 {
			return "", came(want, first, err)
		}
		x.over = true
		return first.String(), x.ack(1)
	}),
}

var exactBlock = check.Check{
	ID:          "tftp/5",
	Title:       "a file of whole blocks ends with an empty one",
	Requirement: "A server sends an empty block behind the last one of a file whose size is a multiple of the block size.",
	Source:      "RFC 1350 section 6; RFC 2348",
	Level:       check.Must,
	Needs:       []check.Need{check.TFTPServer},
	Advice: check.Advices{
		check.AnyServer: {Text: "update the server; a phone waits for the end of such a file until it gives up"},
	},
	Run: asking(func(c *client) (string, error) {
		file, err := c.sample()
		if err != nil {
			return "", err
		}
		body, whole, err := c.plain(file.name, 1<<11)
		if err != nil {
			return "", err
		}
		size := divisor(len(body))
		if !whole || size == 0 {
			return "", inapplicable(fmt.Sprintf("no block size divides the size of %q: give a file of 1,024 bytes as tftp.text in --target", file.name))
		}
		return c.exactly(file.name, len(body), size)
	}),
}

// exactly reads a file in blocks that divide its size.
func (c *client) exactly(name string, size, block int) (string, error) {
	asked := []tftp.Option{{Name: "blksize", Value: strconv.Itoa(block)}}
	if block == 512 {
		asked = nil
	}
	x, first, err := c.ask(name, asked...)
	if err != nil {
		return "", came("DATA or OACK", first, err)
	}
	if x.block != block {
		return "", inapplicable(fmt.Sprintf("the server grants no blocks of %d bytes: give a file of 1,024 bytes as tftp.text in --target", block))
	}
	if err := x.begin(first); err != nil {
		return "", err
	}
	blocks := size / block
	got, done, err := x.take(blocks + 1)
	switch {
	case err != nil:
		return "", err
	case !done || len(got) != size:
		return "", not(fmt.Sprintf("%d bytes, the last block empty", size), "%d bytes, no end", len(got))
	}
	return fmt.Sprintf("%d blocks of %d bytes and an empty one", blocks, block), nil
}

// divisor returns a block size that a number of bytes is a multiple of: 512, else
// the largest that fits an Ethernet frame, else the number itself, else 0.
func divisor(size int) int {
	if size == 0 || size%512 == 0 {
		return min(size, 512)
	}
	for block := min(size, 1428); block >= 8; block-- {
		if size%block == 0 {
			return block
		}
	}
	if size <= 65464 {
		return size
	}
	return 0
}

var manyBlocks = check.Check{
	ID:          "tftp/6",
	Title:       "a file of many blocks arrives as it is",
	Requirement: "A server sends the same bytes whatever number of blocks they are sent in.",
	Source:      "RFC 1350 section 2; RFC 2348",
	Level:       check.Must,
	Needs:       []check.Need{check.TFTPServer},
	Advice: check.Advices{
		check.AnyServer: {Text: "update the server, or switch the option blksize off"},
		check.ATFTPD:    {Text: "start it with --no-blksize"},
		check.Dnsmasq:   {Config: "tftp-no-blocksize"},
	},
	Run: asking(func(c *client) (string, error) {
		const most = 1 << 10
		x, err := c.small(2)
		if err != nil {
			return "", err
		}
		if x.block == 512 {
			return "", inapplicable("the server grants no small blocks to compare those of 512 bytes with")
		}
		got, done, err := x.take(most)
		if err != nil {
			return "", err
		}
		file := c.files()[0]
		want, _, err := c.plain(file, len(got)/512+1)
		if err != nil {
			return "", err
		}
		if n := common(got, want); n < len(got) || done && n < len(want) {
			return "", not(fmt.Sprintf("the same bytes in blocks of %d as in blocks of 512", x.block), "other bytes from block %d on", n/x.block+1)
		}
		return fmt.Sprintf("%d bytes in %d blocks", len(got), (len(got)+x.block-1)/x.block), nil
	}),
}

// common returns how many bytes two texts begin with in common.
func common(a, b []byte) int {
	n := min(len(a), len(b))
	if bytes.Equal(a[:n], b[:n]) {
		return n
	}
	for i := range n {
		if a[i] != b[i] {
			return i
		}
	}
	return n
}
