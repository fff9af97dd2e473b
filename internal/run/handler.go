package run

import (
	"time"

	"provsim/device"
	"provsim/internal/dhcp"
)

// handler is the driver as its loop sees it.
type handler Driver

// Soon fetches a device's memory.
func (h *handler) Soon(i int) {
	if i < len(h.devices) {
		h.touched += h.devices[i].Touch()
	}
}

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
	h.after(i, now, h.devices[i].Tick(now, h.fx[:0]))
}

func (h *handler) step(i int, in *device.Input) {
	h.after(i, in.Now, h.devices[i].Step(*in, h.fx[:0]))
}

// after carries out the effects of a step.
func (h *handler) after(i int, now time.Duration, fx []device.Effect) {
	ask, ok := h.carryOut(i, now, fx)
	switch {
	case !ok:
		return
	case ask:
		h.lease(i, now)
		return
	}
	d := &h.devices[i]
	h.loop.Set(i, d.Deadline())
	if h.config.Stop != nil && h.config.Stop(d) {
		h.stop(errStopped)
	}
}

// carryOut does what a step asks for and reports whether that is a lease, too,
// which comes last. An error ends the run: what could not be stored or journalled
// must not be built upon.
func (h *handler) carryOut(i int, now time.Duration, fx []device.Effect) (ask, ok bool) {
	outer := h.stepping
	h.stepping, h.fx = true, nil // a DHCP client may have something to say meanwhile
	ok = true
	for n := range fx {
		if err := h.do(i, now, &fx[n]); err != nil {
			h.stop(err)
			ok = false
			break
		}
		ask = ask || fx[n].Do == device.AskLease
	}
	h.stepping, h.fx = outer, fx
	return ask, ok
}

// do carries out one effect.
func (h *handler) do(i int, now time.Duration, fx *device.Effect) error {
	switch fx.Do {
	case device.Journal:
		return h.journal(i, now, fx)
	case device.Fetch:
		h.config.Network.Start(now, fx.Request, Delivery{(*Driver)(h), int32(i), fx.Transfer})
	case device.Cancel:
		h.land(int32(i), fx.Transfer)
		if h.model != nil {
			h.model.Cancel(now, Delivery{(*Driver)(h), int32(i), fx.Transfer})
		}
	case device.DropLease:
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

func (h *handler) journal(i int, now time.Duration, fx *device.Effect) error {
	r := &h.record
	r.T, r.Device, r.Number, r.Seq = now, h.devices[i].MAC(), int32(i), fx.Seq
	r.Event = fx.Event
	if !h.config.Epoch.IsZero() {
		r.Wall = h.config.Epoch.Add(now)
	}
	return h.config.Journal.Add(r)
}
