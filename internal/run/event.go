package run

import (
	"time"

	"provsim/device"
	"provsim/internal/dhcp"
)

// event is what the loop hands out. It is small, because many may wait, and so
// that it is passed on in registers: a larger thing lies elsewhere.
type event struct {
	device   int32
	transfer uint32
	tag      uint64 // the network's, of a wakeUp
	more     any    // *device.Reply, *device.Input, *dhcp.Reply, wakeUp, look or do
}

// The kinds of event that have no type elsewhere.
type (
	wakeUp struct{}                            // of the network, for the event's tag
	look   func(*device.Device, time.Duration) // of Look
	do     func(time.Duration)                 // of Do
)

func inputEvent(i int, in device.Input) event { return event{device: int32(i), more: &in} }

// Handle carries out an event.
func (h *handler) Handle(e event, _, now time.Duration) {
	i := int(e.device)
	switch more := e.more.(type) {
	case *device.Reply:
		if len(h.inflight) > 0 {
			h.release(e.device, e.transfer)
		}
		h.step(i, &device.Input{Kind: device.GotReply, Now: now, Transfer: e.transfer, Reply: more})
	case wakeUp:
		h.model.Wake(now, Delivery{(*Driver)(h), e.device, e.transfer}, e.tag)
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
