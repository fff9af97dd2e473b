package conform

import (
	"context"
	"fmt"
	"path"
	"slices"
	"sync"
	"time"

	"provsim/conform/check"
)

// grace is how long a check may go on after its time or the examination has
// ended, before it is left behind.
const grace = time.Second

// Examine runs checks on a target and reports the results. Checks that do not disturb
// each other run at once, the others one by one after them. The end of the context
// ends the examination: its report then has what was found so far, and is
// Interrupted.
//
// An error means that nothing was asked: the target or the options are wrong.
func Examine(ctx context.Context, target check.Target, o Options) (*Report, error) {
	return ExamineEach(ctx, []check.Target{target}, o)
}

// ExamineEach examines a setup as the phones of several vendors: one target after the
// other, in one report. They are one setup: the report's target is the first one.
func ExamineEach(ctx context.Context, targets []check.Target, o Options) (*Report, error) {
	checks, err := o.Choose()
	if err != nil {
		return nil, err
	}
	if o.Timeout <= 0 {
		o.Timeout = DefaultTimeout
	}
	if o.Parallel <= 0 {
		o.Parallel = DefaultParallel
	}
	r := &Report{Began: time.Now()}
	var all []*examination
	for i := range targets {
		t := &targets[i]
		e := &examination{options: o, began: r.Began, checks: slices.Clone(checks)}
		if e.probe, err = check.NewProbe(t, check.Settings{Patience: o.Patience, Allow: o.Allow}); err != nil {
			return nil, err
		}
		if len(o.Only) == 0 { // else they are skipped, and say why
			e.checks = slices.DeleteFunc(e.checks, func(c check.Check) bool { return path.Dir(c.ID) != "files" && e.probe.Foreign(c) != nil })
		}
		if len(targets) > 1 {
			e.vendor = t.Vendor
			r.Vendors = append(r.Vendors, Vendor{t.Vendor, len(t.Phones) + len(t.Rest)})
		}
		all = append(all, e)
	}
	r.Target = targets[0]
	for _, e := range all {
		e.probe.Settle(ctx)
		e.reporters = e.findReporters(ctx, e.checks)
		r.Results = append(r.Results, e.run(ctx, e.checks)...)
		r.Servers = append(r.Servers, e.probe.Servers()...)
	}
	slices.Sort(r.Servers)
	r.Servers = slices.Compact(r.Servers)
	r.Took, r.Interrupted = time.Since(r.Began), ctx.Err() != nil
	return r, nil
}

// examination is one that is under way.
type examination struct {
	options Options
	probe   *check.Probe
	vendor  string // of the phones, where there are others; ""
	began   time.Time
	checks  []check.Check
	// reporters are the checks that report that a server cannot be reached, by its URL.
	reporters map[string]string

	mu   sync.Mutex
	done int
}

// run carries out the checks, and returns their results in the same order. Those that
// wait begin first and take no place from those that load the server.
func (e *examination) run(ctx context.Context, checks []check.Check) []Result {
	results := make([]Result, len(checks))
	var workers sync.WaitGroup
	for i, c := range checks {
		if c.Patient && !c.Alone {
			workers.Go(func() { results[i] = e.one(ctx, c) })
		}
	}
	slots := make(chan struct{}, e.options.Parallel)
	for i, c := range checks {
		if c.Alone || c.Patient {
			continue
		}
		slots <- struct{}{}
		workers.Go(func() {
			results[i] = e.one(ctx, c)
			<-slots
		})
	}
	workers.Wait()
	for i, c := range checks {
		if c.Alone {
			results[i] = e.one(ctx, c)
		}
	}
	return results
}

// one carries out one check, whatever it does.
func (e *examination) one(ctx context.Context, c check.Check) Result {
	r := Result{Check: c, Vendor: e.vendor, Began: time.Since(e.began)}
	switch lack := e.probe.Lacks(c); {
	case ctx.Err() != nil:
		r.Finding = check.Skip("the examination was interrupted")
	case lack != "":
		r.Finding = check.Skip("%s", lack)
	case e.unreached(ctx, c) != "":
		server := e.unreached(ctx, c)
		r.Finding = check.Skip("%s does not answer: see %s", server, e.reporters[server])
	default:
		r.Finding = e.bounded(ctx, c).Clean()
	}
	r.Known = r.Verdict == check.Failed && slices.Contains(e.options.Baseline, Known{c.ID, r.Vendor, r.Expected, r.Actual})
	r.Took = time.Since(e.began) - r.Began
	e.mu.Lock()
	defer e.mu.Unlock()
	e.done++
	if e.options.Progress != nil {
		e.options.Progress(r, e.done, len(e.checks))
	}
	return r
}

// findReporters returns for each server that cannot be reached the first check that
// asks it.
func (e *examination) findReporters(ctx context.Context, checks []check.Check) map[string]string {
	reporters := map[string]string{}
	for _, c := range checks {
		if e.probe.Lacks(c) != "" {
			continue
		}
		if server := e.probe.Unreached(ctx, c); server != "" && reporters[server] == "" {
			reporters[server] = c.ID
		}
	}
	return reporters
}

// unreached returns the server that a check has to ask and that cannot be reached, if
// another check reports it.
func (e *examination) unreached(ctx context.Context, c check.Check) string {
	if server := e.probe.Unreached(ctx, c); e.reporters[server] != c.ID {
		return server
	}
	return ""
}

// bounded runs a check for its time. One that goes on after the end of its
// context is left behind, so that it does not hold up the others.
func (e *examination) bounded(ctx context.Context, c check.Check) check.Finding {
	limit := e.options.Timeout
	if c.Each {
		limit *= time.Duration(1 + len(e.probe.Target.Rest)/50)
	}
	ctx, cancel := context.WithTimeout(ctx, limit)
	defer cancel()
	ended := make(chan check.Finding, 1)
	go func() { ended <- guarded(ctx, c, e.probe) }()
	select {
	case f := <-ended:
		return f
	case <-ctx.Done():
	}
	late := time.NewTimer(grace)
	defer late.Stop()
	select {
	case f := <-ended:
		return f
	case <-late.C:
		return check.Errorf("the check did not end within %v of its time: %w", grace, ctx.Err())
	}
}

// guarded turns a panic into a finding: a server's answer must not end the
// examination.
func guarded(ctx context.Context, c check.Check, p *check.Probe) (f check.Finding) {
	defer func() {
		if what := recover(); what != nil {
			f = check.Errorf("%w: %v", errPanic, what)
		}
	}()
	return c.Run(ctx, p)
}

var errPanic = fmt.Errorf("the check panicked, which is an error of ours")
