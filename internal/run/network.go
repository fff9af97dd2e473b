package run

import (
	"context"
	"fmt"
	"time"

	"provsim/device"
	"provsim/resync"
)

// Network carries transfers. Its methods are called in the driver's goroutine
// and must not block.
type Network interface {
	// Start begins transfer d, whose reply goes into d, once. The request is valid
	// until Start returns.
	Start(now time.Duration, req *device.Request, d Delivery)
}

// VirtualNetwork is a network that has no goroutine of its own: it lives in the driver's,
// as networks in virtual time do. New finds out whether its network is one.
type VirtualNetwork interface {
	Network
	// Wake says that the instant has come that [Delivery.Wake] asked for. The
	// transfer may have ended meanwhile.
	Wake(now time.Duration, d Delivery, tag uint64)
	// Cancel says that the device has given up a transfer. What is delivered into
	// it from now on is ignored.
	Cancel(now time.Duration, d Delivery)
}

// Delivery is where the reply to one transfer goes. Deliveries are equal by ==
// where they are of the same transfer.
type Delivery struct {
	driver   *Driver
	device   int32
	transfer uint32
}

// Device returns the number of the device in its driver.
func (d Delivery) Device() int { return int(d.device) }

// Transfer returns the number of the transfer among the device's, from 1.
func (d Delivery) Transfer() uint32 { return d.transfer }

// Now delivers the reply as soon as may be. It may be called from any goroutine.
func (d Delivery) Now(r device.Reply) {
	d.driver.loop.Post(event{device: d.device, transfer: d.transfer, more: &r})
}

// After delivers the reply some time from now, which is how a modelled network
// answers in virtual time. It is called in the driver's goroutine. Many transfers
// may share a reply.
func (d Delivery) After(wait time.Duration, r *device.Reply) {
	d.driver.loop.At(d.driver.loop.Now()+wait, event{device: d.device, transfer: d.transfer, more: r})
}

// Wake calls the network's [VirtualNetwork.Wake] some time from now with the tag, which
// means what the network wants it to. It is called in the driver's goroutine, and
// by a Model only.
func (d Delivery) Wake(wait time.Duration, tag uint64) {
	d.driver.loop.At(d.driver.loop.Now()+wait, event{device: d.device, transfer: d.transfer, tag: tag, more: wakeUp{}})
}

// Go calls f, which may take its time, in another goroutine. It does not wait. It
// may itself be called from any goroutine while the run lasts.
func (d Delivery) Go(f func()) { d.driver.workers.do(d.driver.ctx, f) }

// inflight is a transfer of a real network that is under way.
type inflight struct {
	transfer uint32
	ctx      context.Context
	release  context.CancelFunc
}

// Context returns a context that ends when the device gives the transfer up, has
// got the reply, or the run ends. It is asked for in Start.
func (d Delivery) Context() context.Context {
	if f, ok := d.driver.inflight[d.device]; ok && f.transfer == d.transfer {
		return f.ctx
	}
	ctx, release := context.WithCancel(d.driver.ctx)
	d.driver.inflight[d.device] = inflight{d.transfer, ctx, release}
	return ctx
}

// release ends the context of a transfer, if it has one.
func (h *handler) release(i int32, transfer uint32) {
	if f, ok := h.inflight[i]; ok && f.transfer == transfer {
		f.release()
		delete(h.inflight, i)
	}
}

// Fetcher asks a server and waits for the answer.
type Fetcher interface {
	Fetch(ctx context.Context, req device.Request) device.Reply
}

// Wire is the network of real servers: a Fetcher for each scheme.
type Wire map[string]Fetcher

// Start fetches in another goroutine.
func (w Wire) Start(_ time.Duration, req *device.Request, d Delivery) {
	ctx, asked := d.Context(), *req
	d.Go(func() { d.Now(w.Fetch(ctx, asked)) })
}

// Fetch asks the fetcher of the request's scheme. Without one the outcome is bad-rule.
func (w Wire) Fetch(ctx context.Context, req device.Request) device.Reply {
	fetcher, ok := w[req.Scheme]
	if !ok {
		return device.Reply{Outcome: resync.BadRule, Note: fmt.Sprintf("found the scheme %q, which is not supported", req.Scheme)}
	}
	return fetcher.Fetch(ctx, req)
}
