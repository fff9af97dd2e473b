package run

import (
	"net/netip"
	"time"

	"provsim/device"
	"provsim/internal/dhcp"
	"provsim/resync"
)

// handler is the driver as its loop sees it.
type handler Driver

// Wake ticks a device whose deadline has come, or its DHCP client, which has
// the numbers behind the devices.
func (h *handler) Wake(i int, due, now time.Duration) {
	if client := i - len(h.devices); client >= 0 {
		h.dhcp(client, dhcp.Input{Kind: dhcp.Tick, Now: now})
		return
	}
	if h.config.Lag != nil {
		h.config.Lag(due, now)
	}
	h.step(i, &device.Input{Kind: device.Tick, Now: now})
}

func (h *handler) step(i int, in *device.Input) {
	h.after(i, in.Now, h.devices[i].Step(in, h.fx[:0]))
}

// after carries out the effects of a step.
func (h *handler) after(i int, now time.Duration, fx []device.Effect) {
	ask, ok := h.carryOut(i, now, fx)
	switch {
	case !ok:
		return
	case ask != dhcp.Tick:
		h.lease(i, now, ask)
		return
	}
	if len(h.orders) > 0 {
		h.obey(i)
	}
	d := &h.devices[i]
	h.loop.Set(i, d.Deadline())
	if h.config.Stop != nil && h.config.Stop(d) {
		h.stop(errStopped)
	}
}

// obey begins the order that has waited longest for a device that is free.
func (h *handler) obey(i int) {
	n := int32(i)
	waiting := h.orders[n]
	if len(waiting) == 0 || !h.devices[i].Free() {
		return
	}
	if h.orders[n] = waiting[1:]; len(waiting) == 1 {
		delete(h.orders, n)
	}
	in := waiting[0]
	in.Now = h.loop.Now()
	h.step(i, &in)
}

// carryOut does what a step asks for, and returns what it asks the network for, too,
// which comes last. An error ends the run: what could not be stored or journalled
// must not be built upon.
func (h *handler) carryOut(i int, now time.Duration, fx []device.Effect) (ask dhcp.Kind, ok bool) {
	outer := h.stepping
	h.stepping, h.fx = true, nil // a DHCP client may have something to say meanwhile
	ok = true
	for n := range fx {
		if kind := leaseKind(&fx[n]); kind != dhcp.Tick {
			ask = kind
			continue
		}
		if err := h.do(i, now, &fx[n]); err != nil {
			h.stop(err)
			ok = false
			break
		}
	}
	h.stepping, h.fx = outer, fx
	return ask, ok
}

// leaseKind returns what an effect leaseKind the network for; [dhcp.Tick] is nothing.
func leaseKind(fx *device.Effect) dhcp.Kind {
	switch {
	case fx.Do == device.AskMore:
		return dhcp.Inform
	case fx.Do == device.AskLease && fx.Ask == device.AskAgain:
		return dhcp.Again
	case fx.Do == device.AskLease:
		return dhcp.Start
	}
	return dhcp.Tick
}

// do carries out one effect.
func (h *handler) do(i int, now time.Duration, fx *device.Effect) error {
	switch fx.Do {
	case device.Journal:
		return h.journal(i, now, fx)
	case device.Fetch:
		h.config.Network.Start(now, fx.Request, Delivery{(*Driver)(h), int32(i), fx.Transfer})
	case device.Cancel:
		h.release(int32(i), fx.Transfer)
		if h.model != nil {
			h.model.Cancel(now, Delivery{(*Driver)(h), int32(i), fx.Transfer})
		}
	case device.Obey:
		(*Driver)(h).order(i, device.Input{Kind: device.AskOrder, Cause: resync.Person, Note: fx.Event.Note})
	case device.DropLease:
		delete(h.orders, int32(i))
		h.reach(i, netip.Addr{})
		if h.config.DHCP != nil {
			h.dhcp(i, dhcp.Input{Kind: dhcp.PowerOff, Now: now})
		}
	case device.Save:
		if h.config.Save != nil {
			return h.config.Save(h.devices[i].MAC(), fx.Stored)
		}
	}
	return nil
}

func (h *handler) reach(i int, addr netip.Addr) {
	if h.config.Reach != nil {
		h.config.Reach(i, addr)
	}
}

func (h *handler) journal(i int, now time.Duration, fx *device.Effect) error {
	if fx.Event.Kind == device.Leased {
		h.reach(i, h.devices[i].Lease().Addr)
	}
	r := &h.record
	r.T, r.Device, r.Number, r.Seq = now, h.devices[i].MAC(), int32(i), fx.Seq
	r.Event = fx.Event
	if !h.config.Epoch.IsZero() {
		r.Wall = h.config.Epoch.Add(now)
	}
	if err := h.config.Journal.Add(r); err != nil || h.config.Observe == nil {
		return err
	}
	h.config.Observe(&h.devices[i], &r.Event)
	return nil
}
