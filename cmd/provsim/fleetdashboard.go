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

// dashboardFlags are the address and the login of a run's dashboard.
type dashboardFlags struct{ web webFlags }

func (f *dashboardFlags) add(fs *pflag.FlagSet) {
	f.web.addFor(fs, "the run's dashboard", "a new one, which is printed")
}

// dashboard is the page of a run. Without --web its Page is nil.
type dashboard struct{ *webfleet.Page }

// open makes the dashboard of a run, listens, and prints the address. Without a
// password file the password is random and printed.
func (f *dashboardFlags) open(e *env, c webfleet.Config) (dashboard, error) {
	if f.web.address == "" {
		return dashboard{}, nil
	}
	if err := checkListen("web", f.web.address); err != nil {
		return dashboard{}, err
	}
	c.Address, c.User, c.Hosts = f.web.address, f.web.user, f.web.names()
	random := strings.ToLower(rand.Text())
	var err error
	if c.Password, err = f.web.password(e, random); err != nil {
		return dashboard{}, err
	}
	if c.TLS, err = f.web.certificate(e); err != nil {
		return dashboard{}, err
	}
	page, err := webfleet.New(c)
	if err != nil {
		return dashboard{}, cannotListen("web", err)
	}
	fmt.Fprintf(e.err, "provsim: the dashboard is at %s, user %s", page.URL(), c.User)
	if c.Password == random {
		fmt.Fprintf(e.err, ", password %s", random)
	}
	fmt.Fprintln(e.err)
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
