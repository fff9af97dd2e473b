package logs

import (
	"bufio"
	"bytes"
	"compress/bzip2"
	"errors"
	"fmt"
	"hash/maphash"
	"io"
	"math"
	"os"
	"sync/atomic"

	"github.com/klauspost/compress/gzip"
	"github.com/klauspost/compress/zstd"
)

const (
	// LongestLine is how many bytes a line may have.
	LongestLine = 64 << 10
	blockSize   = 4 * LongestLine
	peekSize    = 64 << 10 // from which a format is recognised
	peekLines   = 200
)

// File says what was read of one file.
type File struct {
	Name, Format string
	Same         string // the name of a file with the same begin, for which this one was left out
	Entries      int64
	Lines        int64
	Dropped      [numReasons]int64
	First, Last  int64  // of the times of its entries; both 0: it has none
	Back         int64  // how often a time was more than a minute before the latest one
	Broken       string // why its end could not be read
}

// file is a log that is open, or will be.
type file struct {
	File
	path   string
	once   *bufio.Reader // of standard input or a pipe, which can be read only once
	format *format
	digest uint64
	begin  int64 // of its first entry

	batches chan *batch
	free    chan *batch
	current *batch
	at      int // of current
}

// batch is a block of lines, and the entries in them.
type batch struct {
	block   []byte
	entries []Entry
}

// decompressed returns what a file holds. Gzip, zstd and bzip2 are known by their first bytes.
func decompressed(in io.Reader) (*bufio.Reader, func(), error) {
	raw := bufio.NewReaderSize(in, peekSize)
	head, err := raw.Peek(4)
	if err != nil && !errors.Is(err, io.EOF) {
		return nil, nil, err
	}
	switch {
	case bytes.HasPrefix(head, []byte{0x1f, 0x8b}):
		z, err := gzip.NewReader(raw)
		if err != nil {
			return nil, nil, err
		}
		return bufio.NewReaderSize(z, peekSize), func() {}, nil
	case bytes.HasPrefix(head, []byte{0x28, 0xb5, 0x2f, 0xfd}):
		z, err := zstd.NewReader(raw, zstd.WithDecoderConcurrency(1), zstd.WithDecoderMaxMemory(256<<20))
		if err != nil {
			return nil, nil, err
		}
		return bufio.NewReaderSize(z, peekSize), z.Close, nil
	case bytes.HasPrefix(head, []byte("BZh")):
		return bufio.NewReaderSize(bzip2.NewReader(raw), peekSize), func() {}, nil
	}
	return raw, func() {}, nil
}

// counter counts what is read of a file on disk.
type counter struct {
	io.Reader
	read *atomic.Int64
	tell func(int64)
}

func (c *counter) Read(b []byte) (int, error) {
	n, err := c.Reader.Read(b)
	if all := c.read.Add(int64(n)); c.tell != nil {
		c.tell(all)
	}
	return n, err
}

// look reads the begin of a file: which format it has, and when it begins.
func (f *file) look(o *Options, given *format, seed maphash.Seed) error {
	r := f.once
	if r == nil {
		in, err := os.Open(f.path)
		if err != nil {
			return err
		}
		defer in.Close()
		unpacked, closed, err := decompressed(in)
		if err != nil {
			return fmt.Errorf("%s: %w", f.Name, err)
		}
		defer closed()
		r = unpacked
	}
	head, err := r.Peek(peekSize)
	if err != nil && !errors.Is(err, io.EOF) {
		return fmt.Errorf("%s: %w", f.Name, err)
	}
	f.digest = maphash.Bytes(seed, head)
	if len(head) == 0 {
		f.digest = 0
	}
	if end := bytes.LastIndexByte(head, '\n'); end >= 0 && len(head) == peekSize {
		head = head[:end]
	}
	var lines [][]byte
	for line := range bytes.Lines(head) {
		if len(lines) == peekLines {
			break
		}
		if line = bytes.TrimRight(line, "\r\n"); len(line) > 0 {
			lines = append(lines, line)
		}
	}
	if f.format = given; given == nil {
		f.format = recognised(o, lines)
	}
	f.begin = math.MaxInt64
	if f.format == nil {
		if len(lines) > 0 {
			return fmt.Errorf("%s: its first lines are of no known %w, want it given", f.Name, ErrFormat)
		}
		return nil
	}
	f.Format = f.format.name
	parse, c := f.format.parser(), o.clock()
	for _, line := range lines {
		var e Entry
		if parse(c, line, &e) == Good {
			f.begin = min(f.begin, e.At)
		}
	}
	return nil
}

