package scenario

import (
	"bufio"
	"bytes"
	"cmp"
	"crypto/sha256"
	"encoding/csv"
	"encoding/hex"
	"errors"
	"fmt"
	"hash"
	"io"
	"net/netip"
	"net/url"
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"

	"provsim/device"
	"provsim/device/vendors"
	"provsim/internal/nearest"
)

// Phone is a row of a list of phones. What is zero comes from the scenario, or from
// the flags of a command.
type Phone struct {
	MAC     device.MAC // zero: as of the device with its place, see [Population]
	Vendor  string     // by its name; empty: the population's, else the one that owns MAC
	Product string     // empty: one of the population's products of that vendor
	Serial  string
	// Server is the URL of the server that the phone asks, and no other, whichever way
	// phones of its vendor are led there; Rule is its profile rule. A phone has one of
	// them at most. They may hold passwords and keys, so no error shows them.
	Server, Rule string
	IP           netip.Addr // of its lease
	Cert, Key    string     // PEM files of its client certificate, both or neither
}

// phoneColumn is a column of a list. Set reads a cell that is not empty.
type phoneColumn struct {
	name string
	get  func(*Phone) string
	set  func(p *Phone, cell string) error
}

// phoneColumns are the columns in the order in which lists are written.
var phoneColumns = []phoneColumn{
	{"mac", func(p *Phone) string {
		if p.MAC == (device.MAC{}) {
			return ""
		}
		return p.MAC.String()
	}, func(p *Phone, cell string) (err error) {
		p.MAC, err = device.ParseMAC(cell)
		return err
	}},
	{"vendor", func(p *Phone) string { return p.Vendor }, func(p *Phone, cell string) error {
		vendor, err := vendors.Lookup(cell)
		if err == nil {
			p.Vendor = vendor.Name
		}
		return err
	}},
	{"product", func(p *Phone) string { return p.Product }, func(p *Phone, cell string) error { p.Product = cell; return nil }},
	{"serial", func(p *Phone) string { return p.Serial }, func(p *Phone, cell string) error { p.Serial = cell; return nil }},
	{"server", func(p *Phone) string { return p.Server }, func(p *Phone, cell string) error {
		if u, err := url.Parse(cell); err != nil || u.Host == "" {
			return errors.New("want a URL such as http://192.0.2.1/phones/")
		}
		p.Server = cell
		return nil
	}},
	{"rule", func(p *Phone) string { return p.Rule }, func(p *Phone, cell string) error { p.Rule = cell; return nil }},
	{"ip", func(p *Phone) string {
		if !p.IP.IsValid() {
			return ""
		}
		return p.IP.String()
	}, func(p *Phone, cell string) error {
		addr, err := netip.ParseAddr(cell)
		if err != nil || addr.IsUnspecified() || addr.IsMulticast() || addr.Zone() != "" {
			return fmt.Errorf("found %q, want the address of a phone such as 192.0.2.10", cell)
		}
		p.IP = addr
		return nil
	}},
	{"cert", func(p *Phone) string { return p.Cert }, func(p *Phone, cell string) error { p.Cert = cell; return nil }},
	{"key", func(p *Phone) string { return p.Key }, func(p *Phone, cell string) error { p.Key = cell; return nil }},
}

// PhoneColumns returns the names of the columns that a list may have.
func PhoneColumns() []string {
	names := make([]string, len(phoneColumns))
	for i, c := range phoneColumns {
		names[i] = c.name
	}
	return names
}

