package conform

import (
	"context"
	"fmt"
	"slices"
	"sync"
	"time"

	"provsim/conform/check"
)

// grace is how long a check may go on after its time or the examination has
// ended, before it is left behind.
const grace = time.Second

// Examine asks a target and reports what came of it. Checks that stand each
// other run at once, the others one by one after them. The end of the context
// ends the examination: its report then has what was found so far, and is
// Interrupted.
//
// An error means that nothing was asked: the target or the options are wrong.
func Examine(ctx context.Context, target check.Target, o Options) (*Report, error) {
	checks, err := o.choose()
	if err != nil {
		return nil, err
	}
	probe, err := check.NewProbe(&target, check.Settings{Patience: o.Patience, Allow: o.Allow})
	if err != nil {
		return nil, err
	}
	e := &examination{options: o, probe: probe, began: time.Now(), all: len(checks)}
	if e.options.Timeout <= 0 {
		e.options.Timeout = DefaultTimeout
	}
	if e.options.Parallel <= 0 {
		e.options.Parallel = DefaultParallel
	}
	results := e.run(ctx, checks)
	return &Report{
		Target: target, Began: e.began, Took: time.Since(e.began),
		Results: results, Interrupted: ctx.Err() != nil,
	}, nil
}

// examination is one that is under way.
type examination struct {
	options Options
	probe   *check.Probe
	began   time.Time
	all     int

	mu   sync.Mutex
	done int
}

// run carries out the checks, and returns their results in the same order.
func (e *examination) run(ctx context.Context, checks []check.Check) []Result {
	results := make([]Result, len(checks))
	var workers sync.WaitGroup
	slots := make(chan struct{}, e.options.Parallel)
	for i, c := range checks {
		if c.Alone {
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
	r := Result{Check: c, Began: time.Since(e.began)}
	switch lack := e.probe.Lacks(c); {
	case ctx.Err() != nil:
		r.Finding = check.Skip("the examination was interrupted")
	case lack != "":
		r.Finding = check.Skip("%s", lack)
	default:
		r.Finding = e.bounded(ctx, c).Clean()
	}
	r.Known = r.Verdict == check.Failed && slices.Contains(e.options.Baseline, Known{c.ID, r.Expected, r.Actual})
	r.Took = time.Since(e.began) - r.Began
	e.mu.Lock()
	defer e.mu.Unlock()
	e.done++
	if e.options.Progress != nil {
		e.options.Progress(r, e.done, e.all)
	}
	return r
}

// bounded runs a check for its time. One that does not heed the end of its
// context is left behind, lest it hold up the others.
func (e *examination) bounded(ctx context.Context, c check.Check) check.Finding {
	ctx, cancel := context.WithTimeout(ctx, e.options.Timeout)
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
