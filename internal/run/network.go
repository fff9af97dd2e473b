package run

import (
	"context"
	"time"

	"provsim/device"
)

// Network carries transfers. Start begins one and returns at once; the reply
// goes into the delivery, once. When the context ends the reply no longer
// matters.
type Network interface {
	Start(ctx context.Context, req device.Request, reply Delivery)
}

// Delivery is where the reply to one transfer goes.
type Delivery struct {
	driver   *Driver
	device   int
	transfer uint32
}

// Now delivers the reply as soon as may be. It may be called from any goroutine.
func (d Delivery) Now(r device.Reply) { d.driver.loop.Post(d.input(r)) }

// After delivers the reply some time from now. It must be called from within
// Start, which is how a modelled network answers in virtual time.
func (d Delivery) After(wait time.Duration, r device.Reply) {
	d.driver.loop.At(d.driver.loop.Now()+wait, d.input(r))
}

func (d Delivery) input(r device.Reply) input {
	return input{device: d.device, Input: device.Input{Kind: device.GotReply, Transfer: d.transfer, Reply: r}}
}

// Fetcher asks a server and waits for the answer.
type Fetcher interface {
	Fetch(ctx context.Context, req device.Request) device.Reply
}

// Wire is the network of real servers: a Fetcher for each scheme.
type Wire map[string]Fetcher

// Start fetches in a goroutine of its own.
func (w Wire) Start(ctx context.Context, req device.Request, reply Delivery) {
	go func() { reply.Now(w[req.Scheme].Fetch(ctx, req)) }()
}
