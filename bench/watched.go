package main

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/http/cookiejar"
	"os"
	"slices"
	"strings"
	"time"

	"provsim/device"
	"provsim/fleet"
	"provsim/internal/journal"
	"provsim/internal/run"
	"provsim/internal/tally"
	webfleet "provsim/internal/web/fleet"
)

// watched compares a fleet that nobody looks at with the same one whose dashboard
// somebody has open.
func (f *farm) watched(ctx context.Context, to io.Writer) error {
	load := []string{"watched-load", "-rule", fmt.Sprintf("http://%v/$PN.conf?mac=$MA", f.plain), "-phones", "100000", "-for", (2 * fleetTurn).String()}
	alone, err := own("nobody looks", load...)
	if err != nil {
		return err
	}
	open, err := own("the dashboard is open", append(slices.Clone(load), "-watched")...)
	if err != nil {
		return err
	}
	return fleetDuel(breathe).compare(ctx, to, "100,000 phones over HTTP, 64 at once, and their dashboard, files/s", alone, open)
}

// watchedLoadMain is fleet-load with a tally, as every fleet has one, and where
// it is wanted with a dashboard that somebody has open.
func watchedLoadMain(ctx context.Context, to io.Writer, args []string) error {
	isOpen := slices.Contains(args, "-watched")
	l, err := parseFleetLoad(slices.DeleteFunc(args, func(a string) bool { return a == "-watched" }))
	if err != nil {
		return err
	}
	devices, err := l.devices()
	if err != nil {
		return err
	}
	crowd := crowd(l.phones)
	counts := tally.New(tally.Config{Devices: l.phones, Index: crowd.Index, Duration: l.length})
	loop := newClosedLoop(counts, l.phones)
	loop.driver = l.driver(devices, loop)
	if isOpen {
		o := &onlooker{driver: loop.driver, tally: counts, until: l.length}
		if err := o.open(ctx, crowd); err != nil {
			return err
		}
		defer o.page.Close()
		loop.sink = journal.Tee(counts, o.page)
	}
	took, err := l.run(ctx, loop)
	if err != nil {
		return err
	}
	return report(to, loop.done, loop.failed, loop.why, took)
}

// crowd is so many phones of [fleetLoad.devices].
type crowd int

func (c crowd) Len() int                 { return int(c) }
func (c crowd) MAC(i int) device.MAC     { return macOf(i) }
func (c crowd) Index(mac device.MAC) int { return phoneOf(mac) }
func (c crowd) Number(i int) int         { return i }
func (c crowd) Site(i int) (string, int) { return "", i }
func (c crowd) Sites() []string          { return nil }

// onlooker has a run's dashboard open.
type onlooker struct {
	driver *run.Driver
	tally  *tally.Tally
	until  time.Duration
	page   *webfleet.Page
}

// Look is that of [fleet.Control].
func (o *onlooker) Look(f func(fleet.Progress)) {
	o.driver.Look(0, func(_ *device.Device, now time.Duration) {
		f(fleet.Progress{Now: now, Until: o.until, Tally: o.tally})
	})
}

// Happen does nothing: who looks on does not act.
func (o *onlooker) Happen(fleet.Event) error { return errors.ErrUnsupported }

// open opens the page, with news each second, and reads all that it sends.
func (o *onlooker) open(ctx context.Context, c crowd) (err error) {
	const password = "of a measurement"
	if o.page, err = webfleet.New(webfleet.Config{Address: "127.0.0.1:0", User: "admin", Password: password, Crew: c}); err != nil {
		return err
	}
	o.page.Attach(o)
	var tick func(time.Duration)
	tick = func(now time.Duration) {
		o.page.Changed()
		o.driver.Do(now+time.Second, tick)
	}
	o.driver.Do(time.Second, tick)
	jar, err := cookiejar.New(nil)
	if err != nil {
		return err
	}
	client := &http.Client{Jar: jar}
	login, err := client.Post(o.page.URL()+"api/login", "application/json", strings.NewReader(`{"user":"admin","password":"`+password+`"}`))
	if err != nil {
		return err
	}
	login.Body.Close()
	ask, err := http.NewRequestWithContext(ctx, http.MethodGet, o.page.URL()+"overview/live", nil)
	if err != nil {
		return err
	}
	go func() {
		answer, err := client.Do(ask)
		if err != nil {
			return
		}
		defer answer.Body.Close()
		if n, err := io.Copy(io.Discard, bufio.NewReader(answer.Body)); n == 0 {
			fmt.Fprintln(os.Stderr, "the dashboard sent nothing:", err)
		}
	}()
	return nil
}
