package tftp

import (
	"context"
	"errors"
	"net"
	"net/netip"
	"os"
	"sync/atomic"
	"syscall"
	"time"

	"provsim/device"
	"provsim/internal/fetch/shortage"
	"provsim/resync"
)

// A driver moves packets between a socket and a transfer.
type driver struct {
	conn     net.PacketConn
	packets  packetConn
	transfer *Transfer
	start    time.Time     // the transfer's instant 0
	armed    time.Duration // the socket's read deadline
	buffer   []byte
}

// longTransfer is the number of blocks that a configuration file does not have. From
// there on a stream pays.
const longTransfer = 128

func newDriver(conn net.PacketConn, t *Transfer) *driver {
	prepareWindow(conn, t.options)
	return &driver{
		conn: conn, packets: addressed(conn), transfer: t, start: time.Now(), armed: forever,
		// One byte more than the largest block shows a larger one for what it is.
		buffer: make([]byte, headerSize+max(defaultBlockSize, t.options.BlockSize)+1),
	}
}

// prepareWindow makes room in the socket for a window that the usual buffer
// cannot hold: its end would get lost each time, and each time cost a wait of
// the schedule. Linux gives 104 KiB, charges about 1 KiB for a packet beside its
// data, and cuts silently what is over net.core.rmem_max.
func prepareWindow(conn net.PacketConn, o device.TFTPOptions) {
	const usual, most, overhead = 104 << 10, 4 << 20, 1 << 10
	window := int64(o.WindowSize) * int64(max(o.BlockSize, defaultBlockSize)+overhead)
	if buffered, ok := conn.(interface{ SetReadBuffer(bytes int) error }); ok && window > usual {
		// Where the system refuses, the transfer is slower, and that is all.
		_ = buffered.SetReadBuffer(int(min(window, most)))
	}
}

// running counts the transfers of the process.
var running atomic.Int64

// run does the transfer. The deadlines that it and ctx set on the socket are
// all that wakes it.
func (d *driver) run(ctx context.Context) device.Reply {
	running.Add(1)
	defer running.Add(-1)
	stop := context.AfterFunc(ctx, func() { d.conn.SetDeadline(time.Unix(1, 0)) })
	defer stop()
	d.send(d.transfer.Start(0), d.transfer.Server())
	for long := false; ; d.receive(ctx) {
		if reply, ok := d.transfer.Done(); ok {
			return reply
		}
		if d.transfer.blocks < longTransfer || long {
			continue
		}
		long = true
		if s := openStream(d.conn); s != nil {
			defer s.close()
			defer context.AfterFunc(ctx, s.interrupt)()
			d.packets, d.armed = s, forever
		}
	}
}

// receive waits for one datagram or for the deadline, and answers.
func (d *driver) receive(ctx context.Context) {
	// The machine's deadline moves back with every block, the socket's stays and
	// fires early: one early Tick a second costs less than a timer a block.
	if due := d.transfer.Deadline(); due < d.armed {
		d.armed = due
		if err := d.packets.SetReadDeadline(d.start.Add(due)); err != nil {
			d.fail(err)
			return
		}
	}
	// Asked after the deadline is set, which may have undone the one that ctx set.
	if err := ctx.Err(); err != nil {
		reply := stopped(err)
		d.transfer.finish(reply.Outcome, reply.Note)
		return
	}
	n, from, err := d.packets.ReadFromUDPAddrPort(d.buffer)
	now := time.Since(d.start)
	switch {
	case err == nil:
		from = netip.AddrPortFrom(from.Addr().Unmap(), from.Port())
		d.send(d.transfer.Receive(now, from, d.buffer[:n]), from)
	case errors.Is(err, os.ErrDeadlineExceeded):
		d.armed = forever
		d.send(d.transfer.Tick(now), d.transfer.Server())
	default:
		d.fail(err)
	}
}

// send sends the packet that the machine has to send, if any. An answer to another host
// that cannot be sent does not end the transfer. Neither does the deadline that ctx sets:
// receive handles that.
func (d *driver) send(packet []byte, to netip.AddrPort) {
	if packet == nil {
		return
	}
	_, err := d.packets.WriteToUDPAddrPort(packet, to)
	if err != nil && to == d.transfer.Server() && !errors.Is(err, os.ErrDeadlineExceeded) {
		d.fail(err)
	}
}

// fail ends the transfer by an error of the socket, unless the file is complete
// and only the last acknowledgement is lost. ECONNREFUSED comes from kernels that
// report ICMP errors to the socket; Linux reports none to an unconnected
// socket, where a closed port is silence.
func (d *driver) fail(err error) {
	if _, done := d.transfer.Done(); done {
		return
	}
	outcome := resync.Unreachable
	if errors.Is(err, syscall.ECONNREFUSED) {
		outcome = resync.Refused
	}
	d.transfer.local = shortage.Caused(err)
	d.transfer.finish(outcome, err.Error())
}
