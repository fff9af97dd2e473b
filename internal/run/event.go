package run

import (
	"encoding/binary"
	"time"

	"provsim/device"
	"provsim/internal/dhcp"
	"provsim/resync"
)

// event is what the loop hands out. It is small, because many may wait, and so
// that it is passed on in registers: an input that is more than a few words lies
// elsewhere.
type event struct {
	device   int32
	transfer uint32
	tag      uint64 // the network's, or where more is nil a short input
	more     any    // *device.Reply, wakeUp, *device.Input, look, do or *dhcp.Reply
}

// What more may be besides a reply or an input.
type (
	wakeUp struct{}                            // of the network, for the event's tag
	look   func(*device.Device, time.Duration) // of Look
	do     func(time.Duration)                 // of Do
)

func inputEvent(i int, in device.Input) event {
	e := event{device: int32(i)}
	switch in.Kind {
	case device.PowerOn, device.PowerOff, device.SetLine, device.AskResync, device.AskReboot, device.AskReset:
		e.tag = short(&in)
	default:
		e.more = &in
	}
	return e
}

// short returns an input whose fields are small as one number.
func short(in *device.Input) uint64 {
	active := byte(0)
	if in.Active {
		active = 1
	}
	line := byte(min(max(in.Line, 0), device.Lines+1))
	return binary.LittleEndian.Uint64([]byte{byte(in.Kind), active, byte(in.Cause), byte(in.Job), line, 0, 0, 0})
}

// long returns the input of a short one.
func long(tag uint64, now time.Duration) device.Input {
	var b [8]byte
	binary.LittleEndian.PutUint64(b[:], tag)
	return device.Input{
		Now: now, Kind: device.InputKind(b[0]), Active: b[1] == 1, Cause: resync.Cause(b[2]), Job: resync.Job(b[3]), Line: int(b[4]),
	}
}

// Handle carries out an event.
func (h *handler) Handle(e event, _, now time.Duration) {
	i := int(e.device)
	switch more := e.more.(type) {
	case *device.Reply:
		h.land(e.device, e.transfer)
		h.after(i, now, h.devices[i].Reply(now, e.transfer, more, h.fx[:0]))
	case wakeUp:
		h.model.Wake(now, Delivery{(*Driver)(h), e.device, e.transfer}, e.tag)
	case nil:
		in := long(e.tag, now)
		h.step(i, &in)
	case *device.Input:
		in := *more
		in.Now = now
		h.step(i, &in)
	case look:
		more(&h.devices[i], now)
	case do:
		more(now)
	case *dhcp.Reply:
		h.dhcp(i, dhcp.Input{Kind: dhcp.Receive, Now: now, Reply: more})
	}
}
