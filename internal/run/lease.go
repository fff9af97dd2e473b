package run

import (
	"fmt"
	"time"

	"provsim/device"
	"provsim/internal/dhcp"
	"provsim/resync"
)

// Deliver hands a DHCP server's reply to the device that it is for, or counts
// it. It may be called from any goroutine, such as that of a wire.
func (d *Driver) Deliver(r *dhcp.Reply) {
	if i, ok := d.config.DHCP.Owner(r); ok {
		d.loop.Post(event{device: int32(i), more: r})
	}
}

// AskLease makes the DHCP client of a device that is up ask for a lease, if it has
// not begun to: a device that was thawed goes on with a lease that its client knows
// nothing of. It is called in the driver's goroutine.
func (d *Driver) AskLease(i int) {
	if d.devices[i].Status().On && d.config.DHCP.Status(i).State == dhcp.Off {
		(*handler)(d).dhcp(i, dhcp.Input{Kind: dhcp.Start, Now: d.loop.Now()})
	}
}

// lease answers a device that wants an address, or further options. Without DHCP an
// INFORM gets no options beyond those of the lease.
func (h *handler) lease(i int, now time.Duration, kind dhcp.Kind) {
	if h.config.DHCP == nil && kind == dhcp.Inform {
		h.step(i, &device.Input{Kind: device.GotLease, Now: now, Lease: h.devices[i].Lease()})
		return
	}
	if h.config.DHCP == nil {
		h.step(i, &device.Input{Kind: device.GotLease, Now: now, Lease: h.config.Lease(i, &h.devices[i])})
		return
	}
	h.loop.Set(i, h.devices[i].Deadline())
	h.dhcp(i, dhcp.Input{Kind: kind, Now: now})
}

// dhcp tells a device's DHCP client what happened, and tells the device the result.
func (h *handler) dhcp(i int, in dhcp.Input) {
	for _, a := range h.config.DHCP.Step(i, in, nil) {
		h.leased(i, in.Now, a)
	}
	h.loop.Set(len(h.devices)+i, h.config.DHCP.Deadline(i))
}

func (h *handler) leased(i int, now time.Duration, a dhcp.Action) {
	switch a.Do {
	case dhcp.Use:
		lease := a.Reply.Lease
		note := fmt.Sprintf("from %v for %v", lease.Server, lease.Duration)
		if lease.Duration == dhcp.Never {
			note = fmt.Sprintf("from %v for ever", lease.Server)
		}
		h.step(i, &device.Input{Kind: device.GotLease, Now: now, Job: resync.DHCP, Lease: lease.Device(), Note: note})
	case dhcp.Told:
		lease := device.Lease{Addr: h.devices[i].Lease().Addr, Offer: a.Reply.Lease.Offer}
		h.step(i, &device.Input{Kind: device.GotLease, Now: now, Job: resync.DHCP, Lease: lease, Note: fmt.Sprintf("%v answers DHCPINFORM", a.Reply.Server)})
	case dhcp.Lose:
		h.step(i, &device.Input{Kind: device.LostLease, Now: now, Job: resync.DHCP, Note: a.Text()})
	case dhcp.Note:
		h.step(i, &device.Input{Kind: device.Remark, Now: now, Job: resync.DHCP, Note: a.Text()})
	}
}

// leave gives the leases back when the run ends.
func (h *handler) leave() {
	if h.config.DHCP == nil {
		return
	}
	for i := range h.devices {
		h.config.DHCP.Step(i, dhcp.Input{Kind: dhcp.Leave, Now: h.loop.Now()}, nil)
	}
}
