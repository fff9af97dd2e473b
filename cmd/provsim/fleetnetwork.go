package main

import (
	"errors"
	"fmt"
	"time"

	"github.com/spf13/pflag"

	"provsim/device"
	"provsim/fleet"
	"provsim/internal/egress"
	"provsim/internal/fetch/ftp"
	"provsim/internal/fetch/tftp"
	"provsim/internal/fetch/web"
	"provsim/internal/limits"
	"provsim/internal/run"
)

// networkFlags say how a fleet reaches its server.
type networkFlags struct {
	from      []string
	atOnce    int
	perSecond float64
	mine      bool
}

func (f *networkFlags) add(fs *pflag.FlagSet) {
	fs.StringSliceVar(&f.from, "source-ips", nil, "addresses that devices come from, `CIDR`; each has to be this machine's; repeatable")
	fs.IntVar(&f.atOnce, "max-at-once", 0, "most `TRANSFERS` at once; the others queue, and their wait counts (default: no limit)")
	fs.Float64Var(&f.perSecond, "max-per-second", 0, "most `TRANSFERS` that start in a second; the others queue, and their wait counts (default: no limit)")
	fs.BoolVar(&f.mine, "yes-this-is-my-server", false, "allow targets that are not private addresses")
}

// nameTTL is how long a fleet remembers what a host name resolves to.
const nameTTL = 10 * time.Second

// fleetNetwork is the network of a fleet: real servers, many sources, limits.
type fleetNetwork struct {
	fetchers run.Wire
	limiter  *egress.Limiter
	pool     *egress.Pool
	here     bool // a server is on this machine
}

// open checks where the scenario's devices would go before anything is sent.
func (f *networkFlags) open(e *env, r *fleet.Inventory) (*fleetNetwork, error) {
	if f.atOnce < 0 || f.perSecond < 0 {
		return nil, usage(errors.New("--max-at-once and --max-per-second, want a limit above 0"), "")
	}
	if _, err := limits.RaiseDescriptors(openFiles(r.Len())); err != nil {
		fmt.Fprintf(e.err, "provsim: warning: %v\n", err)
	}
	w := &fleetNetwork{limiter: egress.NewLimiter(f.atOnce, f.perSecond)}
	dialer := &egress.Dialer{Names: egress.NewNames(nameTTL), Public: f.mine}
	if len(f.from) > 0 {
		var err error
		if w.pool, err = egress.ParsePool(f.from...); err != nil {
			return nil, usage(err, "")
		}
		if err := w.pool.Check(r.Len()); err != nil {
			return nil, cannot(err, "")
		}
		dialer.Pool = w.pool
	}
	for _, host := range r.Hosts() {
		if err := dialer.Allowed(e.ctx, host.Name); errors.Is(err, egress.ErrPublic) {
			return nil, usage(err, "--yes-this-is-my-server allows it, if it is")
		}
		w.here = w.here || dialer.Here(e.ctx, host.Name)
	}
	wires := &web.Client{DialContext: dialer.DialContext}
	w.fetchers = run.Wire{
		"tftp": &tftp.Client{Listen: dialer.Listen, Resolver: dialer.Names},
		"http": wires, "https": wires, "ftp": &ftp.Client{DialContext: dialer.DialContext},
	}
	return w, nil
}

// Start fetches when the limits let it.
func (w *fleetNetwork) Start(_ time.Duration, req *device.Request, d run.Delivery) {
	r, ctx := *req, d.Context()
	w.limiter.Go(ctx, d.Go, func(time.Duration) {
		d.Now(w.fetchers.Fetch(egress.WithDevice(ctx, d.Device()), r))
	})
}

// sources returns how many addresses devices come from.
func (w *fleetNetwork) sources() int {
	if w.pool == nil {
		return 1
	}
	return w.pool.Len()
}

// openFiles is how many files and sockets a number of devices needs at most.
func openFiles(devices int) uint64 { return uint64(3*devices + 1000) }
