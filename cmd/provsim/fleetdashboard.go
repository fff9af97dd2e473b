package main

import (
	"fmt"

	"github.com/spf13/pflag"

	"provsim/fleet"
	"provsim/internal/journal"
	webfleet "provsim/internal/web/fleet"
)

// dashboard is the page of a run. Without --web its Page is nil.
type dashboard struct{ *webfleet.Page }

// addDashboard adds the flags of a run's dashboard.
func (f *webFlags) addDashboard(fs *pflag.FlagSet) {
	f.addFor(fs, "the run's dashboard", "a new one, which is printed")
}

// openDashboard makes the dashboard of a run, listens, and prints the address.
func (f *webFlags) openDashboard(e *env, c webfleet.Config) (dashboard, error) {
	if f.address == "" {
		return dashboard{}, nil
	}
	a, err := f.access(e, "")
	if err != nil {
		return dashboard{}, err
	}
	c.Access = a.Access
	page, err := webfleet.New(c)
	if err != nil {
		return dashboard{}, cannotListen("web", err)
	}
	a.tell(e, "the dashboard", page.URL())
	return dashboard{page}, nil
}

// sinks returns the page, which reads the journal.
func (d dashboard) sinks() []journal.Sink {
	if d.Page == nil {
		return nil
	}
	return []journal.Sink{d.Page}
}

// attach gives the page a run that is about to begin.
func (d dashboard) attach(c *fleet.Control) {
	if d.Page != nil {
		d.Attach(c)
	}
}

// linger keeps the page of a run that has ended until the user interrupts.
func (d dashboard) linger(e *env) {
	if d.Page != nil {
		fmt.Fprintln(e.err, "provsim: the dashboard stays until an interrupt")
		<-e.ctx.Done()
	}
}

func (d dashboard) close() {
	if d.Page != nil {
		d.Close()
	}
}
