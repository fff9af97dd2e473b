package tftp

import (
	"encoding/binary"
	"errors"
	"fmt"
	"math"
	"net/netip"
	"strings"
	"time"

	"provsim/device"
	"provsim/resync"
)

// A Transfer is one read or write of one file as a pure machine. Call Start once,
// send what it returns to Server, and then again and again: pass what arrives before
// Deadline to Receive and send its answer to where the datagram came from, or
// else call Tick and send what it returns to Server; until Done reports an end.
//
// Instants are durations since any moment, the same for all calls. A method
// that has nothing to send returns nil; a packet that it returns is valid until
// the next call. Calls that come late or too early do no harm.
type Transfer struct {
	server   netip.AddrPort // after the first answer with the server's transfer ID as port
	request  []byte
	options  device.TFTPOptions
	limit    int64
	head     int                    // how many bytes are enough where enough says so
	enough   func(head []byte) bool // nil: never
	timeout  time.Duration
	schedule Schedule

	bound bool // the server has answered: its port is known and the terms are set
	terms
	body     []byte
	blocks   int64 // of a read: accepted, all of them in order; of a write: acknowledged
	inWindow int   // accepted since the last acknowledgement
	gap      bool  // the gap after the last accepted block has been reported

	writes bool   // the body goes to the server
	sent   []byte // of a write: the DATA packet under way

	due     time.Duration // when to repeat the last packet
	end     time.Duration // when the whole transfer has lasted too long
	repeats int           // since the last progress
	tries   int           // requests, up to the first answer

	done    bool
	local   bool // this machine is to blame for the end
	outcome resync.Outcome
	remarks remarks
	ack     [headerSize]byte
}

// forever is an instant that does not come.
const forever = time.Duration(math.MaxInt64)

// NewTransfer prepares a read of req.Path from the server's request port, or a write
// of what req.Body returns to it. It uses req's Path, Method, Body, Limit, Timeout,
// Enough and TFTP. A Limit of 0 accepts an empty file only; a Timeout of 0 leaves the end
// to the schedule. The error says which part of the request cannot be asked for by
// TFTP.
func NewTransfer(server netip.AddrPort, req device.Request, schedule Schedule) (*Transfer, error) {
	if err := checkOptions(req.TFTP); err != nil {
		return nil, fmt.Errorf("TFTP option %w", err)
	}
	// RFC 3617 section 3: the slash behind the host is not part of the name.
	file := req.Path
	if !req.Slash {
		file = strings.TrimPrefix(file, "/")
	}
	if file == "" || strings.IndexByte(file, 0) >= 0 {
		return nil, fmt.Errorf("TFTP file name %s, want at least one byte, and none of them NUL", printable(file))
	}
	t := &Transfer{
		server: server, options: req.TFTP, limit: req.Limit, head: max(req.Head, 0), enough: req.Enough, timeout: req.Timeout,
		schedule: schedule, terms: plain(), ack: [headerSize]byte{1: byte(OpAck)},
	}
	first := Packet{Op: OpRead, File: file}
	switch {
	case req.Method == device.Write:
		first.Op = OpWrite
		t.write(req.Body)
	case req.Method != device.Read:
		return nil, fmt.Errorf("a %v is not for TFTP, want a read or a write", req.Method)
	}
	first.Options = t.asked()
	request := first.Append(nil)
	if len(request) > maxOptionPacket {
		return nil, fmt.Errorf("TFTP request of %d bytes, want at most %d (RFC 2347): shorten the file name", len(request), maxOptionPacket)
	}
	if t.request = request; schedule.First <= 0 {
		t.schedule = DefaultSchedule()
	}
	return t, nil
}

// Start begins the transfer and returns the request.
func (t *Transfer) Start(now time.Duration) []byte {
	t.end = forever
	if t.timeout > 0 && t.timeout < forever-now {
		t.end = now + t.timeout
	}
	t.due = now + t.schedule.wait(0)
	t.tries = 1
	return t.request
}

// Server returns where to send what Start and Tick return: the request port
// first, the server's transfer ID once it is known.
func (t *Transfer) Server() netip.AddrPort { return t.server }

// Deadline returns when Tick is due. It can move in both directions with every
// call and has no meaning once the transfer is done.
func (t *Transfer) Deadline() time.Duration { return min(t.due, t.end) }

// Receive takes a datagram that came from an address, and returns the answer to
// send back to that address. It keeps no reference to the datagram.
func (t *Transfer) Receive(now time.Duration, from netip.AddrPort, datagram []byte) []byte {
	if t.done || t.overdue(now) {
		return nil
	}
	p, err := Parse(datagram)
	switch {
	case from.Addr() != t.server.Addr() || t.bound && from.Port() != t.server.Port():
		if from.Addr() != t.server.Addr() {
			t.remarks.strangers++
			t.remarks.stranger = from
		}
		if err != nil {
			return nil
		}
		return turnAway(p)
	case err != nil:
		return t.ignore(err.Error())
	case p.Op == OpError:
		return t.refused(p)
	case p.Op == OpData && len(p.Data) > t.blockSize:
		return t.ignore(fmt.Sprintf("%v, want at most %d", p, t.blockSize))
	case t.writes:
		return t.receiveWrite(now, from, p)
	case !t.bound:
		return t.open(now, from, p)
	case p.Op == OpData:
		return t.data(now, p)
	case p.Op == OpOptionAck && t.blocks == 0:
		return t.repeated()
	}
	return t.ignore(p.String())
}