// WritePhones writes a list that [ReadPhones] reads: CSV (RFC 4180) with a header line,
// the columns that at least one phone has, and a row for each phone. A value is a text
// on one line.
func WritePhones(w io.Writer, phones []Phone) error {
	columns := slices.DeleteFunc(slices.Clone(phoneColumns), func(c phoneColumn) bool {
		return c.name != "mac" && !slices.ContainsFunc(phones, func(p Phone) bool { return c.get(&p) != "" })
	})
	out := csv.NewWriter(w)
	row := make([]string, len(columns))
	for i, c := range columns {
		row[i] = c.name
	}
	err := out.Write(row)
	for n := range phones {
		for i, c := range columns {
			row[i] = c.get(&phones[n])
		}
		err = cmp.Or(err, out.Write(row))
	}
	out.Flush()
	return cmp.Or(err, out.Error())
}

// maxPhoneRow is the longest line of a list in bytes, and maxCell the longest value.
const (
	maxPhoneRow = 16 << 10
	maxCell     = 4 << 10
)

// ReadPhones reads a list of up to [MaxDevices] phones: CSV (RFC 4180) in UTF-8 with a
// header line that has any of the columns mac, vendor, product, serial, server, rule,
// ip, cert and key, and a row for each phone. The rows are read one by one, and what
// they have in common is kept once. The name is of the file, for errors. The error is
// an *[Error] with the lines and columns of what is wrong, or that of the reader.
func ReadPhones(name string, in io.Reader) (*PhoneList, error) {
	guard := &lineGuard{in: bufio.NewReader(in), line: 1}
	r := &phoneReader{
		file: name, rows: csv.NewReader(guard), found: &faults{}, lines: map[device.MAC]int32{},
		list: &PhoneList{file: name}, sum: sha256.New(),
	}
	r.rows.ReuseRecord = true
	err := r.header()
	for err == nil {
		err = r.row()
	}
	var syntax *csv.ParseError
	switch {
	case errors.Is(err, io.EOF):
	case errors.As(err, &syntax):
		r.found.add(Fault{File: name, Line: syntax.Line, Column: syntax.Column, Text: "found what is no CSV, want values between commas, and a quoted value closed: " + syntax.Err.Error()})
	case errors.Is(err, errTooMany):
	default:
		return nil, err
	}
	if r.list.Len() == 0 && r.found.err() == nil {
		r.found.add(Fault{File: name, Text: "found no phone, want a header line and a row for each phone"})
	}
	if err := r.found.err(); err != nil {
		return nil, err
	}
	r.list.kinds.known, r.list.leads.known, r.list.serials.known, r.list.files.known = nil, nil, nil, nil
	r.list.sum = hex.EncodeToString(r.sum.Sum(nil))
	return r.list, nil
}

// phoneReader is a list that is being read.
type phoneReader struct {
	file    string
	rows    *csv.Reader
	columns []phoneColumn
	found   *faults
	lines   map[device.MAC]int32
	list    *PhoneList
	sum     hash.Hash
}

// errTooMany ends the reading where enough is wrong.
var errTooMany = errors.New("too many faults")

func (r *phoneReader) fault(field int, column, format string, args ...any) error {
	line, at := r.rows.FieldPos(field)
	f := faultf(column, format, args...)
	f.File, f.Line, f.Column = r.file, line, at
	if r.found.add(f); len(r.found.list) == maxFaults {
		return errTooMany
	}
	return nil
}

func (r *phoneReader) header() error {
	names, err := r.rows.Read()
	known := PhoneColumns()
	for i, name := range names {
		name = strings.ToLower(strings.TrimSpace(name))
		at := slices.Index(known, name)
		switch near, ok := nearest.Name(name, known); {
		case at >= 0 && slices.ContainsFunc(r.columns, func(c phoneColumn) bool { return c.name == name }):
			err = cmp.Or(err, r.fault(i, "", "found the column %s twice, want it once", name))
		case at >= 0:
			r.columns = append(r.columns, phoneColumns[at])
		case ok:
			err = cmp.Or(err, r.fault(i, "", "found the column %.40q, did you mean %s?", name, near))
		default:
			err = cmp.Or(err, r.fault(i, "", "found the column %.40q, want any of %s, with commas between them", name, strings.Join(known, ", ")))
		}
	}
	if err == nil && len(r.columns) < len(names) {
		return errTooMany
	}
	return err
}

