package main

import (
	"errors"
	"fmt"
	"time"

	"github.com/spf13/pflag"

	"provsim/device"
	"provsim/fleet"
	"provsim/internal/fetch/tftp"
	"provsim/internal/fetch/web"
	"provsim/internal/limits"
	"provsim/internal/run"
	"provsim/internal/source"
)

// wireFlags say how a fleet reaches its server.
type wireFlags struct {
	from      []string
	atOnce    int
	perSecond float64
	mine      bool
}

func (f *wireFlags) add(fs *pflag.FlagSet) {
	fs.StringSliceVar(&f.from, "source-ips", nil, "addresses that devices come from, `CIDR`; each has to be this machine's; repeatable")
	fs.IntVar(&f.atOnce, "max-at-once", 0, "at most so many `TRANSFERS` at once; the others queue, and their wait counts (default: no ceiling)")
	fs.Float64Var(&f.perSecond, "max-per-second", 0, "start at most so many `TRANSFERS` a second; the others queue, and their wait counts (default: no ceiling)")
	fs.BoolVar(&f.mine, "yes-this-is-my-server", false, "allow targets that are not private addresses")
}

// nameTTL is how long a fleet remembers what a host name resolves to.
const nameTTL = 10 * time.Second

// fleetWire is the network of a fleet: real servers, many sources, ceilings.
type fleetWire struct {
	fetchers run.Wire
	ceiling  *source.Ceiling
	pool     *source.Pool
	here     bool // a server that speaks TLS is on this machine
}

// open checks where the scenario's devices would go before anything is sent.
func (f *wireFlags) open(e *env, r *fleet.Roster) (*fleetWire, error) {
	if f.atOnce < 0 || f.perSecond < 0 {
		return nil, usage(errors.New("--max-at-once and --max-per-second, want ceilings above 0"), "")
	}
	if _, err := limits.RaiseDescriptors(uint64(2*r.Len() + 1000)); err != nil {
		fmt.Fprintf(e.err, "provsim: warning: %v\n", err)
	}
	w := &fleetWire{ceiling: source.NewCeiling(f.atOnce, f.perSecond)}
	dialer := &source.Dialer{Names: source.NewNames(nameTTL), Public: f.mine}
	if len(f.from) > 0 {
		var err error
		if w.pool, err = source.ParsePool(f.from...); err != nil {
			return nil, usage(err, "")
		}
		if err := w.pool.Check(r.Len()); err != nil {
			return nil, cannot(err, "")
		}
		dialer.Pool = w.pool
	}
	for _, host := range r.Hosts() {
		if err := dialer.Allowed(e.ctx, host.Name); errors.Is(err, source.ErrPublic) {
			return nil, usage(err, "--yes-this-is-my-server allows it, if it is")
		}
		w.here = w.here || host.Scheme == "https" && dialer.Here(e.ctx, host.Name)
	}
	wires := &web.Client{DialContext: dialer.DialContext}
	w.fetchers = run.Wire{
		"tftp": &tftp.Client{Listen: dialer.Listen, Resolver: dialer.Names},
		"http": wires, "https": wires,
	}
	return w, nil
}

// Start fetches when the ceilings let it.
func (w *fleetWire) Start(_ time.Duration, req *device.Request, d run.Delivery) {
	r, ctx := *req, d.Context()
	w.ceiling.Go(ctx, d.Go, func(time.Duration) {
		d.Now(w.fetchers[r.Scheme].Fetch(source.WithDevice(ctx, d.Device()), r))
	})
}

// sources returns how many addresses devices come from.
func (w *fleetWire) sources() int {
	if w.pool == nil {
		return 1
	}
	return w.pool.Len()
}