// Tick repeats the last packet if that is due, or ends the transfer if it has
// been repeated often enough or the whole transfer has lasted too long.
func (t *Transfer) Tick(now time.Duration) []byte {
	switch {
	case t.done || t.overdue(now) || now < t.due:
		return nil
	case t.repeats >= t.schedule.Repeats:
		return t.silence()
	}
	t.repeats++
	t.remarks.repeated++
	t.due = now + t.schedule.wait(t.repeats)
	if !t.bound {
		t.tries++
		return t.request
	}
	if t.writes {
		return t.sent
	}
	t.gap = false // what follows this acknowledgement is a new window
	return t.acknowledge()
}

// turnAway returns the answer to a packet from another port (RFC 1350 section 4). An ERROR
// gets no answer.
func turnAway(p Packet) []byte {
	if p.Op == OpError {
		return nil
	}
	return Packet{Op: OpError, Code: CodeUnknownTID, Message: "unknown transfer ID"}.Append(nil)
}

// open takes the first answer: DATA 1, which leaves all options out, or an
// OACK. Anything else belongs to a transfer that is not this one.
func (t *Transfer) open(now time.Duration, from netip.AddrPort, p Packet) []byte {
	switch {
	case p.Op == OpData && p.Block == 1:
		t.bind(from, p)
		return t.data(now, p)
	case p.Op != OpOptionAck:
		t.ignore(p.String())
		return turnAway(p)
	}
	if refusal := t.agreeTo(p); refusal != nil {
		return refusal
	}
	if t.size > t.limit {
		return t.fail(resync.TooLarge, CodeDiskFull, fmt.Errorf("file of %d bytes announced, limit is %d", t.size, t.limit))
	}
	t.bind(from, p)
	t.progress(now)
	return t.acknowledge()
}

// agreeTo takes the terms of an OACK, or returns the refusal of one that sets what
// was not asked for.
func (t *Transfer) agreeTo(p Packet) (refusal []byte) {
	if t.options == (device.TFTPOptions{}) {
		return t.fail(resync.Refused, CodeOptions, errors.New("OACK for a request without options"))
	}
	var err error
	if t.terms, err = agree(t.options, p.Options); err != nil {
		t.remarks.hint = askLess
		return t.fail(resync.Refused, CodeOptions, err)
	}
	return nil
}

// bind fixes the server's port after its first answer.
func (t *Transfer) bind(from netip.AddrPort, p Packet) {
	t.server, t.bound = from, true
	t.remarks.granted = shortfall(t.asked(), p.Options)
	if t.interval > 0 {
		t.schedule = t.schedule.every(t.interval)
	}
}

// data takes a block of the file: the next one, the latest one again, one from
// behind a gap, or an old one.
func (t *Transfer) data(now time.Duration, p Packet) []byte {
	switch ahead := p.Block - uint16(t.blocks+1); { // rolls over like the block numbers
	case ahead == 0:
		return t.accept(now, p.Data)
	case ahead == math.MaxUint16:
		return t.repeated()
	case int(ahead) < t.window && !t.gap:
		// Once, since the rest of the window is on its way and says the same.
		t.gap = true
		return t.acknowledge()
	}
	return nil
}

func (t *Transfer) accept(now time.Duration, data []byte) []byte {
	if len(t.body)+len(data) > cap(t.body) {
		t.grow(len(data))
	}
	t.body = append(t.body, data...)
	t.blocks++
	t.inWindow++
	t.gap = false
	t.progress(now)
	switch size := int64(len(t.body)); {
	case size > t.limit:
		return t.fail(resync.TooLarge, CodeDiskFull, fmt.Errorf("file is larger than the limit of %d bytes", t.limit))
	case t.seen(size):
		t.finish(resync.None, "")
		t.body = t.body[:t.head]
		return Packet{Op: OpError, Code: CodeUndefined, Message: "the head of the file is enough"}.Append(nil)
	case len(data) < t.blockSize: // the final block (RFC 1350 section 6)
		return t.complete(size)
	case t.inWindow < t.window:
		return nil
	}
	return t.acknowledge()
}

// seen reports whether the device has seen enough of the file. It is asked once,
// when the head is there.
func (t *Transfer) seen(size int64) bool {
	if t.enough == nil || size < int64(t.head) {
		return false
	}
	enough := t.enough
	t.enough = nil
	return enough(t.body[:t.head])
}

// grow makes room for n bytes and as much again as has come, where append would
// copy a large body with each quarter that it grows; for a usual configuration file
// at once; for firmware for four times what has come, within the limit. An announced size is trusted for sixteen times what
// has come, so that a lie costs the liar bytes.
func (t *Transfer) grow(n int) {
	const usual, firmware = 2 << 10, 1 << 20
	have := len(t.body)
	room := max(2*have, have+n, usual)
	if have >= firmware {
		room = max(have+n, int(min(4*int64(have), t.limit)))
	}
	if t.size >= int64(have+n) {
		room = int(min(t.size, 16*int64(have+n)))
	}
	body := make([]byte, have, room)
	copy(body, t.body)
	t.body = body
}

// repeated answers the repetition of what has been acknowledged last. See
// "What is acknowledged" in the package documentation.
func (t *Transfer) repeated() []byte {
	if t.window > 1 {
		return nil
	}
	return t.acknowledge()
}

// acknowledge returns the ACK of the last block before any gap; of block 0,
// which stands for the OACK, where none has come.
func (t *Transfer) acknowledge() []byte {
	t.inWindow = 0
	binary.BigEndian.PutUint16(t.ack[2:], uint16(t.blocks))
	return t.ack[:]
}

func (t *Transfer) progress(now time.Duration) {
	t.repeats = 0
	t.due = now + t.schedule.wait(0)
}
