package run

import (
	"context"
	"time"

	"provsim/device"
	"provsim/internal/dhcp"
	"provsim/internal/journal"
)

// handler is the driver as its loop sees it.
type handler Driver

// Wake ticks a device whose deadline has come, or its DHCP client, which has
// the numbers behind the devices.
func (h *handler) Wake(i int, now time.Duration) {
	if client := i - len(h.devices); client >= 0 {
		h.dhcp(client, dhcp.Input{Kind: dhcp.Tick, Now: now})
		return
	}
	h.step(i, device.Input{Kind: device.Tick, Now: now})
}

// Handle tells a device what happened.
func (h *handler) Handle(in input, now time.Duration) {
	if in.look != nil {
		in.look(h.devices[in.device], now)
		return
	}
	if in.reply != nil {
		h.dhcp(in.device, dhcp.Input{Kind: dhcp.Receive, Now: now, Reply: in.reply})
		return
	}
	if f := &h.flights[in.device]; in.Kind == device.GotReply && f.land != nil && f.transfer == in.Transfer {
		f.land()
		*f = flight{}
	}
	in.Now = now
	h.step(in.device, in.Input)
}

func (h *handler) step(i int, in device.Input) {
	d := h.devices[i]
	h.fx = d.Step(in, h.fx[:0])
	defer clear(h.fx)
	ask := false
	for _, fx := range h.fx {
		if err := h.do(i, in.Now, fx); err != nil {
			h.stop(err)
			return
		}
		ask = ask || fx.Do == device.AskLease
	}
	if ask {
		h.lease(i, in.Now)
		return
	}
	h.loop.Set(i, d.Deadline())
	if h.config.Stop != nil && h.config.Stop(d) {
		h.stop(errStopped)
	}
}

// do carries out one effect. Its error ends the run: what could not be stored
// or journalled must not be built upon.
func (h *handler) do(i int, now time.Duration, fx device.Effect) error {
	switch fx.Do {
	case device.Journal:
		return h.config.Journal.Add(h.record(i, now, fx.Event))
	case device.Fetch:
		ctx, cancel := context.WithCancel(h.ctx)
		h.flights[i] = flight{fx.Transfer, cancel}
		h.config.Network.Start(ctx, *fx.Request, Delivery{(*Driver)(h), i, fx.Transfer})
	case device.Cancel:
		h.flights[i].land()
		h.flights[i] = flight{}
	case device.DropLease:
		if h.config.DHCP != nil {
			h.dhcp(i, dhcp.Input{Kind: dhcp.PowerOff, Now: now})
		}
	case device.Save:
		if h.config.Save != nil {
			return h.config.Save(h.devices[i].Identity().MAC, fx.Stored)
		}
	}
	return nil
}

func (h *handler) record(i int, now time.Duration, e device.Event) journal.Record {
	h.seq[i]++
	r := journal.Record{T: now, Device: h.devices[i].Identity().MAC, Seq: h.seq[i], Event: e}
	if !h.config.Epoch.IsZero() {
		r.Wall = h.config.Epoch.Add(now)
	}
	return r
}
