package tftp

import (
	"bytes"
	"encoding/binary"
	"errors"
	"fmt"
	"net/netip"
	"strconv"
	"strings"
	"time"

	"provsim/conform/check"
	"provsim/internal/fetch/tftp"
)

// An exchange is one transfer, as far as the server goes along with it.
type exchange struct {
	*check.TFTPConn
	p    *check.Probe
	peer netip.AddrPort // where the first answer came from, whichever address that is

	asked         []byte // the request
	granted       []tftp.Option
	block, window int
	held          *tftp.Packet // DATA 1, which came in place of an OACK
	taken         int          // blocks, by take
	over          bool         // nothing more is to come
}

// request returns the bytes of a read request.
func request(file, mode string, options ...tftp.Option) []byte {
	wire := []byte{0, byte(tftp.OpRead)}
	for _, text := range []string{file, mode} {
		wire = append(append(wire, text...), 0)
	}
	for _, o := range options {
		wire = append(append(wire, o.Name...), 0)
		wire = append(append(wire, o.Value...), 0)
	}
	return wire
}

// ask sends a request, once more if nothing comes, and returns the first answer.
// The options of an OACK are in force from then on.
func (x *exchange) ask(request []byte) (tftp.Packet, error) {
	first, err := x.askOnce(request)
	if errors.Is(err, check.ErrSilence) {
		return x.askOnce(request)
	}
	return first, err
}

func (x *exchange) askOnce(request []byte) (tftp.Packet, error) {
	x.asked = request
	if err := x.SendTo(x.Server(), request); err != nil {
		return tftp.Packet{}, err
	}
	first, err := x.next(x.p.Patience)
	if err == nil && first.Op == tftp.OpOptionAck {
		x.grant(first.Options)
	}
	return first, err
}

// grant takes over the options of an OACK. Numbers that make no sense are for
// the checks of options to find.
func (x *exchange) grant(options []tftp.Option) {
	x.granted = options
	for name, to := range map[string]*int{"blksize": &x.block, "windowsize": &x.window} {
		text, _ := value(options, name)
		if n, err := strconv.Atoi(text); err == nil && n > 0 && n <= 1<<16 {
			*to = n
		}
	}
}

// value returns that of the option with a name, in whatever case.
func value(options []tftp.Option, name string) (string, bool) {
	for _, o := range options {
		if strings.EqualFold(o.Name, name) {
			return o.Value, true
		}
	}
	return "", false
}

// next returns the next packet of the server's side of this transfer. What comes
// from elsewhere is refused with error 5, as phones do (FV-TFTP-1).
func (x *exchange) next(wait time.Duration) (tftp.Packet, error) {
	for end := time.Now().Add(wait); ; {
		d, err := x.Receive(time.Until(end))
		if err != nil {
			return tftp.Packet{}, err
		}
		if !x.peer.IsValid() {
			x.peer = d.From
		}
		packet, err := lenient(d)
		if d.From == x.peer {
			x.over = x.over || packet.Op == tftp.OpError
			return packet, err
		}
		if packet.Op != tftp.OpError {
			refusal := tftp.Packet{Op: tftp.OpError, Code: tftp.CodeUnknownTID, Message: "unknown transfer ID"}
			if err := x.SendTo(d.From, refusal.Append(nil)); err != nil {
				return tftp.Packet{}, err
			}
		}
	}
}

// errMalformed is that of a datagram which means nothing.
var errMalformed = errors.New("malformed")

// lenient returns what a datagram means, also where a NUL is missing or too
// many: only one check is about that.
func lenient(d check.Datagram) (tftp.Packet, error) {
	if d.Bad == nil {
		return d.Packet, nil
	}
	if len(d.Raw) < 4 {
		return tftp.Packet{}, fmt.Errorf("%w: %w", errMalformed, d.Bad)
	}
	packet := tftp.Packet{Op: tftp.Op(binary.BigEndian.Uint16(d.Raw))}
	switch packet.Op {
	case tftp.OpError:
		packet.Code = tftp.Code(binary.BigEndian.Uint16(d.Raw[2:]))
		text, _, _ := bytes.Cut(d.Raw[4:], []byte{0})
		packet.Message = string(text)
	case tftp.OpOptionAck:
		texts := strings.Split(string(d.Raw[2:]), "\x00")
		for i := 0; i+1 < len(texts) && texts[i] != ""; i += 2 {
			packet.Options = append(packet.Options, tftp.Option{Name: texts[i], Value: texts[i+1]})
		}
	default:
		return tftp.Packet{}, fmt.Errorf("%w: %w", errMalformed, d.Bad)
	}
	return packet, nil
}
