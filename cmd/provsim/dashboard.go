package main

import (
	"crypto/rand"
	"fmt"
	"strings"

	"github.com/spf13/pflag"

	"provsim/fleet"
	"provsim/internal/journal"
	webfleet "provsim/internal/web/fleet"
)

// dashboardFlags say where the dashboard of a run is, and for whom.
type dashboardFlags struct{ web webFlags }

func (f *dashboardFlags) add(fs *pflag.FlagSet) {
	f.web.addFor(fs, "the run's dashboard", "a new one, which is printed")
}

// dashboard is the page that the flags ask for, or none.
type dashboard struct{ *webfleet.Page }

// open makes the dashboard of a run, listens, and says where. Nobody guesses its
// password: without a file it is new for each run.
func (f *dashboardFlags) open(e *env, c webfleet.Config) (dashboard, error) {
	if f.web.address == "" {
		return dashboard{}, nil
	}
	c.Address, c.User, c.Hosts = f.web.address, f.web.user, f.web.names()
	random := strings.ToLower(rand.Text())
	var err error
	if c.Password, err = f.web.password(random); err != nil {
		return dashboard{}, err
	}
	if c.TLS, err = f.web.certificate(); err != nil {
		return dashboard{}, err
	}
	page, err := webfleet.New(c)
	if err != nil {
		return dashboard{}, cannot(fmt.Errorf("--web: %w", err), "another program may use that address")
	}
	fmt.Fprintf(e.err, "provsim: the dashboard is at %s, user %s", page.URL(), c.User)
	if c.Password == random {
		fmt.Fprintf(e.err, ", password %s", random)
	}
	fmt.Fprintln(e.err)
	return dashboard{page}, nil
}

// sinks returns the page as a reader of the journal.
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

// linger keeps the page of a run that has ended up until the user interrupts.
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
