package run

import (
	"time"

	"provsim/device"
	"provsim/internal/dhcp"
	"provsim/resync"
)

// event is what the loop hands out. It is small, because many may wait: an input
// that is more than a few words lies elsewhere.
type event struct {
	device   int32
	transfer uint32
	tag      uint64
	short    short // where more is nil
	more     any   // *device.Reply, wakeUp, *device.Input, look, do or *dhcp.Reply
}

// short is an input whose fields are small.
type short struct {
	kind   device.InputKind
	active bool
	cause  resync.Cause
	job    resync.Job
	line   uint8
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
		e.short = short{in.Kind, in.Active, in.Cause, in.Job, uint8(min(max(in.Line, 0), device.Lines+1))}
	default:
		e.more = &in
	}
	return e
}

func (s short) input(now time.Duration) device.Input {
	return device.Input{Now: now, Kind: s.kind, Active: s.active, Cause: s.cause, Job: s.job, Line: int(s.line)}
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
		in := e.short.input(now)
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
