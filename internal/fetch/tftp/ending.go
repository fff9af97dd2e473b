package tftp

import (
	"fmt"
	"net/netip"
	"strings"
	"time"

	"provsim/device"
	"provsim/resync"
)

// remarks are what a reply's note says beside the reason of a failure.
type remarks struct {
	reason   string // of the failure, or what is odd about the success
	hint     string // what the user can do about it
	granted  string // options that were asked for and not granted
	repeated int    // packets that Tick sent again
	ignored  int    // packets from the server that fit nowhere
	last     string // the last one of them

	strangers int            // packets from other hosts than the server
	stranger  netip.AddrPort // where the last one of them came from
}

const (
	askLess   = "ask for less or for no options"
	mayCreate = "servers take new files only where they are told to, as tftpd-hpa by --create, and where the folder is writable to them"
)

// String joins the remarks; it is empty for a transfer without incident.
func (r remarks) String() string {
	var parts []string
	for _, part := range []string{r.reason, r.hint, r.granted} {
		if part != "" {
			parts = append(parts, part)
		}
	}
	if r.repeated > 0 {
		parts = append(parts, fmt.Sprintf("packets repeated: %d", r.repeated))
	}
	if r.ignored > 0 {
		parts = append(parts, fmt.Sprintf("packets ignored: %d, the last: %s", r.ignored, r.last))
	}
	if r.strangers > 0 {
		parts = append(parts, fmt.Sprintf("packets from %v, which is not the server: %d; is there NAT, Docker, or a server with several addresses?",
			r.stranger, r.strangers))
	}
	return strings.Join(parts, "; ")
}

// Done reports whether the transfer is over, and then how it ended (FV-OUT-1).
// A file of 0 bytes is a whole file. A write that succeeds is sent (FV-OUT-3).
func (t *Transfer) Done() (reply device.Reply, ok bool) {
	if !t.done {
		return device.Reply{}, false
	}
	reply = device.Reply{Outcome: t.outcome, Bytes: t.moved(), Note: t.remarks.String(), Tries: t.tries, Local: t.local}
	switch {
	case t.outcome != resync.None:
	case t.writes:
		reply.Outcome = resync.Sent
	default:
		reply.Body = t.body
	}
	return reply, true
}

// moved is how many bytes of the file the receiver has.
func (t *Transfer) moved() int64 {
	if t.writes {
		return min(t.blocks*int64(t.blockSize), int64(len(t.body)))
	}
	return int64(len(t.body))
}

// finish ends the transfer; the driver may call it too, with a reason
// that the machine cannot know.
func (t *Transfer) finish(outcome resync.Outcome, reason string) {
	t.done, t.outcome, t.remarks.reason = true, outcome, reason
}

// complete ends the transfer with the final block, which is acknowledged even
// where bytes are missing: the server has sent all that it has.
func (t *Transfer) complete(size int64) []byte {
	outcome, reason := resync.None, ""
	if t.size >= 0 && size != t.size {
		reason = fmt.Sprintf("file of %d bytes announced, %d came", t.size, size)
	}
	if size < t.size {
		outcome = resync.Truncated
	}
	t.finish(outcome, reason)
	return t.acknowledge()
}

// fail ends the transfer and tells the server why.
func (t *Transfer) fail(outcome resync.Outcome, code Code, reason error) []byte {
	t.finish(outcome, reason.Error())
	return Packet{Op: OpError, Code: code, Message: reason.Error()}.Append(nil)
}

// refused ends the transfer by the server's ERROR, at whatever point it comes.
func (t *Transfer) refused(p Packet) []byte {
	outcome, reason := resync.Refused, fmt.Sprintf("server sent %v after %d bytes", p, t.moved())
	if p.Code == CodeNotFound {
		outcome = resync.NotFound
	}
	switch {
	case t.writes && p.Code <= CodeAccess: // 0 is that of servers that say it in words
		t.remarks.hint = mayCreate
	case p.Code == CodeOptions && t.options != device.TFTPOptions{}:
		t.remarks.hint = askLess
	}
	t.finish(outcome, reason)
	return nil
}

// silence ends the transfer when the schedule is exhausted.
func (t *Transfer) silence() []byte {
	if t.bound {
		t.finish(resync.Timeout, fmt.Sprintf("server fell silent after %d bytes", t.moved()))
	} else {
		t.finish(resync.Timeout, fmt.Sprintf("no answer from %v", t.server))
	}
	return nil
}

// overdue ends a transfer that has lasted too long as a whole (FV-NET-1).
func (t *Transfer) overdue(now time.Duration) bool {
	came := "came"
	if t.writes {
		came = "were taken"
	}
	switch {
	case now < t.end:
		return false
	case t.bound:
		t.finish(resync.Timeout, fmt.Sprintf("not complete within the time limit, %d bytes %s", t.moved(), came))
	default:
		t.silence()
	}
	return true
}

// ignore counts a packet that fits nowhere.
func (t *Transfer) ignore(packet string) []byte {
	t.remarks.ignored++
	t.remarks.last = packet
	return nil
}