// read reads a file to its end, or until done is closed.
func (f *file) read(o *Options, read *atomic.Int64, done <-chan struct{}) {
	defer close(f.batches)
	r := f.once
	if r == nil {
		in, err := os.Open(f.path)
		if err != nil {
			f.Broken = err.Error()
			return
		}
		defer in.Close()
		unpacked, closed, err := decompressed(&counter{in, read, o.Progress})
		if err != nil {
			f.Broken = err.Error()
			return
		}
		defer closed()
		r = unpacked
	}
	p := lineParser{file: f, parse: f.format.parser(), clock: o.clock()}
	var rest []byte // the begin of a line whose end is in the next block
	for {
		var b *batch
		select {
		case b = <-f.free:
		case <-done:
			return
		}
		b.entries = b.entries[:0]
		n := copy(b.block, rest)
		var err error
		for n < len(b.block) && err == nil {
			var got int
			got, err = r.Read(b.block[n:])
			n += got
		}
		ended := err != nil
		if ended && !errors.Is(err, io.EOF) {
			f.Broken = err.Error()
		}
		rest = p.block(b, b.block[:n], ended)
		if len(b.entries) > 0 {
			select {
			case f.batches <- b:
			case <-done:
				return
			}
		} else {
			f.free <- b
		}
		if ended {
			return
		}
	}
}

// lineParser splits blocks into lines and reads these.
type lineParser struct {
	file   *file
	parse  parser
	clock  *clock
	within bool   // a line that is too long
	before []byte // the line before
	kept   []byte // the same, where its block is gone
	latest int64
}

// block reads the lines of a block, and returns the begin of one that goes on.
func (p *lineParser) block(b *batch, text []byte, ended bool) []byte {
	defer func() {
		p.kept = append(p.kept[:0], p.before...)
		p.before = p.kept
	}()
	for len(text) > 0 {
		end := bytes.IndexByte(text, '\n')
		switch {
		case end < 0 && len(text) > LongestLine:
			if !p.within {
				p.file.Lines++
				p.file.Dropped[Long]++
			}
			p.within = true
			return nil
		case end < 0 && !ended && !p.within:
			return text
		case end < 0:
			end = len(text)
		}
		line := text[:end]
		text = text[min(end+1, len(text)):]
		if p.within {
			p.within = false
			continue
		}
		p.line(b, line)
	}
	return nil
}

func (p *lineParser) line(b *batch, line []byte) {
	if n := len(line); n > 0 && line[n-1] == '\r' {
		line = line[:n-1]
	}
	if len(line) == 0 {
		return
	}
	f := p.file
	f.Lines++
	b.entries = append(b.entries, Entry{})
	e := &b.entries[len(b.entries)-1]
	reason := Long
	switch {
	case len(line) > LongestLine:
	case bytes.Equal(line, p.before):
		reason = Repeated
	default:
		reason = p.parse(p.clock, line, e)
		p.before = line
	}
	if reason != Good {
		f.Dropped[reason]++
		b.entries = b.entries[:len(b.entries)-1]
		return
	}
	f.Entries++
	if f.Entries == 1 {
		f.First, f.Last = e.At, e.At
	}
	if e.At < p.latest-60*second {
		f.Back++
	}
	p.latest = e.At
	f.First, f.Last = min(f.First, e.At), max(f.Last, e.At)
}