// row reads a phone and puts it into the list where nothing is wrong with it.
func (r *phoneReader) row() error {
	cells, err := r.rows.Read()
	if errors.Is(err, csv.ErrFieldCount) {
		return r.fault(0, "", "found %d values, want %d as in the header line", len(cells), len(r.columns))
	}
	if err != nil {
		return err
	}
	if r.list.Len() == MaxDevices {
		return cmp.Or(r.fault(0, "", "found more than %d phones", MaxDevices), errTooMany)
	}
	var p Phone
	before := len(r.found.list)
	for i, c := range r.columns {
		cell := strings.TrimSpace(cells[i])
		switch {
		case cell == "":
			continue
		case len(cell) > maxCell:
			err = fmt.Errorf("found %d bytes, want at most %d", len(cell), maxCell)
		case !utf8.ValidString(cell) || strings.ContainsFunc(cell, unicode.IsControl):
			err = errors.New("found a byte that is no text, want UTF-8 without control characters")
		default:
			err = c.set(&p, cell)
		}
		if err != nil {
			if err := r.fault(i, c.name, "%v", err); err != nil {
				return err
			}
		}
	}
	line, _ := r.rows.FieldPos(0)
	first, twice := r.lines[p.MAC]
	switch at := func(name string) int {
		return max(0, slices.IndexFunc(r.columns, func(c phoneColumn) bool { return c.name == name }))
	}; {
	case len(r.found.list) > before:
		return nil
	case p == Phone{}:
		return r.fault(0, "", "found an empty row, want a phone")
	case p.Server != "" && p.Rule != "":
		return r.fault(at("rule"), "rule", "found a server too, want one of them: a phone follows only one")
	case (p.Cert == "") != (p.Key == ""):
		return r.fault(at("cert"), "cert", "a client certificate needs both cert and key")
	case twice:
		return r.fault(at("mac"), "mac", "found %v a second time, line %d has it", p.MAC, first)
	}
	if p.MAC != (device.MAC{}) {
		r.lines[p.MAC] = int32(line)
	}
	r.list.add(&p, line)
	for _, c := range phoneColumns {
		io.WriteString(r.sum, c.get(&p)+"\n") // a hash takes all
	}
	return nil
}

// lineGuard passes a text on, without the byte order mark that some programs write
// before it. It bounds what the reader of CSV keeps: an error ends lines that are too
// long, and those in which a quoted value is not closed.
type lineGuard struct {
	in      *bufio.Reader
	rest    []byte // of the line, to be read
	line    int
	started bool
}

// Read passes on lines as they are.
func (g *lineGuard) Read(b []byte) (int, error) {
	if len(g.rest) == 0 {
		if err := g.next(); err != nil {
			return 0, err
		}
	}
	n := copy(b, g.rest)
	g.rest = g.rest[n:]
	return n, nil
}

func (g *lineGuard) next() error {
	if !g.started {
		g.started = true
		if mark, _ := g.in.Peek(3); string(mark) == "\ufeff" {
			g.in.Discard(3)
		}
	}
	row := g.rest[:0]
	for {
		part, err := g.in.ReadSlice('\n')
		row = append(row, part...)
		switch {
		case len(row) > maxPhoneRow:
			return &csv.ParseError{Line: g.line, Column: 1, Err: fmt.Errorf("a line of more than %d bytes", maxPhoneRow)}
		case errors.Is(err, bufio.ErrBufferFull):
			continue
		case err != nil && (len(row) == 0 || !errors.Is(err, io.EOF)):
			return err
		case bytes.Count(row, []byte{'"'})%2 != 0:
			return &csv.ParseError{Line: g.line, Column: 1 + bytes.LastIndexByte(row, '"'), Err: csv.ErrQuote}
		}
		g.rest, g.line = row, g.line+1
		return nil
	}
}
